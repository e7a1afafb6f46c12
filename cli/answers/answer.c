#include "cli/answers/answer.h"

#include "cli/analysis/store.h"
#include "cli/answers/top_answer.h"
#include "cli/base/xalloc.h"
#include "cli/model/process.h"
#include "cli/monitor/limit.h"
#include "cli/render/json_values.h"
#include "cli/render/stat.h"
#include "cli/serve/control.h"
#include "cli/session/tracker.h"

#include <stdlib.h>
#include <string.h>

static void put_head(struct out *answer, json_t *head)
{
	char *text = json_dumps(head, 0);

	out_printf(answer, "%s\n", text);
	free(text);
	json_decref(head);
}

static json_t *new_head(void)
{
	return json_pack("{s:i, s:s}", "memwatch", REQUEST_PROTOCOL, "status", "ok");
}

static const char *program_of(const struct process *process)
{
	if (process->exe)
		return process->exe;
	return process->argc ? process->argv[0] : NULL;
}

static void put_identity(json_t *object, const struct process *process)
{
	json_set(object, "pid", json_integer(process->pid));
	json_set(object, "program", json_text_or_null(program_of(process)));
}

static void list(const struct tracker *tracker, struct out *answer)
{
	json_t *head = new_head(), *processes = json_array();

	for (size_t i = 0; i < tracker->n_items; i++) {
		json_t *object;

		if (!tracker->items[i]->process)
			continue;
		object = json_object();
		put_identity(object, tracker->items[i]->process);
		json_array_append_new(processes, object);
	}
	json_set(head, "processes", processes);
	put_head(answer, head);
}

typedef const struct render_format *find_format(const char *name);

/* The head, then the outputs, which are closed. */
static void put_rendered(const struct request *request, const struct process *process, struct out *const *rendered,
			 struct out *answer)
{
	json_t *head = new_head(), *outputs = json_array();
	struct err ignored = {0};
	const char *text;
	size_t n;

	for (size_t i = 0; i < request->n_outputs; i++) {
		out_text(rendered[i], &n);
		json_array_append_new(outputs,
				      json_pack("{s:s, s:I}", "format", request->outputs[i], "bytes", (json_int_t)n));
	}
	put_identity(head, process);
	json_set(head, "outputs", outputs);
	put_head(answer, head);
	for (size_t i = 0; i < request->n_outputs; i++) {
		text = out_text(rendered[i], &n);
		out_write(answer, text, n);
		out_close(rendered[i], &ignored);
	}
}

/* The report in each format. */
static void put_outputs(const struct request *request, const struct process *process, const struct report *report,
			find_format *find, struct out *answer)
{
	struct out *rendered[REQUEST_MAX_OUTPUTS];

	for (size_t i = 0; i < request->n_outputs; i++) {
		rendered[i] = out_memory();
		find(request->outputs[i])->render(report, &request->how, rendered[i]);
	}
	put_rendered(request, process, rendered, answer);
}

static void answer_top(struct tracker *tracker, struct tracked *tracked, const struct request *request,
		       struct out *answer)
{
	struct out *rendered;

	if (request->n_outputs != 1 || strcmp(request->outputs[0], TOP_FORMAT) != 0) {
		control_refuse(answer, "bad-request", "there is no such format");
		return;
	}
	rendered = out_memory();
	top_answer(tracker, tracked, request, rendered);
	put_rendered(request, tracked->process, &rendered, answer);
}

static bool are_formats(const struct request *request, find_format *find)
{
	for (size_t i = 0; i < request->n_outputs; i++)
		if (!find(request->outputs[i]))
			return false;
	return true;
}

/* The point of this moment, if the report has no history. */
static void add_sample(struct report_process *process)
{
	struct report_sample *sample;

	if (process->n_history)
		return;
	sample = store_alloc(process->store, 1, sizeof(*sample));
	*sample = (struct report_sample){
		.seconds = process->duration_seconds,
		.live_bytes = process->totals.live_bytes,
		.live_blocks = process->totals.live_blocks,
		.allocated_bytes = process->totals.allocated_bytes,
		.allocations = process->totals.allocations,
		.rss_bytes = limit_use_of(process->pid).rss,
	};
	process->history = sample;
	process->n_history = 1;
}

static void answer_stat(struct tracker *tracker, struct tracked *tracked, const struct request *request,
			struct out *answer)
{
	struct report report = {.memwatch_version = MEMWATCH_VERSION, .gate_passed = true};
	struct report_process *process = report_add_process(&report);

	tracker_totals(tracker, tracked, process);
	add_sample(process);
	put_outputs(request, tracked->process, &report, render_stat_find, answer);
	report_clear(&report);
}

/* As outputs_unread_verdicts(), for what the client wants. */
static unsigned unread_verdicts(const struct request *request)
{
	for (size_t i = 0; i < request->n_outputs; i++)
		if (!render_format_find(request->outputs[i])->shown_only)
			return 0;
	return ~(request->how.show | 1u << VERDICT_UNCLASSIFIED) & ((1u << N_VERDICTS) - 1);
}

static void answer_scan(struct tracker *tracker, struct tracked *tracked, const struct request *request,
			struct out *answer)
{
	struct report report = {.memwatch_version = MEMWATCH_VERSION, .gate_passed = true};
	char *reason;

	if (tracked->ending) {
		control_refuse(answer, "failed", "it is ending; its verdicts will be in the report of the run");
		return;
	}
	if (!tracker_force_scan(tracker, tracked)) {
		reason = xasprintf("there are no verdicts: %s", tracked->scan->why_not);
		control_refuse(answer, "failed", reason);
		free(reason);
		return;
	}
	tracker_report_scan(tracker, tracked, unread_verdicts(request), report_add_process(&report));
	put_outputs(request, tracked->process, &report, render_format_find, answer);
	report_clear(&report);
}

void answer_request(void *ctx, const struct request *request, struct out *answer)
{
	struct tracker *tracker = ctx;
	struct tracked *tracked;

	capture_sync(tracker->capture); /* what has ended is told, and what has begun */
	if (request->verb == REQUEST_LIST) {
		list(tracker, answer);
		return;
	}
	tracked = tracker_find_pid(tracker, request->pid);
	if (!tracked)
		control_refuse(answer, "not-watched", NULL);
	else if (request->verb == REQUEST_TOP)
		answer_top(tracker, tracked, request, answer);
	else if (!are_formats(request, request->verb == REQUEST_SCAN ? render_format_find : render_stat_find))
		control_refuse(answer, "bad-request", "there is no such format");
	else if (request->verb == REQUEST_SCAN)
		answer_scan(tracker, tracked, request, answer);
	else
		answer_stat(tracker, tracked, request, answer);
}
