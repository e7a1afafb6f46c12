/* memwatch [run] PROGRAM: watch it and report. */
#include "cli/answers/web.h"
#include "cli/base/msg.h"
#include "cli/cmd/cmd.h"
#include "cli/cmd/suppressions.h"
#include "cli/outputs/gates.h"
#include "cli/session/session.h"
#include "cli/start/preflight.h"

#include <string.h>
#include <time.h>

static int watch(const struct options *options, const struct suppress_set *suppressions, struct gates *gates,
		 char **argv)
{
	struct preflight preflight;
	struct session_end end;

	preflight_check(argv[0], &preflight);
	if (preflight.code != PREFLIGHT_OK) {
		msg_error(STATUS_FAILED, "%s", preflight.problem);
		if (preflight.remedy[0])
			msg_note("%s", preflight.remedy);
		return preflight_status(preflight.code);
	}
	end = session_run(options, &preflight, suppressions, gates, argv);
	return end.signal ? CMD_DIE_OF(end.signal) : end.status;
}

/* Others than this machine's users can ask there. */
static bool needs_token(const struct options *options)
{
	const char *token = web_token(options);

	return options->http.on && !options->http.address.loopback && !(token && *token);
}

static int run(const struct options *options, int argc, char **argv)
{
	struct suppress_set suppressions = {0};
	struct gates gates = {0};
	struct err err = {0};
	int status;

	if (argc == 0)
		return msg_error(STATUS_USAGE, "no PROGRAM is given; see memwatch --help");
	if (options->no_scan && (options->scan_every_ns || options->scan_percent))
		return msg_error(STATUS_USAGE, "--no-scan and %s contradict each other: leave one of them out",
				 options->scan_every_ns ? "--scan-every" : "--scan-percent");
	if (needs_token(options))
		return msg_error(STATUS_USAGE,
				 "--http=%s can be reached by others: give a --http-token, or MEMWATCH_HTTP_TOKEN, "
				 "that they have to show",
				 options->http.address.host);
	if (options->record && !strcmp(options->record, "-"))
		return msg_error(STATUS_USAGE, "--record: it cannot go to stdout, which is the program's");
	if (options->xml && !opts_has_output(options, "valgrind-xml"))
		return msg_error(STATUS_USAGE, "--xml=yes needs a file for it: --xml-file=FILE");
	status = suppressions_read(options, argv[0], time(NULL), &suppressions);
	if (status == STATUS_OK && gates_open(&gates, options, argv[0], &err))
		status = msg_error(STATUS_USAGE, "%s", err.text);
	else if (status == STATUS_OK)
		status = watch(options, &suppressions, &gates, argv);
	gates_release(&gates);
	suppress_release(&suppressions);
	return status;
}

const struct cmd cmd_run = {
	.name = "run",
	.command = OPTS_RUN,
	.synopsis = "[OPTIONS] [--] PROGRAM [ARG...]",
	.summary = "Runs PROGRAM, unmodified, and reports which memory it did not free, and where that came from.",
	.details = "\nFILE may have %p (pid), %e (program), %n (number), %t (time), %q{VAR} and %%; '-' is stdout.\n"
		   "A PROGRAM named like a command is run with '--' before it. Options also come from\n"
		   "~/.config/memwatch/config, ./.memwatchrc and MEMWATCH_OPTIONS, in this order, as name=value.\n"
		   "\nExit status: that of PROGRAM, whose signal memwatch dies of, too; if it is 0 and a gate failed,\n"
		   "23 or that of --exit-code. 125 memwatch itself failed or PROGRAM cannot be watched, 126 it cannot\n"
		   "be executed, 127 it is not found, 2 wrong usage.\n",
	.run = run,
};
