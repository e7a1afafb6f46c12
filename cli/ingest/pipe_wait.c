#include "cli/ingest/pipe_wait.h"

#include "cli/base/clock.h"
#include "cli/base/xalloc.h"

#include <event2/event.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>

#define STEADY_BYTES ((size_t)32 << 10) /* at least, in a read: less does not come of filled chunks */
#define SMALL_MOST   2                  /* smaller reads in a row, before what comes is to wake us */
#define REST_MS      2                  /* at most, and less if the writer would fill a third of the pipe meanwhile */

struct pipe_wait {
	struct event *readable, *rested;
	void (*ready)(void *ctx);
	void *ctx;
	bool on, resting;
	unsigned n_small;
	uint64_t capacity; /* of the pipe, bytes; 0 = not known */
	uint64_t read_ns;  /* when it was read last */
	uint64_t rate;     /* bytes/ms that came lately: the highest counts for a while */
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
	int capacity = fcntl(fd, F_GETPIPE_SZ);

	wait->capacity = capacity > 0 ? (uint64_t)capacity : 0;
	wait->ready = ready;
	wait->ctx = ctx;
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
	wait->n_small = 0;
}

bool pipe_wait_rests(const struct pipe_wait *wait)
{
	return wait->resting || !wait->on;
}

static void estimate(struct pipe_wait *wait, size_t n_bytes)
{
	uint64_t now = clock_now_ns(), rate = n_bytes * UINT64_C(1000000) / (now - wait->read_ns + 1);

	if (n_bytes >= wait->capacity / 2 && rate < 2 * wait->capacity)
		rate = 2 * wait->capacity; /* it may have had to wait: how fast it is cannot be said */
	wait->rate = rate > wait->rate ? rate : (wait->rate * 3 + rate) / 4;
	wait->read_ns = now;
}

static int rest_ms(const struct pipe_wait *wait)
{
	int ms = REST_MS;

	while (ms > 0 && wait->rate * (uint64_t)ms > wait->capacity / 3)
		ms--;
	return ms;
}

void pipe_wait_read(struct pipe_wait *wait, size_t n_bytes)
{
	bool small = n_bytes < STEADY_BYTES, rests;
	struct timeval rest = {0};

	if (!wait->on)
		return;
	estimate(wait, n_bytes);
	wait->n_small = small ? wait->n_small + 1 : 0;
	rests = !small || (wait->resting && wait->n_small < SMALL_MOST);
	if (rests && !wait->resting)
		event_del(wait->readable);
	else if (!rests && wait->resting)
		event_add(wait->readable, NULL);
	rest.tv_usec = rest_ms(wait) * 1000;
	if (rests)
		event_add(wait->rested, &rest);
	wait->resting = rests;
}
