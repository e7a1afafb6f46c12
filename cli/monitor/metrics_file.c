#include "cli/monitor/metrics_file.h"

#include "cli/base/msg.h"
#include "cli/base/pattern.h"
#include "cli/base/replace.h"
#include "cli/monitor/monitor.h"
#include "cli/render/metrics.h"
#include "cli/session/run_report.h"
#include "cli/session/tracker.h"

#include <stdlib.h>

static void print_now(const void *tracker, struct out *out)
{
	run_report_print_metrics((struct tracker *)(uintptr_t)tracker, false, out);
}

static void print_last(const void *report, struct out *out)
{
	metrics_print(report, &(struct metrics_options){.ended = true}, out);
}

static int replace(const struct tracker *tracker, void (*print)(const void *what, struct out *out), const void *what,
		   struct err *err)
{
	char *path = pattern_expand(tracker->options->metrics_file, &tracker->run, err);
	int ret = path ? replace_file(path, print, what, err) : -1;

	free(path);
	return ret;
}

/* A file that cannot be written now may be written the next time; the last time tells. */
static void on_interval(void *ctx, uint64_t now_ns)
{
	struct tracker *tracker = ctx;
	struct err err = {0};

	(void)now_ns;
	replace(tracker, print_now, tracker, &err);
}

void metrics_file_start(struct tracker *tracker, struct monitor *monitor)
{
	if (tracker->options->metrics_file)
		monitor_every(monitor, tracker->options->interval_ns, on_interval, tracker);
}

bool metrics_file_finish(const struct tracker *tracker, const struct report *report)
{
	struct err err = {0};

	if (!tracker->options->metrics_file || replace(tracker, print_last, report, &err) == 0)
		return true;
	msg_error(STATUS_FAILED, "%s", err.text);
	return false;
}
