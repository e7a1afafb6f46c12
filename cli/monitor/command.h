/*
 * The command of --on-warning: started beside the reporter, which never waits for it. At most one start a second and
 * COMMANDS_MAX at a time; of crossings that come meanwhile the highest is kept and told when it may be.
 */
#ifndef CLI_MONITOR_COMMAND_H
#define CLI_MONITOR_COMMAND_H

#include "cli/start/signals.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define COMMANDS_MAX     4
#define COMMAND_PAUSE_NS UINT64_C(1000000000)

/* What MEMWATCH_LEVEL and the other variables are set to. */
struct command_event {
	unsigned level_percent;
	uint64_t live_bytes, limit_bytes;
	int pid;
};

struct command {
	const char *text; /* for sh -c; NULL: nothing is ever started */
	const struct signals *signals;
	pid_t running[COMMANDS_MAX]; /* 0 = none */
	bool is_waiting;
	struct command_event waiting;
	uint64_t next_ns; /* CLOCK_MONOTONIC, before which none is started */
};

/* A threshold was crossed. Starts the command, or keeps the event. */
void command_tell(struct command *command, const struct command_event *event, uint64_t now_ns);

/* To be called from time to time, and when a child has ended: reaps, and starts what was kept. */
void command_work(struct command *command, uint64_t now_ns);

/* Whether one runs or is kept. */
bool command_busy(const struct command *command);

#endif
