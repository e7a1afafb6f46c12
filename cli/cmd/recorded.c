/* memwatch report RECORDING: a recorded run's report again, with other options. */
#include "cli/base/msg.h"
#include "cli/base/xalloc.h"
#include "cli/cmd/cmd.h"
#include "cli/cmd/suppressions.h"
#include "cli/outputs/gates.h"
#include "cli/session/finish.h"
#include "cli/session/replay.h"

#include <stdlib.h>
#include <string.h>

/* The text, which a run has on stderr, goes to stdout, unless it has a file or another format goes there. */
static bool write_outputs(const struct options *options, const struct report *report, time_t start)
{
	struct options here = *options;
	struct opts_output *outputs = xcalloc(options->n_outputs, sizeof(*outputs));
	static char to_stdout[] = "-";
	bool taken = false, ok;

	for (size_t i = 0; i < options->n_outputs; i++)
		taken |= options->outputs[i].path && !strcmp(options->outputs[i].path, to_stdout);
	here.outputs = outputs;
	here.n_outputs = 0;
	for (size_t i = 0; i < options->n_outputs; i++) {
		struct opts_output output = options->outputs[i];

		if (!output.path && taken)
			continue;
		if (!output.path)
			output.path = to_stdout;
		outputs[here.n_outputs++] = output;
	}
	ok = finish_reports(&here, report, start);
	free(outputs);
	return ok;
}

/* Reads all of it. STATUS_OK, or another status, told. */
static int read_recording(const struct options *options, const char *path, struct replay *replay,
			  const struct suppress_set *suppressions, struct report *report)
{
	struct err err = {0};

	if (replay_run(replay, options, suppressions, report, &err))
		return msg_error(STATUS_FAILED, "%s", err.text);
	if (report->n_processes == 0)
		return msg_error(STATUS_FAILED, "the recording %s tells of no process", path);
	if (replay_cut(replay))
		msg_warning("the recording %s ends early: memwatch was killed, or could not write on", path);
	return STATUS_OK;
}

/* Suppressions are taken as of the day of the run. */
static int render(const struct options *options, const char *path, struct replay *replay)
{
	struct report report = {.memwatch_version = MEMWATCH_VERSION, .gate_passed = true};
	struct suppress_set suppressions = {0};
	struct gates gates = {0};
	struct err err = {0};
	int status = suppressions_read(options, NULL, replay_start(replay), &suppressions);

	if (status == STATUS_OK && gates_open(&gates, options, NULL, &err))
		status = msg_error(STATUS_USAGE, "%s", err.text);
	if (status == STATUS_OK)
		status = read_recording(options, path, replay, &suppressions, &report);
	if (status == STATUS_OK) {
		bool judged = gates_judge(&gates, &report, &err) == 0;

		if (!judged)
			msg_error(STATUS_FAILED, "%s", err.text);
		status = write_outputs(options, &report, replay_start(replay)) && judged
				 ? gates_status(&gates, STATUS_OK)
				 : STATUS_FAILED;
	}
	report_clear(&report);
	gates_release(&gates);
	suppress_release(&suppressions);
	return status;
}

static int run(const struct options *options, int argc, char **argv)
{
	struct replay *replay;
	struct err err = {0};
	int status;

	if (argc != 1)
		return msg_error(STATUS_USAGE, "report takes one RECORDING; see memwatch help report");
	replay = replay_open(argv[0], &err);
	if (!replay)
		return msg_error(STATUS_FAILED, "%s", err.text);
	status = render(options, argv[0], replay);
	replay_close(replay);
	return status;
}

const struct cmd cmd_report = {
	.name = "report",
	.command = OPTS_REPORT,
	.synopsis = "report [OPTIONS] RECORDING",
	.summary = "Reports again what a run with --record has kept.",
	.details = "\nThe text goes to stdout unless it has a FILE or another format goes there.\n"
		   "\nExit status: 0; that of --exit-code when a gate failed; 125 and the reason when the recording\n"
		   "cannot be read.\n",
	.run = run,
};
