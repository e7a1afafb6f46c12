/* memwatch stat PID: statistics of a running, watched process, once or again and again. */
#include "cli/base/msg.h"
#include "cli/cmd/cmd.h"
#include "cli/cmd/running.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

static void add_ns(struct timespec *t, uint64_t ns)
{
	ns += (uint64_t)t->tv_nsec;
	t->tv_sec += (time_t)(ns / 1000000000u);
	t->tv_nsec = (long)(ns % 1000000000u);
}

/* At even times, however long an answer takes; until the process has ended, which is no error then. */
static int repeat(const struct options *options, int pid, struct err *err)
{
	struct timespec next;
	int status = running_ask(options, REQUEST_STAT, pid, err);

	clock_gettime(CLOCK_MONOTONIC, &next);
	while (status == STATUS_OK) {
		add_ns(&next, options->repeat_ns);
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR)
			;
		if (kill(pid, 0) < 0 && errno == ESRCH)
			return STATUS_OK;
		status = running_ask(options, REQUEST_STAT, pid, err);
	}
	if (kill(pid, 0) < 0 && errno == ESRCH) {
		err->text[0] = '\0';
		return STATUS_OK;
	}
	return status;
}

static int run(const struct options *options, int argc, char **argv)
{
	struct err err = {0};
	int pid, status = running_pid("stat", argc, argv, &pid);

	if (status == STATUS_OK && options->repeat_ns)
		status = repeat(options, pid, &err);
	else if (status == STATUS_OK)
		status = running_ask(options, REQUEST_STAT, pid, &err);
	return err.text[0] ? msg_error(STATUS_FAILED, "%s", err.text) : status;
}

const struct cmd cmd_stat = {
	.name = "stat",
	.command = OPTS_STAT,
	.synopsis = "stat [OPTIONS] PID",
	.summary = "Prints statistics of a running, watched process.",
	.details =
		"\nPID is that of a program that memwatch runs, or of any of its children that is watched. The text\n"
		"goes to stdout unless it has a FILE or another format goes there. With --interval it is printed\n"
		"until the process ends.\n"
		"\nExit status: 0, or 125 and the reason when the process cannot be asked about.\n",
	.run = run,
};
