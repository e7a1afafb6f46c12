/*
 * Loses a block that holds another one, and keeps one in a global, out of reach of all but root: undumpable. With
 * an argument, with a filter of system calls of its own, too.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>

static void *volatile kept;

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

/* Allows all. */
static int filter(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {1, &allow};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
	(void)argv;
	if (prctl(PR_SET_DUMPABLE, 0) || (argc > 1 && filter()))
		return 4;
	lose();
	keep();
	wipe_stack();
	return 3;
}
