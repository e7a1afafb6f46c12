#include "cli/session/web_choice.h"

#include "cli/analysis/origin.h"
#include "cli/base/xalloc.h"
#include "cli/ingest/capture.h"
#include "cli/model/process.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

void web_refuse(struct http_exchange *exchange, int status, const char *why)
{
	char *text = xasprintf("%s\n", why);

	http_header(exchange, "X-Go-Pprof", "1");
	http_reply(exchange, status, "text/plain; charset=utf-8", text, strlen(text));
	free(text);
}

static bool is_wrapper(const struct process *process)
{
	const char *name = process->exe ? process->exe : process->argc ? process->argv[0] : NULL;

	return name && origin_program_is_wrapper(name);
}

static struct tracked *main_process(const struct tracker *tracker)
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

size_t web_choose(const struct tracker *tracker, struct http_exchange *exchange, struct tracked ***chosen)
{
	const char *text = http_param(exchange, "pid");
	struct tracked **found = xcalloc(tracker->n_items + 1, sizeof(struct tracked *));
	bool is_bad = false;
	uint64_t pid;
	size_t n = 0;

	if (text && strcmp(text, "all") == 0) {
		for (size_t i = 0; i < tracker->n_items; i++)
			if (tracker->items[i]->process)
				found[n++] = tracker->items[i];
	} else if (text) {
		pid = http_param_number(exchange, "pid", INT_MAX, 0, &is_bad);
		found[0] = is_bad ? NULL : tracker_find_pid(tracker, (int)pid);
		n = found[0] != NULL;
	} else {
		found[0] = main_process(tracker);
		n = found[0] != NULL;
	}
	if (n == 0) {
		free(found);
		web_refuse(exchange, is_bad ? 400 : 404,
			   is_bad ? "pid is a number, or all"
				  : text ? "no watched process with this pid is running"
					 : "no watched process is running");
		return 0;
	}
	*chosen = found;
	return n;
}

void web_add_verdicts(const struct tracked *tracked, struct report_process *report)
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

typedef void build_report(struct tracker *tracker, struct tracked *tracked, struct report_process *report);

static void report_all(struct tracker *tracker, build_report *build, struct report *report)
{
	*report = (struct report){.memwatch_version = MEMWATCH_VERSION, .gate_passed = true};
	capture_sync(tracker->capture);
	for (size_t i = 0; i < tracker->n_items; i++) {
		struct report_process *process = report_add_process(report);

		if (tracker->items[i]->process) {
			build(tracker, tracker->items[i], process);
		} else {
			*process = tracker->items[i]->report;
			process->store = NULL; /* it stays the tracker's */
		}
	}
}

static void build_totals(struct tracker *tracker, struct tracked *tracked, struct report_process *report)
{
	tracker_totals(tracker, tracked, report);
	web_add_verdicts(tracked, report);
}

void web_report_totals(struct tracker *tracker, struct report *report)
{
	report_all(tracker, build_totals, report);
}

void web_report_whole(struct tracker *tracker, struct report *report)
{
	report_all(tracker, tracker_report, report);
}

void web_report_clear(struct report *report)
{
	report_clear(report);
}
