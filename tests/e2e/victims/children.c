/*
 * A process with 10 blocks that makes a child in the way that is asked for: fork vfork posix_spawn system popen double.
 * A forked child frees 4 of the inherited blocks and leaks 3 of its own; others run "/bin/echo child".
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>


static void *blocks[10];

static __attribute__((noinline)) void leak_in_child(int n)
{
	for (int i = 0; i < n; i++)
		malloc(1000);
}

static void run_forked(int depth)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		for (int i = 0; i < 4; i++) {
			free(blocks[i]);
			blocks[i] = NULL;
		}
		leak_in_child(3);
		if (depth > 1)
			run_forked(depth - 1);
		exit(5);
	}
	waitpid(pid, &status, 0);
	if (WEXITSTATUS(status) != 5)
		exit(1);
}

static void run_other(const char *way)
{
	char *const argv[] = {"echo", "child", NULL};
	pid_t pid = -1;
	int status = -1;

	if (strcmp(way, "vfork") == 0) {
		pid = vfork();
		if (pid == 0) {
			execv("/bin/echo", argv);
			_exit(1);
		}
		waitpid(pid, &status, 0);
	} else if (strcmp(way, "posix_spawn") == 0) {
		if (posix_spawn(&pid, "/bin/echo", NULL, NULL, argv, environ) == 0)
			waitpid(pid, &status, 0);
	} else if (strcmp(way, "system") == 0) {
		status = system("/bin/echo child");
	} else if (strcmp(way, "popen") == 0) {
		FILE *pipe = popen("/bin/echo child", "r");
		char line[20] = "";

		if (pipe && fgets(line, sizeof(line), pipe) && fputs(line, stdout) >= 0)
			status = pclose(pipe);
	}
	if (status != 0)
		exit(1);
}

int main(int argc, char **argv)
{
	const char *way = argc > 1 ? argv[1] : "fork";

	for (int i = 0; i < 10; i++)
		blocks[i] = malloc(100);
	if (strcmp(way, "fork") == 0)
		run_forked(1);
	else if (strcmp(way, "double") == 0)
		run_forked(2);
	else
		run_other(way);
	return 0;
}
