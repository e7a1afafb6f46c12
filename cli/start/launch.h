/*
 * Starts the program under the shim: environment, fork, exec, and the error of a failed exec. The program gets the
 * descriptors, limits and signal state that memwatch itself was started with; all descriptors of ours close on exec.
 */
#ifndef CLI_START_LAUNCH_H
#define CLI_START_LAUNCH_H

#include "cli/base/err.h"
#include "cli/base/status.h"
#include "cli/start/signals.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#define LAUNCH_N_LIMITS 3

struct launch {
	struct rlimit inherited[LAUNCH_N_LIMITS]; /* which: raised_limits in launch.c */
};

struct launch_program {
	const char *path; /* found by preflight */
	char **argv;      /* ended by NULL */
	bool via_shell;
	const char *folder; /* of the session */
	uint64_t max_stack; /* RLIMIT_STACK in bytes; 0 = as inherited */
};

/* Before any other descriptor is opened: 0 to 2 are made to be something, so that no message of ours can go into a file
 * that took a closed one's number, and limits that are meant for the program are raised for the reporter, as far as
 * allowed. -1 and a sentence when that leaves it no room to work. */
int launch_prepare(struct launch *launch, struct err *err);

/* The shim's path, to be freed: beside the executable, or ../lib/memwatch/ from it. NULL and a sentence when missing.
 */
char *launch_find_shim(struct err *err);

/* The program's environment, from `env` ended by NULL: LD_PRELOAD with `shim` in front, and the session's folder. To be
 * freed with launch_free_environment(). */
char **launch_environment(char *const *env, const char *shim, const char *folder);
void launch_free_environment(char **env);

/* Starts the program: its pid, or -1 with `status` and a sentence. */
pid_t launch_start(const struct launch *launch, const struct signals *signals, const struct launch_program *program,
		   enum status *status, struct err *err);

/* Takes away what launch_start() put into the session's folder. */
void launch_cleanup(const char *folder);

#endif
