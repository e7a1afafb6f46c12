/*
 * Uses memwatch.h in the way that its argument names, and tells what it got. Compiles as C99 and as C++11. Blocks that
 * are to be lost are made in a function whose frame is gone.
 */
#include "common/memwatch.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 8

static void *volatile kept;
static volatile unsigned n_handled, n_answered;
static sem_t called;
static unsigned n_called;

/* What was on the stack below here is gone. */
static __attribute__((noinline)) void wipe(void)
{
	volatile char junk[4096];

	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = 0;
}

static __attribute__((noinline)) void lose(size_t n_bytes)
{
	void *volatile p = malloc(n_bytes);

	p = NULL;
	(void)p;
}

static __attribute__((noinline)) void lose_ignored(size_t n_bytes)
{
	void *volatile *volatile p;
	void *volatile q;

	memwatch_ignore_begin();
	memwatch_ignore_begin();
	p = (void *volatile *)malloc(n_bytes);
	memwatch_ignore_end();
	q = malloc(16);
	memwatch_ignore_end();
	*p = malloc(24); /* what hangs on it is ignored as well */
	free(q);
	p = NULL;
}

static __attribute__((noinline)) void lose_object(size_t n_bytes)
{
	void *volatile p = malloc(n_bytes);

	memwatch_ignore_object(p);
	p = realloc(p, n_bytes * 100);
	p = NULL;
}

static void tell_leaks(const char *when)
{
	struct memwatch_leaks leaks;
	int status;

	wipe();
	status = memwatch_leak_check(&leaks);
	printf("%s: %d, definite %lu %lu, indirect %lu, possible %lu, ignored %lu %lu\n", when, status,
	       (unsigned long)leaks.definite_blocks, (unsigned long)leaks.definite_bytes,
	       (unsigned long)leaks.indirect_blocks, (unsigned long)leaks.possible_blocks,
	       (unsigned long)leaks.ignored_blocks, (unsigned long)leaks.ignored_bytes);
}

static void tell_stats(const char *when, const struct memwatch_stats *before)
{
	struct memwatch_stats stats;
	int status = memwatch_stats(&stats);

	printf("%s: %d, live %ld in %ld, allocations %ld, frees %ld\n", when, status,
	       (long)(stats.live_bytes - before->live_bytes), (long)(stats.live_blocks - before->live_blocks),
	       (long)(stats.allocations - before->allocations), (long)(stats.frees - before->frees));
}

static void basic(void)
{
	struct memwatch_stats before;

	errno = 77;
	printf("watched: %d\n", memwatch_watched());
	memwatch_stats(&before);
	kept = malloc(1000);
	tell_stats("kept", &before);
	printf("mark: %d\n", memwatch_mark("first"));
	lose(100);
	lose(200);
	lose_ignored(300);
	lose_object(4);
	printf("snapshot: %d\n", memwatch_snapshot("sec\xc3\xb6nd"));
	tell_leaks("lost");
	free(kept);
	tell_stats("freed", &before);
	printf("errno: %d\n", errno);
}

static void *map_unseen(void)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;

	return (void *)syscall(SYS_mmap, NULL, (size_t)8192, PROT_READ | PROT_WRITE, flags, -1, 0);
}

static __attribute__((noinline)) void fill(void **region)
{
	region[5] = malloc(50);
	*(void **)region[5] = malloc(60);
}

static void regions(void)
{
	void **region = (void **)map_unseen();

	fill(region);
	tell_leaks("unknown");
	printf("root: %d\n", memwatch_root_region(region, 8192));
	tell_leaks("known");
	printf("unroot: %d\n", memwatch_unroot_region(region, 8192));
	tell_leaks("unknown again");
}

static void pools(void)
{
	struct memwatch_stats stats;
	char *backing = (char *)malloc(1000);

	kept = backing;
	printf("alloc: %d %d %d\n", memwatch_report_alloc(backing, 100, "small"),
	       memwatch_report_alloc(backing + 100, 50, "small"), memwatch_report_alloc(backing + 200, 300, NULL));
	printf("free: %d\n", memwatch_report_free(backing));
	memwatch_stats(&stats);
	printf("pools: %lu in %lu\n", (unsigned long)stats.pool_live_bytes, (unsigned long)stats.pool_live_blocks);
}

/* Half of what each thread loses is ignored. */
static void *worker(void *unused)
{
	for (int i = 0; i < 200; i++) {
		lose_ignored(40);
		lose(30);
	}
	wipe();
	return unused;
}

static void threads(void)
{
	pthread_t all[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&all[i], NULL, worker, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(all[i], NULL);
	tell_leaks("threads");
}

static void forks(void)
{
	struct memwatch_stats stats = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, none = stats;
	int status = 0;
	pid_t child;

	kept = malloc(500);
	memwatch_ignore_begin(); /* the child is in that scope, too */
	child = fork();
	if (child == 0) {
		lose(70);
		memwatch_ignore_end();
		lose(80);
		memwatch_mark("in the child");
		memwatch_stats(&stats);
		printf("child: live %lu, inherited %d\n", (unsigned long)stats.live_bytes,
		       stats.inherited_live_bytes >= 500);
		tell_leaks("child");
		fflush(stdout);
		_exit(memwatch_watched());
	}
	waitpid(child, &status, 0);
	memwatch_ignore_end();
	printf("parent: %d\n", WEXITSTATUS(status));
	tell_stats("parent", &none);
}

static void on_timer(int number)
{
	struct memwatch_stats stats;

	(void)number;
	n_handled = n_handled + 1;
	memwatch_mark("in a handler");
	memwatch_ignore_begin();
	memwatch_ignore_end();
	if (memwatch_stats(&stats) == 0 && stats.allocations > 0)
		n_answered = n_answered + 1;
}

/* A handler that interrupts whatever is going on. */
static void handlers(void)
{
	struct itimerval each = {{0, 1000}, {0, 1000}}, none = {{0, 0}, {0, 0}};
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = on_timer;
	sigaction(SIGALRM, &action, NULL);
	free(malloc(10)); /* there is something to tell from the first signal on */
	setitimer(ITIMER_REAL, &each, NULL);
	while (n_handled < 50)
		free(malloc(10));
	setitimer(ITIMER_REAL, &none, NULL);
	printf("handled: %d\n", n_handled >= 50 && (n_answered == n_handled || !memwatch_watched()));
}

static void on_much(const struct memwatch_stats *stats, void *ctx)
{
	n_called++;
	printf("call %u: %d %d\n", n_called, stats->live_bytes > 1000000, ctx == (void *)&n_called);
	sem_post(&called);
}

/* Waits until a monitor must have looked twice since. */
static void let_it_look(void)
{
	struct timespec now, then;

	clock_gettime(CLOCK_MONOTONIC, &then);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - then.tv_sec) * 1000 + (now.tv_nsec - then.tv_nsec) / 1000000 < 200);
}

static void monitor(void)
{
	sem_init(&called, 0, 0);
	if (memwatch_monitor_start(1000000, 10, on_much, &n_called)) {
		printf("no monitor, stop: %d\n", memwatch_monitor_stop());
		return;
	}
	printf("second: %d\n", memwatch_monitor_start(1, 10, on_much, NULL));
	kept = malloc(2000000);
	sem_wait(&called);
	let_it_look(); /* still above: nothing new */
	free(kept);
	let_it_look();
	kept = malloc(3000000);
	sem_wait(&called);
	printf("stop: %d\n", memwatch_monitor_stop());
	printf("again: %d\n", memwatch_monitor_stop());
	free(kept);
	printf("calls: %u\n", n_called);
}

/* The reporter is killed meanwhile. */
static void killed(void)
{
	struct memwatch_stats stats;
	struct memwatch_leaks leaks;

	printf("%d %d\n", getpid(), memwatch_stats(&stats));
	fflush(stdout);
	while (getchar() != '\n')
		;
	kept = malloc(10);
	printf("stats: %d\n", memwatch_stats(&stats));
	printf("leaks: %d\n", memwatch_leak_check(&leaks));
	memwatch_mark("nobody hears");
	printf("monitor: %d\n", memwatch_monitor_start(1, 10, on_much, NULL));
	printf("watched: %d\n", memwatch_watched());
}

/* The only pointer is in a register that calls preserve. */
static void registers(void)
{
	struct memwatch_leaks leaks;
	void *p = malloc(90);

	__asm__ volatile("" : "+r"(p));
	memwatch_leak_check(&leaks);
	__asm__ volatile("" : "+r"(p));
	printf("held: %lu\n", (unsigned long)leaks.definite_blocks);
	free(p);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} ways[] = {{"basic", basic},       {"regions", regions}, {"pools", pools},   {"threads", threads},
		    {"forks", forks},       {"handlers", handlers}, {"monitor", monitor}, {"killed", killed},
		    {"registers", registers}};

	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (argc > 1 && strcmp(argv[1], ways[i].name) == 0)
			ways[i].run();
	return 0;
}
