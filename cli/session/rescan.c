#include "cli/session/rescan.h"

#include "cli/base/clock.h"
#include "cli/base/msg.h"
#include "cli/base/xalloc.h"
#include "cli/model/process.h"

#include <event2/event.h>
#include <stdlib.h>
#include <time.h>

#define FLOOR_BYTES ((uint64_t)4 << 20)
#define LOOK_NS     UINT64_C(50000000) /* between two looks at live bytes; the models are as old at most */
#define SHARE       4                  /* scanning takes no more than one part in five of the time */

struct rescan {
	struct tracker *tracker;
	struct event *timer;
	uint64_t every_ns, due_ns; /* CLOCK_MONOTONIC; every_ns 0 = not by time */
	unsigned percent;          /* 0 = not by growth */
	bool warned;
};

uint64_t rescan_threshold(uint64_t scanned_bytes, unsigned percent)
{
	uint64_t floor_bytes = FLOOR_BYTES / 100 * percent;
	uint64_t grown = scanned_bytes + scanned_bytes / 100 * percent + scanned_bytes % 100 * percent / 100;

	return grown > floor_bytes ? grown : floor_bytes;
}

static bool is_due(const struct rescan *rescan, const struct tracked *tracked, bool by_time)
{
	if (!tracked->process || tracked->ending)
		return false;
	if (by_time)
		return true;
	return rescan->percent &&
	       tracked->process->totals.live_bytes >= rescan_threshold(tracked->scanned_bytes, rescan->percent);
}

static void scan(struct rescan *rescan, struct tracked *tracked)
{
	if (tracker_scan(rescan->tracker, tracked, NULL, false) || rescan->warned)
		return;
	msg_warning("process %d could not be scanned while it ran: %s", tracked->process->pid, tracked->scan->why_not);
	rescan->warned = true;
}

static void schedule(const struct rescan *rescan, uint64_t earliest_ns)
{
	uint64_t now = clock_now_ns(), at = rescan->percent ? now + LOOK_NS : rescan->due_ns;
	struct timeval wait;

	if (rescan->every_ns && rescan->due_ns < at)
		at = rescan->due_ns;
	if (at < earliest_ns)
		at = earliest_ns;
	at = at > now ? at - now : 0;
	wait = (struct timeval){(time_t)(at / 1000000000u), (suseconds_t)(at % 1000000000u / 1000)};
	evtimer_add(rescan->timer, &wait);
}

static void on_timer(evutil_socket_t fd, short what, void *ctx)
{
	struct rescan *rescan = ctx;
	struct tracker *tracker = rescan->tracker;
	uint64_t begin = clock_now_ns(), end;
	bool by_time = rescan->every_ns && begin >= rescan->due_ns;

	(void)fd, (void)what;
	capture_sync(tracker->capture); /* what has ended is not to be scanned */
	for (size_t i = 0; i < tracker->n_items; i++)
		if (is_due(rescan, tracker->items[i], by_time))
			scan(rescan, tracker->items[i]);
	end = clock_now_ns();
	if (by_time)
		rescan->due_ns = begin + rescan->every_ns;
	schedule(rescan, end + (end - begin) * SHARE);
}

struct rescan *rescan_new(struct tracker *tracker, struct event_base *base)
{
	const struct options *options = tracker->options;
	struct rescan *rescan;

	if (!options->scan_every_ns && !options->scan_percent)
		return NULL;
	rescan = xcalloc(1, sizeof(*rescan));
	*rescan = (struct rescan){
		.tracker = tracker,
		.timer = evtimer_new(base, on_timer, rescan),
		.every_ns = options->scan_every_ns,
		.due_ns = clock_now_ns() + options->scan_every_ns,
		.percent = options->scan_percent,
	};
	schedule(rescan, 0);
	return rescan;
}

void rescan_free(struct rescan *rescan)
{
	if (!rescan)
		return;
	event_free(rescan->timer);
	free(rescan);
}
