/* The reports of running processes, and of one that ends: declared in tracker.h. */
#include "cli/session/tracker.h"

#include "cli/analysis/build.h"
#include "cli/analysis/coverage.h"
#include "cli/answers/busiest.h"
#include "cli/base/xalloc.h"
#include "cli/model/process.h"
#include "cli/outputs/outputs.h"
#include "cli/scan/tasks.h"
#include "cli/session/beside.h"
#include "cli/session/follow.h"
#include "cli/session/overhead.h"
#include "cli/suppress/rules.h"

#include <stdio.h>

#define HEAP_WAIT_MS 100u /* for a running process to come to its next call */
#define PHRASE_BYTES 1024 /* why there are no verdicts */

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

/* What is being made bit by bit would miss what is about to go. */
static void complete_rests(const struct tracked *tracked)
{
	for (size_t i = 0; i < tracked->n_rests; i++)
		report_process_complete(tracked->rests[i]);
}

static void forget_ahead(struct tracked *tracked)
{
	report_ahead_free(tracked->ahead);
	tracked->ahead = NULL;
}

void tracker_leave_scan(struct tracked *tracked)
{
	complete_rests(tracked);
	forget_ahead(tracked);
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

static struct wanted wanted_at_end(const struct options *options)
{
	return (struct wanted){
		.unread = outputs_unread_verdicts(options),
		.sites = outputs_want_sites(options),
		.ages = outputs_want_ages(options),
	};
}

void tracker_begin_end(struct tracker *tracker, struct tracked *tracked)
{
	const struct wanted wanted = wanted_at_end(tracker->options);
	char phrase[PHRASE_BYTES];
	const struct build_options how = options_of(tracker, tracked, &wanted, phrase, sizeof(phrase));
	struct beside beside;
	int tid;

	if (tasks_count(tracked->process->pid, &tid) > 1)
		return; /* others may fill the pipe meanwhile, and the one that ends waits for room in it */
	tracked->ahead = report_ahead_begin(tracked->process, tracker->symbols, &how);
	tracked->ahead_records = tracked->process->completeness.records;
	beside_begin(&beside, tracker->capture, tracked->process, tracker->symbols);
	beside_name(&beside, tracked->ahead);
	beside_end(&beside);
}

/* What has been made of the report, if that is still all there is to be told. */
static struct report_rest *take_ahead(struct tracked *tracked)
{
	struct report_rest *ahead;

	if (tracked->process->completeness.records != tracked->ahead_records)
		forget_ahead(tracked);
	ahead = tracked->ahead;
	tracked->ahead = NULL;
	return ahead;
}

void tracker_find_facts(struct tracker *tracker, struct tracked *tracked, struct report_facts *facts)
{
	*facts = (struct report_facts){.overhead = overhead_now()};
	gauge_end(&tracked->gauge, tracker->capture, tracked->process);
	fill_memstats(tracked, &facts->memstats);
}

void tracker_end(struct tracker *tracker, struct tracked *tracked, const struct report_facts *facts)
{
	const struct wanted wanted = wanted_at_end(tracker->options);
	char phrase[PHRASE_BYTES];
	struct build_options how = options_of(tracker, tracked, &wanted, phrase, sizeof(phrase));
	struct report_rest *rest;
	struct beside beside;

	beside_begin(&beside, tracker->capture, tracked->process, tracker->symbols);
	complete_rests(tracked);
	how.overhead = facts->overhead;
	how.memstats = &facts->memstats;
	how.events = tracked->events;
	follow_end(tracked);
	if (tracker->recorder)
		coverage_ask(tracked->process, tracker->symbols, &how);
	how.ahead = take_ahead(tracked); /* that is for one report only */
	rest = report_process_begin(tracked->process, tracker->symbols, &how, &tracked->report);
	beside_name(&beside, rest);
	report_process_end(rest, &tracked->report);
	beside_end(&beside);
	recorder_report(tracker->recorder, tracked->record_id, tracker->symbols, facts);
	tracked->process = NULL;
	own_rules_release(&tracked->rules);
	tracker_forget_scan(tracked);
	course_release(&tracked->course);
	functions_release(&tracked->functions);
	busiest_free(tracked->busiest);
	tracked->busiest = NULL;
}
