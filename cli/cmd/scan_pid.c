/* memwatch scan PID: leak verdicts of a running, watched process, now. */
#include "cli/base/msg.h"
#include "cli/cmd/cmd.h"
#include "cli/cmd/running.h"

static int run(const struct options *options, int argc, char **argv)
{
	struct err err = {0};
	int pid, status = running_pid("scan", argc, argv, &pid);

	if (status == STATUS_OK)
		status = running_ask(options, REQUEST_SCAN, pid, &err);
	return err.text[0] ? msg_error(STATUS_FAILED, "%s", err.text) : status;
}

const struct cmd cmd_scan = {
	.name = "scan",
	.command = OPTS_SCAN,
	.synopsis = "scan [OPTIONS] PID",
	.summary = "Scans a running, watched process for leaks now, and prints the report.",
	.details =
		"\nPID is that of a program that memwatch runs, or of any of its children that is watched. It stands\n"
		"still for some milliseconds. The text goes to stdout unless it has a FILE\n"
		"or another format goes there.\n"
		"\nExit status: 0 if it was scanned, else 125 and the reason.\n",
	.run = run,
};
