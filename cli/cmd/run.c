/* memwatch [run] PROGRAM: watch it and report. */
#include "cli/base/msg.h"
#include "cli/cmd/cmd.h"
#include "cli/preflight.h"
#include "cli/session/session.h"

static int run(const struct options *options, int argc, char **argv)
{
	struct preflight preflight;
	struct session_end end;

	if (argc == 0)
		return msg_error(STATUS_USAGE, "no PROGRAM is given; see memwatch --help");
	preflight_check(argv[0], &preflight);
	if (preflight.code != PREFLIGHT_OK) {
		msg_error(STATUS_FAILED, "%s", preflight.problem);
		if (preflight.remedy[0])
			msg_note("%s", preflight.remedy);
		return preflight_status(preflight.code);
	}
	end = session_run(options, &preflight, argv);
	return end.signal ? CMD_DIE_OF(end.signal) : end.status;
}

const struct cmd cmd_run = {
	.name = "run",
	.command = OPTS_RUN,
	.synopsis = "[OPTIONS] [--] PROGRAM [ARG...]",
	.summary = "Runs PROGRAM, unmodified, and reports which memory it did not free, and where that came from.",
	.details = "\nFILE may have %p (pid), %e (program), %n (number), %t (time), %q{VAR} and %%; '-' is stdout.\n"
		   "A PROGRAM named like a command is run with '--' before it. Options also come from\n"
		   "~/.config/memwatch/config, ./.memwatchrc and MEMWATCH_OPTIONS, in this order, as name=value.\n"
		   "\nExit status: that of PROGRAM, whose signal memwatch dies of, too. 125 memwatch itself failed or\n"
		   "PROGRAM cannot be watched, 126 it cannot be executed, 127 it is not found, 2 wrong usage.\n",
	.run = run,
};
