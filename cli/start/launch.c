#include "cli/start/launch.h"

#include "cli/base/xalloc.h"
#include "common/env.h"
#include "common/io.h"
#include "common/shm.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHIM_NAME "libmemwatch.so"
#define SHELL     "/bin/sh"

#define LIMIT_OF_STACK 2

/* Limits that a user sets for the program and that would hit the reporter, too: it needs a few descriptors for each
 * watched process, files as large as the memory that it shares with one, and some stack. */
static const struct {
	__rlimit_resource_t resource;
	rlim_t wanted, least; /* wanted: also beyond the hard limit, where that is allowed */
	const char *what, *option;
} raised_limits[LAUNCH_N_LIMITS] = {
	{RLIMIT_NOFILE, 4096, 24, "open files", "n"},
	{RLIMIT_FSIZE, RLIM_INFINITY, 0 /* shm_slot_file_bytes() */, "bytes in a file", "f"},
	[LIMIT_OF_STACK] = {RLIMIT_STACK, 8 << 20, 512 << 10, "bytes of stack", "s"},
};

/* What the limit is then. */
static rlim_t raise_limit(__rlimit_resource_t resource, rlim_t wanted, const struct rlimit *inherited)
{
	struct rlimit raised = *inherited;

	if (raised.rlim_cur >= wanted && resource == RLIMIT_STACK) /* RLIM_INFINITY is the largest rlim_t */
		return raised.rlim_cur;
	if (raised.rlim_max < wanted) {
		raised.rlim_cur = raised.rlim_max = wanted;
		if (setrlimit(resource, &raised) == 0)
			return wanted;
		raised = *inherited;
	}
	raised.rlim_cur = raised.rlim_max;
	return setrlimit(resource, &raised) ? inherited->rlim_cur : raised.rlim_cur;
}

int launch_prepare(struct launch *launch, struct err *err)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	for (size_t i = 0; i < LAUNCH_N_LIMITS; i++) {
		struct rlimit *inherited = &launch->inherited[i];
		rlim_t now, least = raised_limits[i].least ? raised_limits[i].least : shm_slot_file_bytes();

		if (getrlimit(raised_limits[i].resource, inherited))
			return err_set_errno(err, errno, "cannot read the limits of this process");
		now = raise_limit(raised_limits[i].resource, raised_limits[i].wanted, inherited);
		if (now < least)
			return err_set(
				err,
				"%ju %s are allowed here, and memwatch needs %ju: raise the limit (ulimit -H%s), and "
				"set that of the program behind memwatch: memwatch sh -c 'ulimit -%s …; exec PROGRAM'",
				(uintmax_t)now, raised_limits[i].what, (uintmax_t)least, raised_limits[i].option,
				raised_limits[i].option);
	}
	return 0;
}

/* ---- the shim */

char *launch_find_shim(struct err *err)
{
	static const char *const places[] = {"/" SHIM_NAME, "/../lib/memwatch/" SHIM_NAME};
	char folder[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", folder, sizeof(folder) - 1);

	if (n < 0) {
		err_set_errno(err, errno, "cannot find out where memwatch is installed (is /proc mounted?)");
		return NULL;
	}
	folder[n] = '\0';
	*strrchr(folder, '/') = '\0';
	for (size_t i = 0; i < MW_ARRAY_LEN(places); i++) {
		char *path = xasprintf("%s%s", folder, places[i]);
		char *real = access(path, R_OK) ? NULL : realpath(path, NULL);

		free(path);
		if (real)
			return real;
	}
	err_set(err,
		SHIM_NAME
		" is missing: it belongs into %.200s, or into lib/memwatch beside it; build or install memwatch again",
		folder);
	return NULL;
}

static char *link_path(const char *folder)
{
	return xasprintf("%s/%s", folder, SHIM_NAME);
}

/* LD_PRELOAD separates by blanks and colons and knows no quoting: a shim in such a folder is reached by another name.
 */
static char *preload_name(char *shim, const char *folder, struct err *err)
{
	char *name;

	if (!strpbrk(shim, " :"))
		return shim;
	name = link_path(folder);
	if (symlink(shim, name)) {
		err_set_errno(err, errno, "cannot make the link %s", name);
		free(name);
		name = NULL;
	}
	free(shim);
	return name;
}

void launch_cleanup(const char *folder)
{
	char *name = link_path(folder);

	unlink(name);
	free(name);
}

/* ---- the environment */

static bool is_variable(const char *setting, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(setting, name, n) && setting[n] == '=';
}

static char *preload_setting(const char *before, const char *shim)
{
	size_t n = strlen(shim);

	if (!*before)
		return xasprintf("%s=%s", MW_ENV_PRELOAD, shim);
	if (!strncmp(before, shim, n) && strchr(": ", before[n]))
		return xasprintf("%s=%s", MW_ENV_PRELOAD, before); /* memwatch under memwatch */
	return xasprintf("%s=%s:%s", MW_ENV_PRELOAD, shim, before);
}

char **launch_environment(char *const *env, const char *shim, const char *folder)
{
	bool preloads = false;
	size_t n = 0, used = 0;
	char **copy;

	while (env[n])
		n++;
	copy = xcalloc(n + 3, sizeof(*copy));
	for (size_t i = 0; i < n; i++) {
		if (is_variable(env[i], MW_ENV_PRELOAD)) {
			/* where it was: the order is seen by the program */
			copy[used++] = preload_setting(env[i] + strlen(MW_ENV_PRELOAD) + 1, shim);
			preloads = true;
		} else if (!is_variable(env[i], MW_ENV_SESSION)) {
			copy[used++] = xstrdup(env[i]);
		}
	}
	if (!preloads)
		copy[used++] = preload_setting("", shim);
	copy[used] = xasprintf("%s=%s", MW_ENV_SESSION, folder);
	return copy;
}

void launch_free_environment(char **env)
{
	for (char **setting = env; setting && *setting; setting++)
		free(*setting);
	free(env);
}

/* ---- the program */

/* argv for the shell: sh PATH ARG... */
static char **shell_argv(const struct launch_program *program)
{
	size_t n = 0;
	char **argv;

	while (program->argv[n])
		n++;
	argv = xcalloc(n + 2, sizeof(*argv));
	argv[0] = (char *)(uintptr_t)SHELL;
	argv[1] = (char *)(uintptr_t)program->path;
	for (size_t i = 1; i < n; i++)
		argv[i + 1] = program->argv[i];
	return argv;
}

/* What the child execs, and how. */
struct exec {
	const struct launch *launch;
	const struct signals *signals;
	const char *path;
	char **argv, **env;
	struct rlimit stack; /* if set_stack */
	bool set_stack;
};

/* Has our memory, and writes to nothing but its stack and errno. */
_Noreturn static void run_child(const struct exec *exec, int error_fd)
{
	int errnum;

	for (size_t i = 0; i < LAUNCH_N_LIMITS; i++)
		setrlimit(raised_limits[i].resource, &exec->launch->inherited[i]);
	if (exec->set_stack)
		setrlimit(RLIMIT_STACK, &exec->stack);
	signals_give_back(exec->signals);
	execve(exec->path, exec->argv, exec->env);
	errnum = errno;
	io_write_all(error_fd, &errnum, sizeof(errnum));
	_exit(STATUS_NOT_FOUND);
}

/* Waits for the exec: 0, or the errno that it failed with. The descriptor closes by the exec. */
static int exec_error(int fd)
{
	int errnum = 0;
	ssize_t n;

	do
		n = io_read_some(fd, &errnum, sizeof(errnum));
	while (n == -EINTR);
	return n == (ssize_t)sizeof(errnum) ? errnum : 0;
}

/* The soft limit; what the program may raise it to stays. */
static int choose_stack(const struct launch_program *program, struct exec *exec, struct err *err)
{
	if (!program->max_stack)
		return 0;
	exec->stack = exec->launch->inherited[LIMIT_OF_STACK];
	if (exec->stack.rlim_max != RLIM_INFINITY && program->max_stack > exec->stack.rlim_max)
		return err_set(err,
			       "--max-stack: %" PRIu64 " bytes are more than the hard limit of %" PRIu64
			       " allows (ulimit -Hs)",
			       program->max_stack, (uint64_t)exec->stack.rlim_max);
	exec->stack.rlim_cur = program->max_stack;
	exec->set_stack = true;
	return 0;
}

static pid_t fork_and_exec(const struct exec *exec, enum status *status, struct err *err)
{
	int ends[2], errnum;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC)) {
		err_set_errno(err, errno, "cannot make a pipe");
		return -1;
	}
	pid = vfork(); /* to copy our memory, and to have it for our own again, would delay the program */
	if (pid == 0)
		run_child(exec, ends[1]);
	errnum = errno;
	close(ends[1]);
	if (pid < 0) {
		err_set_errno(err, errnum, "cannot start a process");
		close(ends[0]);
		return -1;
	}
	errnum = exec_error(ends[0]);
	close(ends[0]);
	if (!errnum)
		return pid;
	waitpid(pid, NULL, 0);
	*status = errnum == ENOENT || errnum == ENOTDIR ? STATUS_NOT_FOUND : STATUS_CANNOT_EXECUTE;
	if (errnum == E2BIG && exec->set_stack)
		err_set(err, "cannot execute %.200s: --max-stack leaves no room for its arguments and environment",
			exec->path);
	else
		err_set_errno(err, errnum, "cannot execute %.200s", exec->path);
	return -1;
}

pid_t launch_start(const struct launch *launch, const struct signals *signals, const struct launch_program *program,
		   enum status *status, struct err *err)
{
	struct exec exec = {.launch = launch,
			    .signals = signals,
			    .path = program->via_shell ? SHELL : program->path,
			    .argv = program->argv};
	char *shim;
	pid_t pid;

	*status = STATUS_FAILED;
	if (choose_stack(program, &exec, err))
		return -1;
	shim = launch_find_shim(err);
	if (shim)
		shim = preload_name(shim, program->folder, err);
	if (!shim)
		return -1;
	exec.env = launch_environment(environ, shim, program->folder);
	free(shim);
	if (program->via_shell)
		exec.argv = shell_argv(program);
	pid = fork_and_exec(&exec, status, err);
	if (program->via_shell)
		free(exec.argv);
	launch_free_environment(exec.env);
	return pid;
}
