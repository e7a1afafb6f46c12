#include "cli/base/ahead.h"

#include "cli/base/thread.h"

#include <sys/resource.h>
#include <unistd.h>

static void *run(void *arg)
{
	struct ahead *ahead = arg;

	if (ahead->niceness)
		setpriority(PRIO_PROCESS, (id_t)gettid(), ahead->niceness); /* of this thread alone, on Linux */
	ahead->work(ahead->ctx);
	atomic_store(&ahead->done, true);
	if (atomic_exchange(&ahead->left, true))
		ahead->release(ahead->release_ctx);
	return NULL;
}

bool ahead_start(struct ahead *ahead, void (*work)(void *ctx), void *ctx)
{
	if (!ahead_idle(ahead))
		return false;
	ahead_finish(ahead);
	ahead->work = work;
	ahead->ctx = ctx;
	atomic_store(&ahead->hurry, false);
	atomic_store(&ahead->done, false);
	atomic_store(&ahead->left, false);
	ahead->started = thread_start(&ahead->thread, NULL, run, ahead) == 0;
	return ahead->started;
}

void ahead_hurry(struct ahead *ahead)
{
	atomic_store(&ahead->hurry, true);
}

bool ahead_hurried(const struct ahead *ahead)
{
	return atomic_load(&ahead->hurry);
}

bool ahead_idle(const struct ahead *ahead)
{
	return !ahead->started || atomic_load(&ahead->done);
}

void ahead_finish(struct ahead *ahead)
{
	if (!ahead->started)
		return;
	ahead_hurry(ahead);
	pthread_join(ahead->thread, NULL);
	ahead->started = false;
}

void ahead_abandon(struct ahead *ahead, void (*release)(void *ctx), void *ctx)
{
	pthread_t thread = ahead->thread;

	if (!ahead->started) {
		release(ctx);
		return;
	}
	ahead->release = release;
	ahead->release_ctx = ctx;
	ahead_hurry(ahead);
	if (!atomic_exchange(&ahead->left, true)) {
		pthread_detach(thread);
		return;
	}
	pthread_join(thread, NULL);
	release(ctx);
}
