#include "cli/session/tracker.h"

#include "cli/analysis/build.h"
#include "cli/answers/busiest.h"
#include "cli/base/clock.h"
#include "cli/base/msg.h"
#include "cli/base/xalloc.h"
#include "cli/model/process.h"
#include "cli/session/follow.h"
#include "cli/suppress/rules.h"

#include <stdlib.h>

#define LEAVING_SECONDS 1 /* from its scan to its end, even on a busy machine */

struct tracked *tracker_add(struct tracker *tracker, struct process *process)
{
	struct tracked *tracked = xcalloc(1, sizeof(*tracked));

	tracked->process = process;
	tracked->record_id = recorder_newest(tracker->recorder);
	tracker->items = xgrow(tracker->items, &tracker->cap_items, tracker->n_items + 1, sizeof(*tracker->items));
	tracker->items[tracker->n_items++] = tracked;
	follow_start(tracker, tracked, process);
	return tracked;
}

/* Most end soon after their start, so that the search is short from the back. */
struct tracked *tracker_find(const struct tracker *tracker, const struct process *process)
{
	for (size_t i = tracker->n_items; i-- > 0;)
		if (tracker->items[i]->process == process)
			return tracker->items[i];
	BUG("a process was told of that had not started");
}

struct tracked *tracker_find_pid(const struct tracker *tracker, int pid)
{
	for (size_t i = tracker->n_items; i-- > 0;)
		if (tracker->items[i]->process && tracker->items[i]->process->pid == pid)
			return tracker->items[i];
	return NULL;
}

/* ---- scans */

struct scanning {
	struct tracker *tracker;
	const struct process *process;
	bool ending;
};

static bool on_stopped(void *ctx)
{
	const struct scanning *scanning = ctx;

	return capture_settle(scanning->tracker->capture, scanning->process);
}

static void on_released(void *ctx)
{
	const struct scanning *scanning = ctx;

	if (scanning->ending)
		capture_release(scanning->tracker->capture, scanning->process);
}

static void on_meanwhile(void *ctx)
{
	const struct scanning *scanning = ctx;

	capture_attend(scanning->tracker->capture, scanning->process);
}

static size_t on_read(void *ctx, const struct iovec *pieces, size_t n_pieces, void *buf)
{
	const struct scanning *scanning = ctx;

	return capture_ask_memory(scanning->tracker->capture, scanning->process, pieces, n_pieces, buf);
}

static char *on_maps(void *ctx)
{
	const struct scanning *scanning = ctx;

	return capture_ask_maps(scanning->tracker->capture, scanning->process);
}

void tracker_forget_scan(struct tracked *tracked)
{
	tracker_leave_scan(tracked);
	if (tracked->scan)
		scan_result_clear(tracked->scan);
	free(tracked->scan);
	tracked->scan = NULL;
}

double tracker_age_seconds(const struct process *process)
{
	uint64_t now_ns = clock_now_ns();

	return now_ns > process->start_monotonic_ns ? (double)(now_ns - process->start_monotonic_ns) / 1e9 : 0;
}

static uint64_t calls_of(const struct process *process)
{
	return process->totals.allocations + process->totals.frees;
}

void tracker_scanned(struct tracked *tracked, double seconds)
{
	const struct scan_amount *definite = &tracked->scan->totals[SCAN_DEFINITE];
	const struct report_scan scan = {
		.seconds = seconds,
		.pause_seconds = (double)tracked->scan->pause_ns / 1e9,
		.definite = {definite->blocks, definite->bytes},
	};

	tracked->scanned_bytes = tracked->process->totals.live_bytes;
	tracked->scanned_calls = calls_of(tracked->process);
	tracked->scanned_seconds = seconds;
	if (!tracked->scan->scanned)
		return;
	tracked->lost = *definite;
	tracked->lost_ns = tracked->scan->at_ns;
	tracked->n_scans++;
	tracked->pause_ns += tracked->scan->pause_ns;
	tracked->last_pause_ns = tracked->scan->pause_ns;
	course_scan(&tracked->course, &scan);
}

bool tracker_scan(struct tracker *tracker, struct tracked *tracked, const struct capture_ending *where, bool last)
{
	static const struct capture_ending running;
	const struct capture_ending *at = where ? where : &running;
	struct scanning scanning = {tracker, tracked->process, last};
	const struct capture_place place = capture_place(tracker->capture, tracked->process);
	const struct scan_request request = {
		.pid = tracked->process->pid,
		.process = tracked->process,
		.scan_tid = (int)at->scan_tid,
		.scan_sp = at->scan_sp,
		.scan_fs_base = at->scan_fs_base,
		.shim_tls_offset = place.tls_offset,
		.shim_tls_bytes = place.tls_bytes,
		.landmark = place.landmark,
		.malloc_addr = place.malloc_addr,
		.bypassed = place.bypassed,
		.other_pids = place.other_pids,
		.boundary_tid = (int)at->boundary_tid,
		.boundary_sp = at->boundary_sp,
		.keep_edges =
			tracker->suppressions->n_rules > 0 || own_rules_any(tracked->process) || tracker->recorder,
		.stopped = on_stopped,
		.released = on_released,
		.meanwhile = capture_active(tracker->capture) > 1 ? on_meanwhile : NULL,
		.read = at->scan_tid ? on_read : NULL,
		.maps = at->scan_tid ? on_maps : NULL,
		.ctx = &scanning,
	};
	double seconds = tracker_age_seconds(tracked->process);
	struct err err = {""};

	tracked->ending = last;
	tracker_forget_scan(tracked);
	tracked->scan = xcalloc(1, sizeof(*tracked->scan));
	if (scan_run(&request, tracked->scan, &err) < 0)
		msg_warning("%s", err.text);
	tracker_scanned(tracked, seconds);
	recorder_scan(tracker->recorder, tracked->record_id, tracked->scan, seconds, last);
	return tracked->scan->scanned;
}

bool tracker_is_leaving(const struct tracked *tracked)
{
	return tracked->ending && tracked->scan->scanned && calls_of(tracked->process) == tracked->scanned_calls &&
	       tracker_age_seconds(tracked->process) - tracked->scanned_seconds < LEAVING_SECONDS;
}

bool tracker_force_scan(struct tracker *tracker, struct tracked *tracked)
{
	bool scanned = tracker_scan(tracker, tracked, NULL, false);

	tracked->n_forced_scans += scanned;
	return scanned;
}

/* ---- its course */

void tracker_sample(struct tracker *tracker, struct tracked *tracked, const struct report_sample *sample)
{
	history_add(&tracked->course.history, sample);
	growth_sample(&tracked->course.growth, tracked->process, sample->seconds);
	follow_sample(tracked, sample);
	recorder_sample(tracker->recorder, tracked->record_id, sample);
}

void tracker_warn(struct tracker *tracker, struct tracked *tracked, const struct report_warning *warning)
{
	course_warn(&tracked->course, warning);
	recorder_warning(tracker->recorder, tracked->record_id, warning);
}

void tracker_limit(struct tracker *tracker, struct tracked *tracked, uint64_t n_bytes, const char *source)
{
	tracked->course.limit_bytes = n_bytes;
	tracked->course.limit_source = source;
	recorder_limit(tracker->recorder, tracked->record_id, n_bytes, source);
}

void tracker_judge(struct tracker *tracker, struct tracked *tracked, bool final)
{
	recorder_judge(tracker->recorder, tracked->record_id, final);
	if (final || !tracked->course.growth.final)
		growth_judge(&tracked->course.growth, tracked->process, final);
}

/* ---- the end */

/* The pipe of a child may be read before its parent's. */
static void sort_by_start(struct report *report)
{
	for (size_t i = 1; i < report->n_processes; i++) {
		struct report_process moving = report->processes[i];
		size_t at = i;

		for (; at > 0 && report->processes[at - 1].start_realtime_ns > moving.start_realtime_ns; at--)
			report->processes[at] = report->processes[at - 1];
		report->processes[at] = moving;
	}
}

void tracker_take_reports(struct tracker *tracker, struct report *report)
{
	for (size_t i = 0; i < tracker->n_items; i++) {
		*report_add_process(report) = tracker->items[i]->report;
		tracker->items[i]->report = (struct report_process){0};
	}
	sort_by_start(report);
}

void tracker_release(struct tracker *tracker)
{
	follow_release(tracker);
	for (size_t i = 0; i < tracker->n_items; i++) {
		tracker_forget_scan(tracker->items[i]);
		own_rules_release(&tracker->items[i]->rules);
		course_release(&tracker->items[i]->course);
		functions_release(&tracker->items[i]->functions);
		busiest_free(tracker->items[i]->busiest);
		report_process_clear(&tracker->items[i]->report);
		free(tracker->items[i]->rests);
		free(tracker->items[i]);
	}
	free(tracker->items);
	tracker->items = NULL;
	tracker->n_items = tracker->cap_items = 0;
}
