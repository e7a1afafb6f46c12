/* The environment that a new program image gets: the program's, and our two variables if the image can be watched. */
#ifndef SHIM_CHILD_ENV_H
#define SHIM_CHILD_ENV_H

#include <limits.h>
#include <stddef.h>

enum child_lookup {
	CHILD_BY_PATH, /* execve: the file is at this path */
	CHILD_BY_NAME, /* execvp: searched in PATH */
	CHILD_UNKNOWN, /* by descriptor: assumed to be watchable */
};

#define CHILD_ENV_LOCAL 512

struct child_env {
	char **envp;                   /* to pass on */
	char *local[CHILD_ENV_LOCAL];  /* the array, unless it is larger */
	size_t mapped_bytes;           /* of a larger one */
	char preload[PATH_MAX + 1024]; /* LD_PRELOAD=… */
	char session[256];             /* MEMWATCH_SESSION=… */
};

/* Makes the environment for running `file`; allocates nothing from the program's heap. errno is kept. */
void child_env_make(struct child_env *env, const char *file, enum child_lookup lookup, char *const *envp);

/* After a failed exec, or a spawn. */
void child_env_drop(struct child_env *env);

/* Puts our variables into the program's own environ while libc starts a shell by itself (system, popen). */
void child_environ_enter(void);
void child_environ_leave(void);

#endif
