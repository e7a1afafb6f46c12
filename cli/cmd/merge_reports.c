/* memwatch merge REPORT...: many reports in one. */
#include "cli/analysis/merge.h"
#include "cli/base/msg.h"
#include "cli/cmd/cmd.h"
#include "cli/outputs/gates.h"
#include "cli/outputs/outputs.h"
#include "cli/session/any_report.h"

#include <time.h>

/* One after the other, so that no more than one is in memory. */
static int add_all(struct merge *merge, const struct options *options, int argc, char **argv, struct err *err)
{
	for (int i = 0; i < argc; i++) {
		struct any_report any;

		if (any_report_open(&any, argv[i], options, err))
			return -1;
		merge_add(merge, &any.report);
		any_report_close(&any);
	}
	return 0;
}

static int write_all(const struct options *options, struct report *report)
{
	int status = STATUS_OK;

	for (size_t i = 0; i < options->n_outputs; i++) {
		static char standard_output[] = "-";
		struct opts_output output = options->outputs[i];
		struct err err = {0};

		if (outputs_gives_way(options, &output))
			continue;
		if (!output.path)
			output.path = standard_output;
		if (outputs_write(&output, options, report, time(NULL), &err))
			status = msg_error(STATUS_FAILED, "%s", err.text);
	}
	return status;
}

static int judge_and_write(const struct options *options, struct gates *gates, struct report *report)
{
	struct err err = {0};
	int status = STATUS_OK, written;

	if (gates_judge(gates, report, &err))
		status = msg_error(STATUS_FAILED, "%s", err.text);
	written = write_all(options, report);
	if (written != STATUS_OK)
		status = written;
	return gates_status(gates, status);
}

static int run(const struct options *options, int argc, char **argv)
{
	struct report report = {0};
	struct gates gates = {0};
	struct merge *merge;
	struct err err = {0};
	int status;

	if (argc == 0)
		return msg_error(STATUS_USAGE, "merge takes the files of reports; see memwatch help merge");
	if (gates_open(&gates, options, NULL, &err)) {
		gates_release(&gates);
		return msg_error(STATUS_USAGE, "%s", err.text);
	}
	merge = merge_new();
	if (add_all(merge, options, argc, argv, &err)) {
		status = msg_error(STATUS_FAILED, "%s", err.text);
	} else {
		merge_finish(merge, &report);
		status = judge_and_write(options, &gates, &report);
	}
	merge_free(merge);
	gates_release(&gates);
	report_clear(&report);
	return status;
}

const struct cmd cmd_merge = {
	.name = "merge",
	.command = OPTS_MERGE,
	.synopsis = "merge [OPTIONS] REPORT...",
	.summary = "Puts many reports together in one, program by program.",
	.details = "\nCounts are added up, findings by their fingerprints; the peak is the highest of one process. '-' "
		   "is\n"
		   "standard input. The text goes to stdout unless it has a FILE or another format goes there.\n"
		   "\nExit status: 0; 23 or that of --exit-code if a gate failed; 125 if a report cannot be read.\n",
	.run = run,
};
