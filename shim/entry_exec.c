/*
 * New program images. The program's environment does not hold our variables; they are added to what a new image
 * gets, if it is one that can be watched, whatever environment the program gave it.
 */
#include "shim/entry.h"

#include "shim/child_env.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

/* Whether this is the watched process itself and not a vfork child that runs in its memory. */
static bool in_own_process(void)
{
	return mw_proc && sys_getpid() == mw_proc->pid;
}

static void announce_exec(const char *path)
{
	if (entry_on() && in_own_process())
		mw_track_ext(WIRE_EXEC, 0, path ? path : "");
}

static int exec_failed(int rc)
{
	int saved_errno = errno;

	if (entry_on() && in_own_process())
		mw_track_ext(WIRE_EXEC_FAILED, (uint32_t)saved_errno, "");
	errno = saved_errno;
	return rc;
}

MW_EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	struct child_env env;
	int rc;

	if (!mw_real_ready())
		return -1;
	child_env_make(&env, path, CHILD_BY_PATH, envp);
	announce_exec(path);
	rc = exec_failed(mw_real.execve(path, argv, env.envp));
	child_env_drop(&env);
	return rc;
}

MW_EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
	struct child_env env;
	int rc;

	if (!mw_real_ready())
		return -1;
	child_env_make(&env, file, CHILD_BY_NAME, envp);
	announce_exec(file);
	rc = exec_failed(mw_real.execvpe(file, argv, env.envp));
	child_env_drop(&env);
	return rc;
}

MW_EXPORT int execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

MW_EXPORT int execvp(const char *file, char *const argv[])
{
	return execvpe(file, argv, environ);
}

MW_EXPORT int execveat(int dir, const char *path, char *const argv[], char *const envp[], int flags)
{
	struct child_env env;
	int rc;

	if (!mw_real_ready() || !mw_real.execveat) {
		errno = ENOSYS;
		return -1;
	}
	child_env_make(&env, path, CHILD_UNKNOWN, envp);
	announce_exec(path);
	rc = exec_failed(mw_real.execveat(dir, path, argv, env.envp, flags));
	child_env_drop(&env);
	return rc;
}

MW_EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	struct child_env env;
	int rc;

	if (!mw_real_ready())
		return -1;
	child_env_make(&env, NULL, CHILD_UNKNOWN, envp);
	announce_exec("");
	rc = exec_failed(mw_real.fexecve(fd, argv, env.envp));
	child_env_drop(&env);
	return rc;
}

/* The execl family: `first` and the arguments after it, up to NULL, as an array on the stack. */
#define COLLECT(argv, last, first)                                                                                     \
	va_list ap_count, ap_##last;                                                                                   \
	size_t n_##argv = 1;                                                                                           \
	char **argv;                                                                                                   \
	va_start(ap_count, first);                                                                                     \
	while (va_arg(ap_count, char *))                                                                               \
		n_##argv++;                                                                                            \
	va_end(ap_count);                                                                                              \
	argv = __builtin_alloca((n_##argv + 1) * sizeof(char *));                                                      \
	argv[0] = (char *)(uintptr_t)first;                                                                            \
	va_start(ap_##last, first);                                                                                    \
	for (size_t i_##argv = 1; i_##argv <= n_##argv; i_##argv++)                                                    \
		argv[i_##argv] = va_arg(ap_##last, char *);

MW_EXPORT int execl(const char *path, const char *first, ...)
{
	COLLECT(argv, rest, first)
	va_end(ap_rest);
	return execve(path, argv, environ);
}

MW_EXPORT int execlp(const char *file, const char *first, ...)
{
	COLLECT(argv, rest, first)
	va_end(ap_rest);
	return execvpe(file, argv, environ);
}

MW_EXPORT int execle(const char *path, const char *first, ...)
{
	char **envp;

	COLLECT(argv, rest, first)
	envp = va_arg(ap_rest, char **);
	va_end(ap_rest);
	return execve(path, argv, envp);
}

MW_EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
			  const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	struct child_env env;
	int rc;

	if (!mw_real_ready())
		return ENOSYS;
	child_env_make(&env, path, CHILD_BY_PATH, envp);
	rc = mw_real.posix_spawn(pid, path, actions, attr, argv, env.envp);
	child_env_drop(&env);
	return rc;
}

MW_EXPORT int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
			   const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	struct child_env env;
	int rc;

	if (!mw_real_ready())
		return ENOSYS;
	child_env_make(&env, file, CHILD_BY_NAME, envp);
	rc = mw_real.posix_spawnp(pid, file, actions, attr, argv, env.envp);
	child_env_drop(&env);
	return rc;
}

MW_EXPORT int system(const char *command)
{
	int rc;

	if (!mw_real_ready())
		return -1;
	child_environ_enter();
	rc = mw_real.system(command);
	child_environ_leave();
	return rc;
}

MW_EXPORT FILE *popen(const char *command, const char *mode)
{
	FILE *f;

	if (!mw_real_ready())
		return NULL;
	child_environ_enter();
	f = mw_real.popen(command, mode);
	child_environ_leave();
	return f;
}
