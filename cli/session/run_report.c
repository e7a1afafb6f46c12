#include "cli/session/run_report.h"

#include "cli/analysis/origin.h"
#include "cli/ingest/capture.h"
#include "cli/model/process.h"
#include "cli/monitor/procstat.h"
#include "cli/render/metrics.h"

static bool is_wrapper(const struct process *process)
{
	const char *name = process->exe ? process->exe : process->argc ? process->argv[0] : NULL;

	return name && origin_program_is_wrapper(name);
}

struct tracked *run_report_main(const struct tracker *tracker)
{
	struct tracked *shell = NULL;

	for (size_t i = 0; i < tracker->n_items; i++) {
		struct tracked *tracked = tracker->items[i];

		if (!tracked->process)
			continue;
		if (!is_wrapper(tracked->process))
			return tracked;
		shell = shell ? shell : tracked;
	}
	return shell;
}

/* Completes totals with what the last scan has found. */
static void add_verdicts(const struct tracked *tracked, struct report_process *report)
{
	const struct scan_result *scan = tracked->scan;
	static const enum verdict verdicts[] = {VERDICT_DEFINITE, VERDICT_INDIRECT, VERDICT_POSSIBLE,
						VERDICT_REACHABLE};
	static const int kinds[] = {SCAN_DEFINITE, SCAN_INDIRECT, SCAN_POSSIBLE, SCAN_REACHABLE};

	if (!scan || !scan->scanned)
		return;
	report->verdicts.scanned = true;
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++)
		report->verdicts.by_verdict[verdicts[i]] =
			(struct report_amount){scan->totals[kinds[i]].blocks, scan->totals[kinds[i]].bytes};
}

/* What has ended is as the tracker keeps it. */
static void report_ended(const struct tracked *tracked, struct report_process *report)
{
	*report = tracked->report;
	report->store = NULL; /* it stays the tracker's */
}

static void build_metrics(struct tracker *tracker, struct tracked *tracked, struct report_process *report)
{
	tracker_metrics(tracker, tracked, report);
	add_verdicts(tracked, report);
}

void run_report_print_metrics(struct tracker *tracker, bool openmetrics, struct out *out)
{
	struct metrics_options how = {.openmetrics = openmetrics};
	const struct tracked *program;
	struct metrics_process figures;
	struct report report = {.memwatch_version = MEMWATCH_VERSION, .gate_passed = true};

	capture_sync(tracker->capture);
	for (size_t i = 0; i < tracker->n_items; i++) {
		struct report_process *process = report_add_process(&report);

		if (tracker->items[i]->process)
			build_metrics(tracker, tracker->items[i], process);
		else
			report_ended(tracker->items[i], process);
	}
	program = run_report_main(tracker);
	if (program && procstat_metrics(program->process->pid, &figures))
		how.process = &figures;
	metrics_print(&report, &how, out);
	report_clear(&report);
}

void run_report_begin(struct tracker *tracker, struct report *report, struct parts *parts)
{
	*report = (struct report){.memwatch_version = MEMWATCH_VERSION, .gate_passed = true};
	capture_sync(tracker->capture);
	for (size_t i = 0; i < tracker->n_items; i++) {
		struct tracked *tracked = tracker->items[i];
		struct report_process *process = report_add_process(report);

		if (tracked->process) {
			capture_refresh(tracker->capture, tracked->process);
			parts_add(parts, tracked, tracker_report_begin(tracker, tracked, process), i);
		} else {
			report_ended(tracked, process);
		}
	}
}
