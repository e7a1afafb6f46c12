/* memwatch diff OLD NEW: what is new, gone, grew and shrank from one report to another. */
#include "cli/analysis/store.h"
#include "cli/analysis/tally.h"
#include "cli/base/msg.h"
#include "cli/cmd/cmd.h"
#include "cli/outputs/gates.h"
#include "cli/outputs/outputs.h"
#include "cli/render/changes.h"
#include "cli/session/any_report.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void render(const struct opts_output *output, const struct options *options,
		   const struct report_changes *changes, struct out *out)
{
	const struct render_options how = {
		.top = options->top,
		.quiet = options->quiet,
		.verbose = options->verbose,
		.color = outputs_wants_color((enum color_when)options->color,
					     (!output->path || !strcmp(output->path, "-")) && isatty(STDOUT_FILENO)),
	};

	if (!strcmp(output->format, "json"))
		changes_render_json(changes, out);
	else
		changes_render_text(changes, &how, out);
}

static int write_outputs(const struct options *options, const struct report_changes *changes,
			 const struct report *new_report, struct err *err)
{
	int ret = 0;

	for (size_t i = 0; i < options->n_outputs; i++) {
		const struct opts_output *output = &options->outputs[i];
		struct out *out = NULL;
		char *path;

		if (outputs_gives_way(options, output))
			continue;
		path = outputs_path(output->path ? output->path : "-", new_report, time(NULL), err);
		out = path ? out_open(path, err) : NULL;
		free(path);
		if (!out) {
			ret = -1;
			continue;
		}
		render(output, options, changes, out);
		if (out_close(out, err))
			ret = -1;
	}
	return ret;
}

static int gate_status(const struct options *options, const struct report_changes *changes)
{
	bool grew = changes->count[CHANGE_GREW] > 0, is_new = changes->count[CHANGE_NEW] > 0;

	if ((options->fail_on & 1u << GATE_NEW && (is_new || grew)) || (options->fail_on & 1u << GATE_GREW && grew))
		return (int)options->exit_code;
	return STATUS_OK;
}

static int compare(const struct options *options, char **argv, const struct any_report reports[2])
{
	struct report_changes changes = {.old_name = argv[0], .new_name = argv[1]};
	struct tally tallies[2];
	struct err err = {0};
	int status;

	for (int i = 0; i < 2; i++) {
		tally_init(&tallies[i]);
		tally_add_report(&tallies[i], &reports[i].report, TALLY_ALL);
		tally_sort(&tallies[i]);
	}
	tally_compare(&tallies[0], &tallies[1], TALLY_ALL, tallies[1].store, &changes);
	status = gate_status(options, &changes);
	if (write_outputs(options, &changes, &reports[1].report, &err))
		status = msg_error(STATUS_FAILED, "%s", err.text);
	tally_release(&tallies[0]);
	tally_release(&tallies[1]);
	return status;
}

static int run(const struct options *options, int argc, char **argv)
{
	struct any_report reports[2] = {0};
	struct err err = {0};
	int status;

	if (argc != 2)
		return msg_error(STATUS_USAGE, "diff takes two reports, OLD and NEW; see memwatch help diff");
	if (options->fail_on & ~(1u << GATE_NEW | 1u << GATE_GREW))
		return msg_error(STATUS_USAGE, "--fail-on of diff takes new, grew or none");
	if (any_report_open(&reports[0], argv[0], options, &err) ||
	    any_report_open(&reports[1], argv[1], options, &err))
		status = msg_error(STATUS_FAILED, "%s", err.text);
	else
		status = compare(options, argv, reports);
	any_report_close(&reports[0]);
	any_report_close(&reports[1]);
	return status;
}

const struct cmd cmd_diff = {
	.name = "diff",
	.command = OPTS_DIFF,
	.synopsis = "diff [OPTIONS] OLD NEW",
	.summary = "Compares two reports: what is new, gone, grew or shrank.",
	.details =
		"\nFindings are matched by their fingerprints, so that the two may be of different builds. '-' is\n"
		"standard input. Suppressed leaks are left out. The text goes to stdout.\n"
		"\nExit status: 0; 23 or that of --exit-code if --fail-on=new (or grew) and there is such a change;\n"
		"125 if a report cannot be read.\n",
	.run = run,
};
