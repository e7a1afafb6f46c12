#include "cli/monitor/command.h"

#include "cli/base/msg.h"
#include "cli/base/xalloc.h"
#include "common/env.h"

#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Our own environment, in which neither the shim nor the session is named, and the event. */
static char **make_environment(const struct command_event *event)
{
	static const char prefix[] = "MEMWATCH_";
	size_t n = 0, used = 0;
	char **env;

	while (environ[n])
		n++;
	env = xcalloc(n + 5, sizeof(*env));
	for (size_t i = 0; i < n; i++)
		if (strncmp(environ[i], prefix, strlen(prefix)) ||
		    !strncmp(environ[i], MW_ENV_OPTIONS, strlen(MW_ENV_OPTIONS)))
			env[used++] = xstrdup(environ[i]);
	env[used++] = xasprintf("%s=%u", MW_ENV_LEVEL, event->level_percent);
	env[used++] = xasprintf("%s=%" PRIu64, MW_ENV_LIVE_BYTES, event->live_bytes);
	env[used++] = xasprintf("%s=%" PRIu64, MW_ENV_LIMIT_BYTES, event->limit_bytes);
	env[used] = xasprintf("%s=%d", MW_ENV_PID, event->pid);
	return env;
}

static int spawn(const struct command *command, const struct command_event *event, pid_t *pid)
{
	char *argv[] = {(char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c", (char *)(uintptr_t)command->text, NULL};
	char **env = make_environment(event);
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t defaults;
	int rc;

	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	sigaddset(&defaults, SIGXFSZ);
	sigaddset(&defaults, SIGCHLD);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawnattr_init(&how);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&how, &command->signals->inherited_mask);
	posix_spawnattr_setsigdefault(&how, &defaults);
	rc = posix_spawn(pid, "/bin/sh", &files, &how, argv, env);
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&files);
	for (char **setting = env; *setting; setting++)
		free(*setting);
	free(env);
	return rc;
}

static void start(struct command *command, pid_t *slot, uint64_t now_ns)
{
	int rc = spawn(command, &command->waiting, slot);

	if (rc) {
		*slot = 0;
		msg_warning("cannot run the command of --on-warning: %s", strerror(rc));
	}
	command->is_waiting = false;
	command->next_ns = now_ns + COMMAND_PAUSE_NS;
}

void command_work(struct command *command, uint64_t now_ns)
{
	pid_t *free_slot = NULL;

	for (size_t i = 0; i < COMMANDS_MAX; i++) {
		pid_t *pid = &command->running[i];

		if (*pid > 0 && waitpid(*pid, NULL, WNOHANG) != 0)
			*pid = 0;
		if (*pid == 0)
			free_slot = pid;
	}
	if (command->is_waiting && free_slot && now_ns >= command->next_ns)
		start(command, free_slot, now_ns);
}

void command_tell(struct command *command, const struct command_event *event, uint64_t now_ns)
{
	if (!command->text)
		return;
	if (!command->is_waiting || event->level_percent >= command->waiting.level_percent)
		command->waiting = *event;
	command->is_waiting = true;
	command_work(command, now_ns);
}

bool command_busy(const struct command *command)
{
	bool busy = command->is_waiting;

	for (size_t i = 0; i < COMMANDS_MAX; i++)
		busy |= command->running[i] != 0;
	return busy;
}
