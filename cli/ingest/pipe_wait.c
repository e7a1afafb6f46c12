#include "cli/ingest/pipe_wait.h"

#include "cli/base/clock.h"
#include "cli/base/xalloc.h"

#include <event2/event.h>
#include <stdint.h>
#include <stdlib.h>

#define REST_MS       2
#define STEADY_READS  8                     /* in a row, before it counts as steady */
#define STEADY_BYTES  ((size_t)32 << 10)    /* at least, in each */
#define MUCH_BYTES    ((size_t)512 << 10)   /* half a pipe: it writes too fast to rest */
#define FULL_BYTES    ((size_t)960 << 10)   /* it may have had to wait for us */
#define AWAKE_NS      UINT64_C(250000000)   /* after that, at first … */
#define AWAKE_MOST_NS UINT64_C(10000000000) /* … and at most */

struct pipe_wait {
	struct event *readable, *rested;
	void (*ready)(void *ctx);
	void *ctx;
	bool on, resting;
	unsigned n_steady;
	uint64_t awake_until_ns, awake_ns;
};

static void on_event(evutil_socket_t fd, short what, void *ctx)
{
	struct pipe_wait *wait = ctx;

	(void)fd;
	(void)what;
	wait->ready(wait->ctx);
}

struct pipe_wait *pipe_wait_new(struct event_base *base, int fd, void (*ready)(void *ctx), void *ctx)
{
	struct pipe_wait *wait = xcalloc(1, sizeof(*wait));

	wait->ready = ready;
	wait->ctx = ctx;
	wait->awake_ns = AWAKE_NS;
	wait->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_event, wait);
	wait->rested = event_new(base, -1, 0, on_event, wait);
	return wait;
}

void pipe_wait_free(struct pipe_wait *wait)
{
	if (!wait)
		return;
	event_free(wait->readable);
	event_free(wait->rested);
	free(wait);
}

void pipe_wait_on(struct pipe_wait *wait)
{
	if (!wait->on)
		event_add(wait->readable, NULL);
	wait->on = true;
}

void pipe_wait_off(struct pipe_wait *wait)
{
	event_del(wait->readable);
	event_del(wait->rested);
	wait->on = wait->resting = false;
	wait->n_steady = 0;
}

bool pipe_wait_rests(const struct pipe_wait *wait)
{
	return wait->resting || !wait->on;
}

static void stay_awake(struct pipe_wait *wait)
{
	wait->awake_until_ns = clock_now_ns() + wait->awake_ns;
	wait->awake_ns = wait->awake_ns < AWAKE_MOST_NS / 2 ? wait->awake_ns * 2 : AWAKE_MOST_NS;
}

void pipe_wait_read(struct pipe_wait *wait, size_t n_bytes)
{
	static const struct timeval rest = {.tv_usec = REST_MS * 1000};
	bool rests;

	if (!wait->on)
		return;
	if (wait->resting && n_bytes >= FULL_BYTES)
		stay_awake(wait);
	wait->n_steady = n_bytes >= STEADY_BYTES ? wait->n_steady + 1 : 0;
	rests = wait->n_steady >= STEADY_READS && n_bytes < MUCH_BYTES && clock_now_ns() >= wait->awake_until_ns;
	if (rests && !wait->resting)
		event_del(wait->readable);
	else if (!rests && wait->resting)
		event_add(wait->readable, NULL);
	if (rests)
		event_add(wait->rested, &rest);
	wait->resting = rests;
}
