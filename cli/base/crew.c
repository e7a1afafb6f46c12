#include "cli/base/crew.h"

#include "cli/base/thread.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <time.h>

#define PERIOD_NS 1000000 /* the fastest writers fill a pipe in little more */

struct member {
	pthread_t thread;
	void (*work)(void *ctx, unsigned member);
	void *ctx;
	sem_t *done;
	unsigned number;
	bool started;
};

unsigned crew_size(unsigned long work, unsigned long share)
{
	unsigned long n = 1 + work / share, n_cpus = 1;
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0)
		n_cpus = (unsigned long)CPU_COUNT(&cpus);
	if (n > n_cpus)
		n = n_cpus;
	return n > CREW_MAX ? CREW_MAX : (unsigned)n;
}

static void *run(void *arg)
{
	const struct member *member = arg;

	member->work(member->ctx, member->number);
	sem_post(member->done);
	return NULL;
}

/* Until `done` was posted once more. */
static void await(sem_t *done, struct crew_wait wait)
{
	for (;;) {
		struct timespec until;

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += PERIOD_NS;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		if (sem_clockwait(done, CLOCK_MONOTONIC, &until) == 0)
			return;
		if (errno == ETIMEDOUT)
			wait.meanwhile(wait.ctx);
	}
}

void crew_run(const struct crew *crew, void (*work)(void *ctx, unsigned member), void *ctx)
{
	struct member members[CREW_MAX];
	bool waits = crew->wait.meanwhile;
	sem_t done;

	sem_init(&done, 0, 0);
	for (unsigned i = 0; i < crew->n; i++) {
		members[i] = (struct member){.work = work, .ctx = ctx, .done = &done, .number = i};
		members[i].started = (i > 0 || waits) && thread_start(&members[i].thread, NULL, run, &members[i]) == 0;
	}
	for (unsigned i = 0; i < crew->n; i++)
		if (!members[i].started)
			work(ctx, i);
	for (unsigned i = 0; i < crew->n; i++)
		if (members[i].started && waits)
			await(&done, crew->wait);
	for (unsigned i = 0; i < crew->n; i++)
		if (members[i].started)
			pthread_join(members[i].thread, NULL);
	sem_destroy(&done);
}
