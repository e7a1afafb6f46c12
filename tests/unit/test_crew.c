/* Work that several threads do at once. */
#include "cli/base/crew.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>

#define SHARE 1000ul

struct job {
	_Atomic unsigned n_runs[CREW_MAX];
	_Atomic unsigned n_in_caller, n_taking_signals;
	pthread_t caller;
	sem_t go;
};

static void count(void *ctx, unsigned member)
{
	struct job *job = ctx;
	sigset_t blocked;

	atomic_fetch_add(&job->n_runs[member], 1);
	if (pthread_equal(pthread_self(), job->caller)) {
		atomic_fetch_add(&job->n_in_caller, 1);
		return;
	}
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	atomic_fetch_add(&job->n_taking_signals, !sigismember(&blocked, SIGTERM));
}

static void expect_once_each(const struct job *job, unsigned n)
{
	for (unsigned i = 0; i < CREW_MAX; i++)
		cr_assert_eq(job->n_runs[i], i < n ? 1 : 0, "member %u of %u ran %u times", i, n, job->n_runs[i]);
	cr_assert_eq(job->n_taking_signals, 0);
}

Test(crew, each_number_once_and_the_caller_is_one_of_them)
{
	for (unsigned n = 1; n <= CREW_MAX; n++) {
		struct job job = {.caller = pthread_self()};

		crew_run(&(struct crew){.n = n}, count, &job);
		expect_once_each(&job, n);
		cr_assert_eq(job.n_in_caller, 1);
	}
}

static void let_go(void *ctx)
{
	struct job *job = ctx;

	sem_post(&job->go);
}

static void wait_then_count(void *ctx, unsigned member)
{
	struct job *job = ctx;

	sem_wait(&job->go);
	count(job, member);
}

/* All wait for what the caller does meanwhile. */
Test(crew, the_caller_does_something_else)
{
	for (unsigned n = 1; n <= CREW_MAX; n++) {
		struct job job = {.caller = pthread_self()};

		sem_init(&job.go, 0, 0);
		crew_run(&(struct crew){n, {let_go, &job}}, wait_then_count, &job);
		expect_once_each(&job, n);
		cr_assert_eq(job.n_in_caller, 0);
		sem_destroy(&job.go);
	}
}

Test(crew, size_is_by_work_and_processors)
{
	unsigned most = crew_size(1000 * SHARE, SHARE);

	cr_assert_eq(crew_size(0, SHARE), 1);
	cr_assert_eq(crew_size(SHARE - 1, SHARE), 1);
	cr_assert(most >= 1 && most <= CREW_MAX);
	cr_assert_eq(crew_size(SHARE, SHARE), most > 1 ? 2 : 1);
}
