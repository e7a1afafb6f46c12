#include "cli/serve/turns.h"

#include "cli/base/ahead.h"
#include "cli/base/clock.h"
#include "cli/base/xalloc.h"

#include <errno.h>
#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define SHARE    4                    /* all work together takes no more than one part in so many of the time … */
#define SAVED_NS UINT64_C(1000000000) /* … but what was not used of it within this time is left for later */

struct turns {
	struct event *timer, *made_event;
	struct turn *first;   /* of those that wait, or have the turn */
	struct turn *current; /* has the turn; NULL = nobody */
	uint64_t free_ns;     /* when the next work may begin */
	/* what is made in the thread, for `current` */
	struct ahead ahead;
	bool aside;
	int made_fd; /* readable when it is done; -1 = there are no threads */
	void (*make)(void *ctx);
	void (*then)(void *ctx);
	void *ctx;
	uint64_t made_ns;
};

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void plan(struct turns *turns)
{
	uint64_t due_ns = UINT64_MAX, now = clock_now_ns();
	struct timeval wait;

	if (turns->aside)
		return;
	if (turns->current)
		due_ns = turns->current->due_ns;
	for (const struct turn *turn = turns->current ? NULL : turns->first; turn; turn = turn->next)
		if (turn->due_ns < due_ns)
			due_ns = turn->due_ns;
	if (due_ns == UINT64_MAX)
		return;
	if (!turns->current && due_ns < turns->free_ns)
		due_ns = turns->free_ns;
	due_ns = due_ns > now ? due_ns - now : 0;
	wait.tv_sec = (time_t)(due_ns / 1000000000);
	wait.tv_usec = (suseconds_t)(due_ns % 1000000000 / 1000) + 1;
	evtimer_add(turns->timer, &wait);
}

/* The first of those whose time has come. */
static struct turn *choose(const struct turns *turns, uint64_t now)
{
	struct turn *turn = turns->first;

	while (turn && turn->due_ns > now)
		turn = turn->next;
	return turn;
}

static void charge(struct turns *turns, uint64_t took_ns)
{
	uint64_t now = clock_now_ns();

	if (turns->free_ns + SAVED_NS < now)
		turns->free_ns = now - SAVED_NS;
	turns->free_ns += took_ns * SHARE;
}

/* Has a piece of the current one's work done. It may be gone then. */
static void call(struct turns *turns, void (*work)(void *ctx), void *ctx)
{
	uint64_t begin_ns = clock_now_ns();

	turns->current->work = NULL;
	work(ctx);
	charge(turns, clock_now_ns() - begin_ns);
	if (turns->current && !turns->current->work && !turns->aside)
		turns_end(turns, turns->current);
	plan(turns);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct turns *turns = ctx;
	struct turn *turn = turns->current;
	uint64_t now = clock_now_ns();

	(void)fd, (void)what;
	if (!turn && now >= turns->free_ns) {
		turn = choose(turns, now);
		turns->current = turn;
	}
	if (turn)
		call(turns, turn->work, turn->ctx);
	else
		plan(turns);
}

/* ---- the thread */

static void make(void *ctx)
{
	struct turns *turns = ctx;
	uint64_t one = 1, begin_ns = cpu_ns();

	turns->make(turns->ctx);
	turns->made_ns = cpu_ns() - begin_ns;
	while (turns->made_fd >= 0 && write(turns->made_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
}

/* Waits for the thread. */
static void finish(struct turns *turns)
{
	uint64_t n;

	ahead_finish(&turns->ahead);
	turns->aside = false;
	while (read(turns->made_fd, &n, sizeof(n)) < 0 && errno == EINTR)
		continue;
	charge(turns, turns->made_ns);
}

static void on_made(evutil_socket_t fd, short what, void *ctx)
{
	struct turns *turns = ctx;

	(void)fd, (void)what;
	if (!turns->aside)
		return;
	finish(turns);
	call(turns, turns->then, turns->ctx);
}

void turns_aside(struct turns *turns, struct turn *turn, void (*make_it)(void *ctx), void (*then)(void *ctx))
{
	turns->make = make_it;
	turns->then = then;
	turns->ctx = turn->ctx;
	turns->aside = turns->made_fd >= 0 && ahead_start(&turns->ahead, make, turns);
	if (turns->aside)
		return;
	make_it(turn->ctx);
	then(turn->ctx);
}

/* ---- asking */

void turns_wait(struct turns *turns, struct turn *turn, uint64_t delay_ns, void (*work)(void *ctx), void *ctx)
{
	struct turn **end = &turns->first;

	while (*end)
		end = &(*end)->next;
	*end = turn;
	*turn = (struct turn){.work = work, .ctx = ctx, .due_ns = clock_now_ns() + delay_ns};
	plan(turns);
}

void turns_again(struct turns *turns, struct turn *turn, uint64_t pause_ns, void (*work)(void *ctx))
{
	(void)turns;
	turn->work = work;
	turn->due_ns = clock_now_ns() + pause_ns;
}

void turns_end(struct turns *turns, struct turn *turn)
{
	struct turn **at = &turns->first;

	while (*at && *at != turn)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = turn->next;
	if (turns->current != turn)
		return;
	if (turns->aside)
		finish(turns);
	turns->current = NULL;
	plan(turns);
}

/* ---- all of it */

struct turns *turns_new(struct event_base *base)
{
	struct turns *turns = xcalloc(1, sizeof(*turns));

	turns->timer = evtimer_new(base, on_timer, turns);
	turns->made_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (turns->made_fd >= 0) {
		turns->made_event = event_new(base, turns->made_fd, EV_READ | EV_PERSIST, on_made, turns);
		event_add(turns->made_event, NULL);
	}
	return turns;
}

void turns_free(struct turns *turns)
{
	if (!turns)
		return;
	event_free(turns->timer);
	if (turns->made_event)
		event_free(turns->made_event);
	if (turns->made_fd >= 0)
		close(turns->made_fd);
	free(turns);
}
