/*
 * What happened when, as trace events in the JSON that chrome://tracing began and Perfetto reads: counters from the
 * history, a slice for each process with the leak scans in it for as long as the process stood still, and instants for
 * warnings, marks, the peak, growth and ends. Arrows go from parents to children. Times are microseconds since the
 * first process's start.
 */
#include "cli/render/render.h"

#include "cli/render/format.h"
#include "cli/render/json_stream.h"
#include "cli/render/json_values.h"

#include <stdio.h>

struct timeline {
	struct json_stream stream;
	const struct report *report;
	int64_t start_ns; /* of the first process */
};

static double process_us(const struct timeline *t, const struct report_process *process, double seconds)
{
	return (double)(process->start_realtime_ns - t->start_ns) / 1e3 + seconds * 1e6;
}

static const char *program(const struct report_process *process)
{
	return process->exe ? format_basename(process->exe) : "?";
}

/* An event of the process's own track. */
static json_t *event(const struct report_process *process, const char *phase, const char *name)
{
	json_t *object = json_object();

	json_set(object, "ph", json_string(phase));
	json_set(object, "pid", json_integer(process->pid));
	json_set(object, "tid", json_integer(process->pid));
	json_set(object, "name", json_text_or_null(name));
	return object;
}

static json_t *event_at(const struct timeline *t, const struct report_process *process, const char *phase,
			const char *name, double seconds)
{
	json_t *object = event(process, phase, name);

	json_set(object, "ts", json_measure(process_us(t, process, seconds)));
	return object;
}

static void put(struct timeline *t, json_t *object, json_t *args)
{
	if (args)
		json_set(object, "args", args);
	json_stream_value(&t->stream, NULL, object);
}

static void put_counter(struct timeline *t, const struct report_process *process, const char *name, const char *series,
			double seconds, json_t *value)
{
	json_t *args = json_object();

	json_set(args, series, value);
	put(t, event_at(t, process, "C", name, seconds), args);
}

/* For as long as the process lasts. */
static void put_instant(struct timeline *t, const struct report_process *process, const char *category,
			const char *name, double seconds, json_t *args)
{
	json_t *object = event_at(t, process, "i", name, seconds);

	json_set(object, "cat", json_string(category));
	json_set(object, "s", json_string("p"));
	put(t, object, args);
}

static void put_history(struct timeline *t, const struct report_process *process)
{
	for (size_t i = 0; i < process->n_history; i++) {
		const struct report_sample *sample = &process->history[i];
		double at = sample->seconds;

		put_counter(t, process, "live", "bytes", at, json_number(sample->live_bytes));
		put_counter(t, process, "blocks", "live", at, json_number(sample->live_blocks));
		if (sample->rss_bytes)
			put_counter(t, process, "resident", "bytes", at, json_number(sample->rss_bytes));
		/* a counter holds until its next value, and a rate is that of the time before its point */
		if (i + 1 < process->n_history)
			put_counter(t, process, "allocated", "bytes/s", at,
				    json_measure(process->history[i + 1].bytes_per_second));
	}
}

static void put_warnings(struct timeline *t, const struct report_process *process)
{
	for (size_t i = 0; i < process->n_warnings; i++) {
		const struct report_warning *warning = &process->warnings[i];
		json_t *args = json_object();
		char name[64];

		snprintf(name, sizeof(name), "%u %% of the limit", warning->level_percent);
		json_set(args, "severity", json_text_or_null(warning->severity));
		json_set(args, "used_bytes", json_number(warning->used_bytes));
		json_set(args, "live_bytes", json_number(warning->live_bytes));
		json_set(args, "limit_bytes", json_number(warning->limit_bytes));
		json_set(args, "limit_source", json_text_or_null(warning->limit_source));
		put_instant(t, process, "warning", name, warning->seconds, args);
	}
}

static void put_marks(struct timeline *t, const struct report_process *process)
{
	for (size_t i = 0; i < process->n_marks; i++) {
		const struct report_mark *mark = &process->marks[i];
		json_t *args = json_object();

		json_set(args, "live_bytes", json_number(mark->live.bytes));
		json_set(args, "live_blocks", json_number(mark->live.blocks));
		put_instant(t, process, mark->snapshot ? "snapshot" : "mark", mark->name, mark->seconds, args);
	}
}

static const char *site(const struct report_stack *stack)
{
	const struct report_frame *frame;

	if (stack->n_frames == 0)
		return "?";
	frame = stack->frames[report_stack_project(stack)];
	if (frame->function)
		return frame->function;
	return frame->module ? format_basename(frame->module) : "?";
}

static void put_growth(struct timeline *t, const struct report_process *process)
{
	for (size_t i = 0; i < process->n_growth; i++) {
		const struct report_growth *growth = &process->growth[i];
		json_t *args;
		char name[160];

		if (growth->verdict != GROWTH_GROWING)
			continue;
		args = json_object();
		snprintf(name, sizeof(name), "growth begins: %.128s", site(&growth->stack));
		json_set(args, "id", json_text_or_null(growth->id));
		json_set(args, "bytes_per_second", json_measure(growth->bytes_per_second));
		json_set(args, "live_bytes", json_number(growth->live.bytes));
		json_set(args, "why", json_text_or_null(growth->why));
		put_instant(t, process, "growth", name, growth->since_seconds, args);
	}
}

static void put_scans(struct timeline *t, const struct report_process *process)
{
	for (size_t i = 0; i < process->n_scans; i++) {
		const struct report_scan *scan = &process->scans[i];
		json_t *object = event_at(t, process, "X", "leak scan", scan->seconds);
		json_t *args = json_object();

		json_set(object, "cat", json_string("scan"));
		json_set(object, "dur", json_measure(scan->pause_seconds * 1e6));
		json_set(args, "definite_bytes", json_number(scan->definite.bytes));
		json_set(args, "definite_blocks", json_number(scan->definite.blocks));
		put(t, object, args);
	}
}

static void put_life(struct timeline *t, const struct report_process *process)
{
	json_t *object = event_at(t, process, "X", program(process), 0), *args = json_object();
	struct format_buf name;

	json_set(object, "cat", json_string("process"));
	json_set(object, "dur", json_measure(process->duration_seconds * 1e6));
	json_set(args, "argv", json_texts(process->argv, process->argc));
	json_set(args, "allocations", json_number(process->totals.allocations));
	json_set(args, "live_bytes", json_number(process->totals.live_bytes));
	json_set(args, "complete", json_boolean(process->completeness.complete));
	put(t, object, args);
	if (process->totals.peak_live_bytes) {
		args = json_object();
		json_set(args, "live_bytes", json_number(process->totals.peak_live_bytes));
		put_instant(t, process, "peak", "peak of live bytes", process->totals.peak_seconds, args);
	}
	if (process->exit.kind == EXIT_SIGNAL)
		put_instant(t, process, "end",
			    process->exit.signal ? format_signal(&name, process->exit.signal) : "signal",
			    process->duration_seconds, NULL);
}

/* The image that forked is the one of the parent's that ran at that time. */
static const struct report_process *parent_of(const struct timeline *t, const struct report_process *child)
{
	for (size_t i = t->report->n_processes; i-- > 0;) {
		const struct report_process *process = &t->report->processes[i];

		if (process != child && process->pid == child->parent_pid &&
		    process->start_realtime_ns <= child->start_realtime_ns)
			return process;
	}
	return NULL;
}

/* An arrow has to begin and to end within slices: those of put_life(). */
static void put_fork(struct timeline *t, const struct report_process *child)
{
	const struct report_process *parent = parent_of(t, child);
	double seconds;
	json_t *object;
	char name[64];

	if (child->origin != ORIGIN_FORK || !parent)
		return;
	seconds = (double)(child->start_realtime_ns - parent->start_realtime_ns) / 1e9;
	snprintf(name, sizeof(name), "fork of %d", child->pid);
	put_instant(t, parent, "fork", name, seconds, NULL);
	object = event_at(t, parent, "s", "fork", seconds);
	json_set(object, "cat", json_string("fork"));
	json_set(object, "id", json_integer(child->pid));
	put(t, object, NULL);
	object = event_at(t, child, "f", "fork", 0);
	json_set(object, "cat", json_string("fork"));
	json_set(object, "id", json_integer(child->pid));
	json_set(object, "bp", json_string("e"));
	put(t, object, NULL);
}

static void put_process(struct timeline *t, const struct report_process *process)
{
	json_t *args = json_object();

	json_set(args, "name", json_text_or_null(program(process)));
	put(t, event(process, "M", "process_name"), args);
	args = json_object();
	json_set(args, "name", json_string("memwatch"));
	put(t, event(process, "M", "thread_name"), args);
	put_life(t, process);
	put_fork(t, process);
	put_scans(t, process);
	put_history(t, process);
	put_warnings(t, process);
	put_growth(t, process);
	put_marks(t, process);
}

void render_timeline(const struct report *report, const struct render_options *options, struct out *out)
{
	struct timeline t = {.stream = {.out = out}, .report = report, .start_ns = INT64_MAX};
	json_t *about = json_object();

	(void)options;
	for (size_t i = 0; i < report->n_processes; i++)
		if (report->processes[i].start_realtime_ns < t.start_ns)
			t.start_ns = report->processes[i].start_realtime_ns;
	json_set(about, "memwatch_version", json_text_or_null(report->memwatch_version));
	json_stream_begin(&t.stream, NULL, '{');
	json_write_text(&t.stream, "displayTimeUnit", "ms");
	json_stream_value(&t.stream, "otherData", about);
	json_stream_begin(&t.stream, "traceEvents", '[');
	for (size_t i = 0; i < report->n_processes; i++)
		put_process(&t, &report->processes[i]);
	json_stream_end(&t.stream);
	json_stream_end(&t.stream);
}
