#include "cli/session/follow.h"

#include "cli/analysis/event_log.h"
#include "cli/base/xalloc.h"
#include "cli/outputs/outputs.h"

#include <stdlib.h>
#include <string.h>

static void on_allocated(void *ctx, uint64_t addr, uint32_t stack, uint64_t size_bytes, uint32_t ms)
{
	event_log_allocated(ctx, addr, stack, size_bytes, ms);
}

static void on_freed(void *ctx, uint64_t addr, uint32_t stack, uint64_t size_bytes, uint32_t ms)
{
	event_log_freed(ctx, addr, stack, size_bytes, ms);
}

/* Beside the file that is to be written, where there must be space for that; its folder may depend on the process. */
static struct spool *spool_beside(const char *path)
{
	char *folder = xstrndup(path, strcspn(path, "%")), *slash = strrchr(folder, '/');
	struct spool *spool;

	if (slash)
		slash[slash == folder] = '\0';
	spool = spool_new(slash ? folder : strcmp(path, "-") ? "." : NULL);
	free(folder);
	return spool;
}

void follow_start(struct tracker *tracker, struct tracked *tracked, struct process *process)
{
	const char *path = outputs_events_path(tracker->options);
	struct process_follower follower = {.allocated = on_allocated, .freed = on_freed};

	if (!path)
		return;
	if (!tracker->spool)
		tracker->spool = spool_beside(path);
	tracked->events = event_log_new(tracker->spool);
	follower.ctx = tracked->events;
	process_follow(process, &follower);
}

void follow_sample(struct tracked *tracked, const struct report_sample *sample)
{
	double ms = sample->seconds * 1e3; /* of a recording: whatever it says */

	if (tracked->events && sample->rss_bytes)
		event_log_resident(tracked->events, sample->rss_bytes, ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX);
}

void follow_end(struct tracked *tracked)
{
	if (tracked->events)
		event_log_end(tracked->events);
}

void follow_release(struct tracker *tracker)
{
	for (size_t i = 0; i < tracker->n_items; i++)
		event_log_free(tracker->items[i]->events);
	spool_free(tracker->spool);
	tracker->spool = NULL;
}
