/*
 * Loses a block that holds another one, and keeps one in a global, out of reach of all but root: undumpable. With
 * "filtered", with a filter of system calls of its own, too; with "threads", beside threads that keep a block each.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define N_THREADS 3

static void *volatile kept;
static _Atomic int n_ready;

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
	kept = malloc(300000);
	((void **)kept)[30000] = malloc(70);
}

static __attribute__((noinline)) void wipe_stack(void)
{
	volatile char room[49152];

	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = 0;
}

static void *keep_in_thread(void *unused)
{
	void *volatile held = malloc(90);

	wipe_stack();
	atomic_fetch_add(&n_ready, 1);
	for (;;)
		pause();
	return (void)held, unused;
}

static void start_threads(void)
{
	pthread_t thread;

	for (int i = 0; i < N_THREADS; i++)
		if (pthread_create(&thread, NULL, keep_in_thread, NULL))
			_exit(4);
	while (atomic_load(&n_ready) < N_THREADS)
		sched_yield();
}

/* Allows all. */
static int filter(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {1, &allow};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
	if (prctl(PR_SET_DUMPABLE, 0) || (argc > 1 && strcmp(argv[1], "filtered") == 0 && filter()))
		return 4;
	if (argc > 1 && strcmp(argv[1], "threads") == 0)
		start_threads();
	lose();
	keep();
	wipe_stack();
	return 3;
}
