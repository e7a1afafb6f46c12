/* Threads that are not stopped: this process looks at its own. */
#include "cli/scan/unstopped.h"

#include "cli/scan/tasks.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

static int block[2];
static sem_t ready;
static pthread_t spinning, sleeping;
static _Atomic int stop_spinning;
static int tids[2];
static char word;

static void *sleep_in_kernel(void *unused)
{
	tids[0] = (int)syscall(SYS_gettid);
	sem_post(&ready);
	if (read(block[0], &word, 1) != 1)
		return NULL;
	return unused;
}

static void *spin(void *unused)
{
	tids[1] = (int)syscall(SYS_gettid);
	sem_post(&ready);
	while (!atomic_load(&stop_spinning))
		;
	return unused;
}

static const struct stop_thread *find(const struct stop *stop, int tid)
{
	for (size_t i = 0; i < stop->n_threads; i++)
		if (stop->threads[i].tid == tid)
			return &stop->threads[i];
	cr_assert_fail("no thread %d", tid);
	return NULL;
}

/* Whether it has come to its read(). */
static bool is_asleep(void)
{
	struct stop_thread thread = {.tid = tids[0]};

	unstopped_look_at(getpid(), &thread);
	return thread.has_args && thread.regs.rsi == (uint64_t)(uintptr_t)&word;
}

Test(unstopped, threads_are_found_and_seen_to_run, .timeout = 30)
{
	uint64_t probe = (uint64_t)(uintptr_t)&word;
	struct live_memory live;
	struct maps maps;
	struct stop stop;
	struct err err = {""};
	int tid, self = (int)syscall(SYS_gettid);
	size_t n_others = tasks_count(getpid(), &tid); /* Criterion has threads, too */

	cr_assert_eq(pipe(block), 0);
	sem_init(&ready, 0, 0);
	pthread_create(&sleeping, NULL, sleep_in_kernel, NULL);
	pthread_create(&spinning, NULL, spin, NULL);
	sem_wait(&ready);
	sem_wait(&ready);
	while (!is_asleep())
		sched_yield();
	cr_assert_eq(tasks_count(getpid(), &tid), n_others + 2);
	unstopped_begin(&stop, getpid());
	cr_assert_eq(stop.n_threads, n_others + 2);
	cr_assert_eq(maps_read(&maps, getpid(), &err), 0, "%s", err.text);
	cr_assert_eq(live_memory_open(&live, getpid(), probe, &err), 0, "%s", err.text);
	unstopped_find_records(&stop, &maps, &live.memory);
	cr_assert_eq(find(&stop, tids[0])->fs_base, (uint64_t)sleeping);
	cr_assert_eq(find(&stop, tids[1])->fs_base, (uint64_t)spinning);
	cr_assert_eq(find(&stop, self)->fs_base, (uint64_t)pthread_self());
	cr_assert_neq(find(&stop, tids[0])->sp, 0);
	while (unstopped_ran(&stop, self) == 0)
		sched_yield(); /* until the one that spins is seen to do so */
	atomic_store(&stop_spinning, 1);
	pthread_join(spinning, NULL);
	cr_assert_eq(write(block[1], "x", 1), 1);
	pthread_join(sleeping, NULL);
	stop_end(&stop);
	live_memory_close(&live);
	maps_clear(&maps);
}
