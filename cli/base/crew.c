#include "cli/base/crew.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>

struct member {
	pthread_t thread;
	void (*work)(void *ctx, unsigned member);
	void *ctx;
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
	return NULL;
}

void crew_run(unsigned n, void (*work)(void *ctx, unsigned member), void *ctx)
{
	struct member members[CREW_MAX];
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (unsigned i = 1; i < n; i++) {
		members[i] = (struct member){.work = work, .ctx = ctx, .number = i};
		members[i].started = pthread_create(&members[i].thread, NULL, run, &members[i]) == 0;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	work(ctx, 0);
	for (unsigned i = 1; i < n; i++) {
		if (members[i].started)
			pthread_join(members[i].thread, NULL);
		else
			work(ctx, i);
	}
}
