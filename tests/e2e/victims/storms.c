/*
 * Much of one thing: storms threads|vforks|raw-forks|signal-forks N, or clearenv. The status is 3.
 *	threads		N short ones on the smallest stacks; each tenth loses a block
 *	vforks		N children by vfork that end at once, beside a thread that allocates
 *	raw-forks	N by the system call itself, which allocate; each loses a block
 *	signal-forks	the same in a signal handler that interrupts allocations, so that the children may only end
 *	clearenv	runs itself without any environment, to lose a block
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_BYTES 16384
#define AT_ONCE     8

static _Atomic int n_left, over;
static volatile sig_atomic_t n_forks, n_failed;

static __attribute__((noinline)) void lose(size_t n_bytes)
{
	volatile char *block = malloc(n_bytes);

	block[0] = 1;
}

static void *live_shortly(void *unused)
{
	free(malloc(100));
	if (atomic_fetch_sub(&n_left, 1) % 10 == 0)
		lose(24);
	return unused;
}

static void threads(int n)
{
	pthread_t some[AT_ONCE];
	pthread_attr_t attr;

	atomic_store(&n_left, n);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	for (int i = 0; i < n; i += AT_ONCE) {
		for (int k = 0; k < AT_ONCE; k++)
			if (pthread_create(&some[k], &attr, live_shortly, NULL))
				exit(4);
		for (int k = 0; k < AT_ONCE; k++)
			pthread_join(some[k], NULL);
	}
	pthread_attr_destroy(&attr);
}

static void *allocate(void *unused)
{
	while (!atomic_load(&over))
		free(malloc(100));
	return unused;
}

static void wait_for(pid_t pid, int wanted)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != wanted)
		n_failed = 1;
}

static void vforks(int n)
{
	pthread_t beside;

	if (pthread_create(&beside, NULL, allocate, NULL))
		exit(4);
	for (int i = 0; i < n; i++) {
		pid_t pid = vfork();

		if (pid == 0)
			_exit(i % 7);
		wait_for(pid, i % 7);
	}
	atomic_store(&over, 1);
	pthread_join(beside, NULL);
}

static void raw_forks(int n)
{
	for (int i = 0; i < n; i++) {
		pid_t pid = (pid_t)syscall(SYS_fork);

		if (pid == 0) {
			for (int k = 0; k < 100; k++)
				free(malloc(100));
			lose(40);
			_exit(5);
		}
		wait_for(pid, 5);
	}
}

static void fork_in_handler(int unused)
{
	pid_t pid = (pid_t)syscall(SYS_fork);

	(void)unused;
	if (pid == 0 && n_forks % 2)
		_exit(6);
	if (pid == 0)
		syscall(SYS_exit_group, 6);
	wait_for(pid, 6);
	n_forks++;
}

static void signal_forks(int n)
{
	struct sigaction action = {.sa_handler = fork_in_handler};
	int n_before = -1;

	sigaction(SIGALRM, &action, NULL);
	while (n_forks < n) {
		int now = n_forks;
		struct itimerval once = {{0, 0}, {0, 1 + 37 * now % 300}};

		if (now != n_before) { /* one at a time, as each takes as long as it takes */
			n_before = now;
			setitimer(ITIMER_REAL, &once, NULL);
		}
		free(realloc(malloc(10), 100));
	}
}

int main(int argc, char **argv)
{
	int n = argc > 2 ? atoi(argv[2]) : 0;

	if (argc < 2)
		return 2;
	if (strcmp(argv[1], "threads") == 0)
		threads(n);
	else if (strcmp(argv[1], "vforks") == 0)
		vforks(n);
	else if (strcmp(argv[1], "raw-forks") == 0)
		raw_forks(n);
	else if (strcmp(argv[1], "signal-forks") == 0)
		signal_forks(n);
	else if (strcmp(argv[1], "clearenv") == 0 && clearenv() == 0)
		execl("/proc/self/exe", "storms", "lose", (char *)NULL);
	else
		lose(30);
	return n_failed ? 4 : 3;
}
