#include "cli/session/metrics_file.h"

#include "cli/base/msg.h"
#include "cli/base/replace.h"
#include "cli/render/metrics.h"
#include "cli/session/monitor.h"
#include "cli/session/tracker.h"
#include "cli/session/web_choice.h"

struct metrics {
	const struct report *report;
	bool ended;
};

static void print(const void *what, struct out *out)
{
	const struct metrics *metrics = what;

	metrics_print(metrics->report, false, metrics->ended, out);
}

static int write_metrics(const struct tracker *tracker, const struct report *report, bool ended, struct err *err)
{
	return replace_file(tracker->options->metrics_file, print, &(struct metrics){report, ended}, err);
}

/* A file that cannot be written now may be written the next time; the last time tells. */
static void on_interval(void *ctx, uint64_t now_ns)
{
	struct tracker *tracker = ctx;
	struct err err = {0};
	struct report report;

	(void)now_ns;
	web_report_totals(tracker, &report);
	write_metrics(tracker, &report, false, &err);
	web_report_clear(&report);
}

void metrics_file_start(struct tracker *tracker, struct monitor *monitor)
{
	if (tracker->options->metrics_file)
		monitor_every(monitor, tracker->options->interval_ns, on_interval, tracker);
}

bool metrics_file_finish(const struct tracker *tracker, const struct report *report)
{
	struct err err = {0};

	if (!tracker->options->metrics_file || write_metrics(tracker, report, true, &err) == 0)
		return true;
	msg_error(STATUS_FAILED, "%s", err.text);
	return false;
}
