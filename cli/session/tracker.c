#include "cli/session/tracker.h"

#include "cli/analysis/build.h"
#include "cli/base/msg.h"
#include "cli/base/xalloc.h"
#include "cli/model/process.h"
#include "cli/suppress/rules.h"
#include "cli/outputs.h"

#include <stdlib.h>

struct tracked *tracker_add(struct tracker *tracker, const struct process *process)
{
	struct tracked *tracked = xcalloc(1, sizeof(*tracked));

	tracked->process = process;
	tracker->items = xgrow(tracker->items, &tracker->cap_items, tracker->n_items + 1, sizeof(*tracker->items));
	tracker->items[tracker->n_items++] = tracked;
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
};

static void on_stopped(void *ctx)
{
	const struct scanning *scanning = ctx;

	capture_refresh(scanning->tracker->capture, scanning->process);
}

static void forget_scan(struct tracked *tracked)
{
	if (tracked->scan)
		scan_result_clear(tracked->scan);
	free(tracked->scan);
	tracked->scan = NULL;
}

bool tracker_scan(struct tracker *tracker, struct tracked *tracked, const struct capture_ending *how)
{
	static const struct capture_ending running;
	struct scanning scanning = {tracker, tracked->process};
	const struct capture_ending *at = how ? how : &running;
	const struct scan_request request = {
		.pid = tracked->process->pid,
		.process = tracked->process,
		.scan_tid = (int)at->scan_tid,
		.scan_sp = at->scan_sp,
		.scan_fs_base = at->scan_fs_base,
		.shim_tls_offset = at->tls_offset,
		.shim_tls_bytes = at->tls_bytes,
		.boundary_tid = (int)at->boundary_tid,
		.boundary_sp = at->boundary_sp,
		.keep_edges = tracker->suppressions->n_rules > 0,
		.stopped = on_stopped,
		.ctx = &scanning,
	};
	struct err err = {""};

	forget_scan(tracked);
	tracked->scan = xcalloc(1, sizeof(*tracked->scan));
	if (scan_run(&request, tracked->scan, &err) < 0)
		msg_warning("%s", err.text);
	if (tracked->scan->scanned) {
		tracked->n_scans++;
		tracked->pause_ns += tracked->scan->pause_ns;
	}
	return tracked->scan->scanned;
}

/* ---- reports */

static const char *why_no_verdicts(const struct tracker *tracker, const struct tracked *tracked)
{
	if (tracker->options->no_scan)
		return "--no-scan was given";
	if (tracked->scan)
		return tracked->scan->why_not;
	if (tracked->process->confined)
		return "it confined itself with seccomp and could not wait for a leak scan at its end";
	switch (tracked->process->exit.kind) {
	case PROCESS_SIGNALED:
		return "it was killed by a signal, its memory was gone before it could be read";
	case PROCESS_EXECED:
		return "another program took its place, its memory was gone before it could be read";
	case PROCESS_RUNNING:
		return "no leak scan was made while it ran";
	default:
		return "it ended without passing through exit";
	}
}

static void build(struct tracker *tracker, struct tracked *tracked, struct report_process *report)
{
	const struct build_options how = {
		.depth = tracker->options->depth,
		.scan = tracked->scan,
		.why_not = why_no_verdicts(tracker, tracked),
		.unread = outputs_unread_verdicts(tracker->options),
		.suppressions = tracker->suppressions,
		.n_scans = tracked->n_scans,
		.pause_ns = tracked->pause_ns,
	};

	report_process_build(tracked->process, tracker->symbols, &how, report);
}

void tracker_report(struct tracker *tracker, struct tracked *tracked, struct report_process *report)
{
	capture_refresh(tracker->capture, tracked->process);
	build(tracker, tracked, report);
}

void tracker_end(struct tracker *tracker, struct tracked *tracked)
{
	build(tracker, tracked, &tracked->report);
	tracked->process = NULL;
	forget_scan(tracked);
}

void tracker_take_reports(struct tracker *tracker, struct report *report)
{
	for (size_t i = 0; i < tracker->n_items; i++) {
		*report_add_process(report) = tracker->items[i]->report;
		tracker->items[i]->report = (struct report_process){0};
	}
}

void tracker_release(struct tracker *tracker)
{
	for (size_t i = 0; i < tracker->n_items; i++) {
		forget_scan(tracker->items[i]);
		report_process_clear(&tracker->items[i]->report);
		free(tracker->items[i]);
	}
	free(tracker->items);
	tracker->items = NULL;
	tracker->n_items = tracker->cap_items = 0;
}
