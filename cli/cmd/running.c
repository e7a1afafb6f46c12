#include "cli/cmd/running.h"

#include "cli/answers/ask.h"
#include "cli/base/msg.h"
#include "cli/base/pattern.h"
#include "cli/base/units.h"
#include "cli/outputs/outputs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int running_pid(const char *command, int argc, char **argv, int *pid)
{
	struct err err = {0};
	uint64_t number;

	if (argc != 1)
		return msg_error(STATUS_USAGE, "%s takes one PID; see memwatch help %s", command, command);
	if (units_number(argv[0], 1, INT_MAX, &number, &err))
		return msg_error(STATUS_USAGE, "%s takes the PID of a process: %s", command, err.text);
	*pid = (int)number;
	return STATUS_OK;
}

static bool to_stdout(const struct opts_output *output)
{
	return !output->path || !strcmp(output->path, "-");
}

/* The text is left out if it would be mixed with another format on stdout. */
static bool is_left_out(const struct options *options, size_t i)
{
	bool taken = false;

	for (size_t k = 0; k < options->n_outputs; k++)
		taken |= k != i && options->outputs[k].path && to_stdout(&options->outputs[k]);
	return !options->outputs[i].path && taken;
}

static int fill_request(const struct options *options, struct request *request, struct err *err)
{
	request->how = (struct render_options){
		.top = options->top,
		.show = options->show,
		.verbose = options->verbose,
		.quiet = options->quiet,
		.memcheck = options->memcheck,
	};
	if (options->n_outputs > REQUEST_MAX_OUTPUTS)
		return err_set(err, "more than %d formats at once", REQUEST_MAX_OUTPUTS);
	for (size_t i = 0; i < options->n_outputs; i++) {
		const struct opts_output *output = &options->outputs[i];
		char *name = request->outputs[request->n_outputs];

		if (is_left_out(options, i))
			continue;
		request->n_outputs++;
		if (strlen(output->format) >= sizeof(request->outputs[0]))
			return err_set(err, "%s is not a format of running processes", output->format);
		strcpy(name, output->format);
		if (!strcmp(name, "text"))
			request->how.color = outputs_wants_color((enum color_when)options->color,
								 to_stdout(output) && isatty(STDOUT_FILENO));
	}
	return 0;
}

/* With --quiet an output may be empty, and then there is no file. */
static int write_output(const struct opts_output *output, const struct ask_output *from,
			const struct pattern_values *values, bool quiet, struct err *err)
{
	char *path = pattern_expand(output->path ? output->path : "-", values, err);
	struct out *out;

	if (!path)
		return -1;
	out = quiet && from->n == 0 ? NULL : out_open(path, err);
	free(path);
	if (!out)
		return quiet && from->n == 0 ? 0 : -1;
	out_write(out, from->bytes, from->n);
	return out_close(out, err);
}

int running_ask(const struct options *options, enum request_verb verb, int pid, struct err *err)
{
	struct request request = {.verb = verb, .pid = pid};
	struct ask_answer answer;
	int status = STATUS_OK;
	size_t n = 0;

	if (fill_request(options, &request, err) || ask(&request, options->timeout_ns, &answer, err))
		return STATUS_FAILED;
	for (size_t i = 0; i < options->n_outputs; i++) {
		const struct pattern_values values = {
			.pid = pid, .program = answer.program, .sequence = 1, .time = time(NULL)};

		if (is_left_out(options, i))
			continue;
		if (write_output(&options->outputs[i], &answer.outputs[n++], &values, options->quiet, err))
			status = STATUS_FAILED;
	}
	ask_answer_release(&answer);
	return status;
}
