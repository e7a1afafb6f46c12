#include "cli/session/tracker.h"

#include "cli/analysis/build.h"
#include "cli/analysis/coverage.h"
#include "cli/answers/busiest.h"
#include "cli/base/clock.h"
#include "cli/base/msg.h"
#include "cli/base/xalloc.h"
#include "cli/model/process.h"
#include "cli/outputs/outputs.h"
#include "cli/session/beside.h"
#include "cli/session/follow.h"
#include "cli/session/overhead.h"
#include "cli/suppress/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LEAVING_SECONDS 1 /* from its scan to its end, even on a busy machine */
#define HEAP_WAIT_MS 100u /* for a running process to come to its next call */
#define PHRASE_BYTES 1024 /* why there are no verdicts */

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

/* What is being made bit by bit would miss what is about to go. */
static void complete_rests(const struct tracked *tracked)
{
	for (size_t i = 0; i < tracked->n_rests; i++)
		report_process_complete(tracked->rests[i]);
}

void tracker_forget_scan(struct tracked *tracked)
{
	complete_rests(tracked);
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

/* ---- reports */

static const char *why_no_verdicts(const struct tracker *tracker, const struct tracked *tracked)
{
	const struct scan_result *scan = tracked->scan;
	bool ended = tracked->process->ended;

	if (scan && !scan->scanned && (!ended || (tracked->ending && !scan->gone)))
		return scan->why_not;
	if (tracker->options->no_scan)
		return "--no-scan was given";
	if (process_lsan(tracked->process)->turned_off)
		return "the program turned leak checks off, by __lsan_is_turned_off()";
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

/*
 * What a scan found while it ran is not true of its end: some of the blocks that live now were lost since. So there are
 * no verdicts, but what the last scan had found is told.
 */
static void say_last_scan(const struct tracked *tracked, const char *why_not, char *phrase, size_t n_bytes)
{
	const struct process *process = tracked->process;
	uint64_t end_ns = process->end_monotonic_ns - process->start_monotonic_ns;
	uint64_t age_ns = end_ns > tracked->lost_ns ? end_ns - tracked->lost_ns : 0;

	snprintf(phrase, n_bytes,
		 "%s; the last leak scan, %.1f s before, found %llu bytes in %llu blocks definitely lost", why_not,
		 (double)age_ns / 1e9, (unsigned long long)tracked->lost.bytes,
		 (unsigned long long)tracked->lost.blocks);
}

static void fill_memstats(const struct tracked *tracked, struct memstats_input *to)
{
	const struct process *process = tracked->process;

	gauge_fill(&tracked->gauge, process, to);
	to->n_scans = tracked->n_scans;
	to->n_forced_scans = tracked->n_forced_scans;
	to->pause_ns = tracked->pause_ns;
	to->last_pause_ns = tracked->last_pause_ns;
	if (tracked->n_scans)
		to->last_scan_realtime_ns = process->start_realtime_ns + (int64_t)tracked->lost_ns;
	to->limit_bytes = tracked->course.limit_bytes;
	to->limit_source = tracked->course.limit_source;
}

/* What is peculiar to one report; the rest is as the options and the process say. */
struct wanted {
	unsigned unread;
	bool totals_only, sites, ages, metrics;
	const struct sites_base *sites_base;
};

/* `phrase`, of n_bytes, is memory for it. */
static struct build_options options_of(const struct tracker *tracker, struct tracked *tracked,
				       const struct wanted *wanted, char *phrase, size_t n_bytes)
{
	bool past = tracked->process->ended && !tracked->ending; /* the scan is not of its end */
	struct build_options how = {
		.depth = tracker->options->depth,
		.totals_only = wanted->totals_only,
		.scan = past ? NULL : tracked->scan,
		.why_not = why_no_verdicts(tracker, tracked),
		.unread = wanted->unread,
		.suppressions = wanted->totals_only
					? NULL
					: own_rules(&tracked->rules, tracked->process, tracker->suppressions),
		.n_scans = tracked->n_scans,
		.pause_ns = tracked->pause_ns,
		.peak_stacks = outputs_peak_stacks(tracker->options),
		.sites = wanted->sites,
		.ages = wanted->ages,
		.sites_base = wanted->sites_base,
		.functions = wanted->metrics ? &tracked->functions : NULL,
		.judged = wanted->metrics,
		.course = &tracked->course,
	};

	how.remark = tracked->rules.problem[0] ? tracked->rules.problem : NULL;
	if (past && tracked->n_scans) {
		say_last_scan(tracked, how.why_not, phrase, n_bytes);
		how.why_not = phrase;
	}
	return how;
}

/* Of a process that runs. */
static struct report_rest *begin(struct tracker *tracker, struct tracked *tracked, const struct wanted *wanted,
				 struct report_process *report)
{
	struct memstats_input memstats = {0};
	char phrase[PHRASE_BYTES];
	struct build_options how = options_of(tracker, tracked, wanted, phrase, sizeof(phrase));

	how.overhead = overhead_now();
	how.memstats = &memstats;
	fill_memstats(tracked, &memstats);
	if (!wanted->totals_only) /* then growth is judged */
		recorder_judge(tracker->recorder, tracked->record_id, false);
	return report_process_begin(tracked->process, tracker->symbols, &how, report);
}

static void build(struct tracker *tracker, struct tracked *tracked, const struct wanted *wanted,
		  struct report_process *report)
{
	report_process_end(begin(tracker, tracked, wanted, report), report);
}

void tracker_totals(struct tracker *tracker, struct tracked *tracked, struct report_process *report)
{
	gauge_look(&tracked->gauge, tracker->capture, tracked->process, HEAP_WAIT_MS);
	capture_refresh(tracker->capture, tracked->process);
	build(tracker, tracked, &(struct wanted){.totals_only = true}, report);
}

void tracker_metrics(struct tracker *tracker, struct tracked *tracked, struct report_process *report)
{
	capture_refresh(tracker->capture, tracked->process);
	build(tracker, tracked, &(struct wanted){.totals_only = true, .metrics = true}, report);
}

void tracker_report_scan(struct tracker *tracker, struct tracked *tracked, unsigned unread,
			 struct report_process *report)
{
	build(tracker, tracked, &(struct wanted){.unread = unread}, report);
}

void tracker_sites(struct tracker *tracker, struct tracked *tracked, const struct sites_base *base,
		   struct report_process *report)
{
	build(tracker, tracked, &(struct wanted){.totals_only = true, .sites = true, .sites_base = base}, report);
}

static struct report_rest *begin_rest(struct tracker *tracker, struct tracked *tracked, const struct wanted *wanted,
				      struct report_process *report)
{
	struct report_rest *rest = begin(tracker, tracked, wanted, report);

	tracked->rests = xgrow(tracked->rests, &tracked->cap_rests, tracked->n_rests + 1, sizeof(*tracked->rests));
	tracked->rests[tracked->n_rests++] = rest;
	return rest;
}

struct report_rest *tracker_report_begin(struct tracker *tracker, struct tracked *tracked,
					 struct report_process *report)
{
	return begin_rest(tracker, tracked, &(struct wanted){0}, report);
}

struct report_rest *tracker_sites_begin(struct tracker *tracker, struct tracked *tracked, const struct sites_base *base,
					struct report_process *report)
{
	return begin_rest(tracker, tracked, &(struct wanted){.totals_only = true, .sites = true, .sites_base = base},
			  report);
}

void tracker_complete(struct tracked *tracked, struct report_rest *rest)
{
	size_t i = 0;

	while (tracked->rests[i] != rest)
		i++;
	tracked->rests[i] = tracked->rests[--tracked->n_rests];
	report_process_complete(rest);
}

void tracker_find_facts(struct tracker *tracker, struct tracked *tracked, struct report_facts *facts)
{
	*facts = (struct report_facts){.overhead = overhead_now()};
	gauge_end(&tracked->gauge, tracker->capture, tracked->process);
	fill_memstats(tracked, &facts->memstats);
}

void tracker_end(struct tracker *tracker, struct tracked *tracked, const struct report_facts *facts)
{
	const struct wanted wanted = {
		.unread = outputs_unread_verdicts(tracker->options),
		.sites = outputs_want_sites(tracker->options),
		.ages = outputs_want_ages(tracker->options),
	};
	char phrase[PHRASE_BYTES];
	struct build_options how = options_of(tracker, tracked, &wanted, phrase, sizeof(phrase));
	struct capture *others = beside_begin(tracker->capture, tracked->process, tracker->symbols);

	complete_rests(tracked);
	how.overhead = facts->overhead;
	how.memstats = &facts->memstats;
	how.events = tracked->events;
	follow_end(tracked);
	if (tracker->recorder)
		coverage_ask(tracked->process, tracker->symbols, &how);
	beside_build(others, tracked->process, tracker->symbols, &how, &tracked->report);
	beside_end(tracker->symbols);
	recorder_report(tracker->recorder, tracked->record_id, tracker->symbols, facts);
	tracked->process = NULL;
	own_rules_release(&tracked->rules);
	tracker_forget_scan(tracked);
	course_release(&tracked->course);
	functions_release(&tracked->functions);
	busiest_free(tracked->busiest);
	tracked->busiest = NULL;
}

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
