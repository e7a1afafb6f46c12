/*
 * Loses a block that holds another one, keeps one in a global and one in main's frame, then ends in the way that is
 * asked for, in main, in a second thread while main waits for it, or in one that waited for main's end: ends WAY
 * [thread|after-main]. "wait" writes a line and is to be killed then, "wait-handled" ends with status 3 by its handler;
 * "told" writes a line and its PID, and exits when its input ends.
 */
#include <assert.h>
#include <err.h>
#include <error.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *volatile kept;
static const char *way;
static sigjmp_buf before;
static pthread_t main_thread;

static __attribute__((noinline)) void lose(void)
{
	void *volatile room[600];

	for (int i = 0; i < 600; i++)
		room[i] = NULL;
	room[0] = malloc(100);
	*(void *volatile *)room[0] = malloc(60);
}

static __attribute__((noinline)) void keep(void)
{
	kept = malloc(70);
}

static __attribute__((noinline)) void *make_local(void)
{
	return malloc(80);
}

static void end_by_handler(int sig)
{
	_exit(sig == SIGTERM ? 3 : 4);
}

static void wait_for_signal(void)
{
	if (write(STDOUT_FILENO, "ready\n", 6) == 6)
		for (;;)
			pause();
}

static void jump_out(int sig)
{
	(void)sig;
	siglongjmp(before, 1);
}

/* Aborts twice and is back each time, then loses what it kept, and ends. */
static void outlive(void)
{
	signal(SIGABRT, jump_out);
	for (volatile int i = 0; i < 2; i++)
		if (sigsetjmp(before, 1) == 0)
			abort();
	kept = NULL;
	exit(3);
}

static __attribute__((noinline)) void end(void)
{
	if (strcmp(way, "wait-handled") == 0)
		signal(SIGTERM, end_by_handler);
	if (strncmp(way, "wait", 4) == 0)
		wait_for_signal();
	if (strcmp(way, "segv") == 0)
		*(volatile int *)8 = 0;
	if (strcmp(way, "raise") == 0)
		raise(SIGSEGV);
	if (strcmp(way, "kill-term") == 0)
		kill(getpid(), SIGTERM);
	if (strcmp(way, "pthread_kill") == 0)
		pthread_kill(pthread_self(), SIGBUS);
	if (strcmp(way, "sigqueue") == 0)
		sigqueue(getpid(), SIGUSR1, (union sigval){0});
	if (strcmp(way, "assert") == 0)
		assert(strcmp(way, "assert") != 0);
	if (strcmp(way, "outlived") == 0)
		outlive();
	if (strcmp(way, "exit") == 0)
		exit(3);
	if (strcmp(way, "_exit") == 0)
		_exit(3);
	if (strcmp(way, "_Exit") == 0)
		_Exit(3);
	if (strcmp(way, "quick_exit") == 0)
		quick_exit(3);
	if (strcmp(way, "abort") == 0)
		abort();
	if (strcmp(way, "errx") == 0)
		errx(3, "the end");
	if (strcmp(way, "error") == 0)
		error(3, 0, "the end");
	if (strcmp(way, "daemon") == 0 && daemon(1, 1) == 0)
		exit(3);
	if (strcmp(way, "kill") == 0)
		kill(getpid(), SIGKILL);
	if (strcmp(way, "exec") == 0)
		execl("/bin/true", "true", (char *)NULL);
	if (strcmp(way, "pthread_exit") == 0)
		pthread_exit(NULL);
	if (strcmp(way, "told") == 0) {
		printf("ready %d\n", (int)getpid());
		fflush(stdout);
		getchar();
		exit(3);
	}
}

static void *end_in_thread(void *unused)
{
	end();
	return unused;
}

static void *end_after_main(void *unused)
{
	pthread_join(main_thread, NULL);
	end();
	return unused;
}

static __attribute__((noinline)) void wipe_stack(void)
{
	volatile char room[49152];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = 0;
}

int main(int argc, char **argv)
{
	void *volatile local = make_local();
	pthread_t thread;

	way = argc > 1 ? argv[1] : "";
	lose();
	keep();
	/* Frames that are dead in a thread that goes on are live again for what it calls then. */
	wipe_stack();
	if (argc > 2) {
		bool after = strcmp(argv[2], "after-main") == 0;

		main_thread = pthread_self();
		if (pthread_create(&thread, NULL, after ? end_after_main : end_in_thread, NULL) != 0)
			return 9;
		if (after)
			pthread_exit(NULL);
		pthread_join(thread, NULL);
	}
	end();
	return local ? 3 : 4;
}
