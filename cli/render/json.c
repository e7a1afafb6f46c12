/*
 * The machine-readable report, "memwatch-report/1". What the report has no answer to is null or empty, never a number
 * that was not measured. Members beyond the schema: "shell", "mappings", "verdicts.unclassified", "stack_truncated".
 */
#include "cli/render/render.h"

#include "cli/render/format.h"
#include "cli/render/json_memo.h"
#include "cli/render/json_stream.h"
#include "cli/render/utf8.h"

#include <stdlib.h>

static json_t *string_or_null(const char *s)
{
	json_t *value;
	char *repaired;

	if (!s)
		return json_null();
	if (utf8_valid(s))
		return json_string_nocheck(s);
	repaired = utf8_repair(s);
	value = json_string_nocheck(repaired);
	free(repaired);
	return value;
}

/* JSON has no limit but readers do: what jansson cannot say is said as its largest number. */
static json_t *number(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

static json_t *real(double value)
{
	return json_real(value == value && value >= 0 && value < 1e18 ? value : 0);
}

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new_nocheck(object, key, value);
}

static json_t *string_array(const char *const *strings, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, string_or_null(strings[i]));
	return array;
}

static json_t *amount_object(struct report_amount amount)
{
	json_t *object = json_object();

	set(object, "blocks", number(amount.blocks));
	set(object, "bytes", number(amount.bytes));
	return object;
}

static json_t *exit_object(const struct report_exit *exit)
{
	static const char *const kinds[] = {
		[EXIT_EXIT] = "exit", [EXIT_SIGNAL] = "signal", [EXIT_EXEC] = "exec", [EXIT_RUNNING] = "running"};
	struct format_buf name;
	json_t *object = json_object();
	bool has_code = exit->kind == EXIT_EXIT && exit->code >= 0;
	bool has_signal = exit->kind == EXIT_SIGNAL && exit->signal > 0;

	set(object, "kind", json_string(kinds[exit->kind]));
	set(object, "code", has_code ? json_integer(exit->code) : json_null());
	set(object, "signal", has_signal ? json_string(format_signal(&name, exit->signal)) : json_null());
	return object;
}

static json_t *completeness_object(const struct report_completeness *completeness)
{
	json_t *object = json_object();

	set(object, "complete", json_boolean(completeness->complete));
	set(object, "records", number(completeness->records));
	set(object, "lost_records", number(completeness->lost_records));
	set(object, "unknown_frees", number(completeness->unknown_frees));
	set(object, "truncated_stacks", number(completeness->truncated_stacks));
	set(object, "slow_stacks", number(completeness->slow_stacks));
	set(object, "checked_stacks", number(completeness->checked_stacks));
	set(object, "differing_stacks", number(completeness->differing_stacks));
	set(object, "reasons", string_array(completeness->reasons, completeness->n_reasons));
	return object;
}

static void write_totals(struct json_stream *stream, const struct report_totals *totals)
{
	json_stream_begin(stream, "totals", '{');
	json_stream_value(stream, "allocations", number(totals->allocations));
	json_stream_value(stream, "frees", number(totals->frees));
	json_stream_value(stream, "reallocations", number(totals->reallocations));
	json_stream_value(stream, "allocated_bytes", number(totals->allocated_bytes));
	json_stream_value(stream, "freed_bytes", number(totals->freed_bytes));
	json_stream_value(stream, "live_blocks", number(totals->live_blocks));
	json_stream_value(stream, "live_bytes", number(totals->live_bytes));
	json_stream_value(stream, "inherited_blocks", number(totals->inherited_blocks));
	json_stream_value(stream, "inherited_bytes", number(totals->inherited_bytes));
	json_stream_value(stream, "peak_live_bytes", number(totals->peak_live_bytes));
	json_stream_value(stream, "peak_seconds", real(totals->peak_seconds));
	json_stream_value(stream, "temporary_allocations", number(totals->temporary_allocations));
	json_stream_value(stream, "failed_allocations", number(totals->failed_allocations));
	json_stream_end(stream);
}

static json_t *mappings_object(const struct report_mappings *mappings)
{
	json_t *object = json_object();

	set(object, "maps", number(mappings->maps));
	set(object, "unmaps", number(mappings->unmaps));
	set(object, "mapped_bytes", number(mappings->mapped_bytes));
	set(object, "unmapped_bytes", number(mappings->unmapped_bytes));
	set(object, "live_maps", number(mappings->live_maps));
	set(object, "live_bytes", number(mappings->live_bytes));
	return object;
}

/* Without a scan all is unclassified, and `scanned` and `why_not` say so. */
static void write_verdicts(struct json_stream *stream, const struct report_verdicts *verdicts)
{
	json_stream_begin(stream, "verdicts", '{');
	json_stream_value(stream, "scanned", json_boolean(verdicts->scanned));
	json_stream_value(stream, "why_not", string_or_null(verdicts->why_not));
	json_stream_value(stream, "scans", number(verdicts->scans));
	json_stream_value(stream, "pause_ns_total", number(verdicts->pause_ns_total));
	for (int v = 0; v < N_VERDICTS; v++)
		json_stream_value(stream, verdict_name(v), amount_object(verdicts->by_verdict[v]));
	json_stream_end(stream);
}

static json_t *frame_object(const struct report_frame *frame)
{
	json_t *object = json_object();

	set(object, "function", string_or_null(frame->function));
	set(object, "file", string_or_null(frame->file));
	set(object, "line", frame->line ? json_integer(frame->line) : json_null());
	set(object, "module", string_or_null(frame->module));
	set(object, "build_id", string_or_null(frame->build_id));
	set(object, "offset", number(frame->offset));
	set(object, "inlined", json_boolean(frame->inlined));
	return object;
}

/* A frame is in many stacks: its text is made once. */
static void write_frames(struct json_stream *stream, struct json_memo *memo, const struct report_stack *stack)
{
	json_stream_begin(stream, "frames", '[');
	for (size_t i = 0; i < stack->n_frames; i++) {
		struct json_text *text = json_memo_find(memo, stack->frames[i]);

		if (!text->bytes)
			json_text_set(text, frame_object(stack->frames[i]));
		json_stream_raw(stream, NULL, text->bytes, text->n);
	}
	json_stream_end(stream);
}

static void write_leak(struct json_stream *stream, struct json_memo *memo, const struct report_leak *leak)
{
	json_stream_begin(stream, NULL, '{');
	json_stream_value(stream, "id", json_string(leak->id));
	json_stream_value(stream, "verdict", json_string(verdict_name(leak->verdict)));
	json_stream_value(stream, "blocks", number(leak->direct.blocks));
	json_stream_value(stream, "bytes", number(leak->direct.bytes));
	json_stream_value(stream, "indirect_blocks", number(leak->indirect.blocks));
	json_stream_value(stream, "indirect_bytes", number(leak->indirect.bytes));
	json_stream_value(stream, "allocator", string_or_null(leak->allocator));
	json_stream_value(stream, "first_seconds", real(leak->first_seconds));
	json_stream_value(stream, "last_seconds", real(leak->last_seconds));
	json_stream_value(stream, "thread_names", string_array(leak->thread_names, leak->n_thread_names));
	json_stream_value(stream, "suppressed_by", string_or_null(leak->suppressed_by));
	json_stream_value(stream, "held_by", string_array(leak->held_by, leak->n_held_by));
	json_stream_value(stream, "stack_truncated", json_boolean(leak->stack.truncated));
	write_frames(stream, memo, &leak->stack);
	json_stream_end(stream);
}

static json_t *forecast_object(void)
{
	json_t *object = json_object();

	set(object, "trend", json_string("none"));
	set(object, "bytes_per_second", json_null());
	set(object, "r2", json_null());
	set(object, "limit_bytes", json_null());
	set(object, "seconds_to_limit", json_null());
	return object;
}

static json_t *overhead_object(const struct report_overhead *overhead)
{
	json_t *object = json_object();

	set(object, "shim_bytes", number(overhead->shim_bytes));
	set(object, "reporter_bytes", number(overhead->reporter_bytes));
	set(object, "reporter_cpu_seconds", real(overhead->reporter_cpu_seconds));
	return object;
}

static void write_process(struct json_stream *stream, const struct report_process *process)
{
	static const char *const origins[] = {[ORIGIN_RUN] = "run", [ORIGIN_FORK] = "fork", [ORIGIN_EXEC] = "exec"};
	struct json_memo *memo = json_memo_new();
	struct format_buf time;

	json_stream_begin(stream, NULL, '{');
	json_stream_value(stream, "pid", json_integer(process->pid));
	json_stream_value(stream, "parent_pid", json_integer(process->parent_pid));
	json_stream_value(stream, "argv", string_array(process->argv, process->argc));
	json_stream_value(stream, "exe", string_or_null(process->exe));
	json_stream_value(stream, "origin", json_string(origins[process->origin]));
	json_stream_value(stream, "shell", json_boolean(process->shell));
	json_stream_value(stream, "exit", exit_object(&process->exit));
	json_stream_value(stream, "start_time", json_string(format_time(&time, process->start_realtime_ns)));
	json_stream_value(stream, "duration_seconds", real(process->duration_seconds));
	json_stream_value(stream, "completeness", completeness_object(&process->completeness));
	write_totals(stream, &process->totals);
	json_stream_value(stream, "mappings", mappings_object(&process->mappings));
	write_verdicts(stream, &process->verdicts);
	json_stream_begin(stream, "leaks", '[');
	for (size_t i = 0; i < process->n_leaks; i++)
		write_leak(stream, memo, &process->leaks[i]);
	json_stream_end(stream);
	json_memo_free(memo);
	json_stream_value(stream, "growth", json_array());
	json_stream_value(stream, "history", json_array());
	json_stream_value(stream, "warnings", json_array());
	json_stream_value(stream, "forecast", forecast_object());
	json_stream_value(stream, "mismatches", json_array());
	json_stream_value(stream, "memstats", json_object());
	json_stream_value(stream, "overhead", overhead_object(&process->overhead));
	json_stream_end(stream);
}

static void write_gate(struct json_stream *stream, const struct report *report)
{
	json_stream_begin(stream, "gate", '{');
	json_stream_value(stream, "passed", json_boolean(report->gate_passed));
	json_stream_begin(stream, "failures", '[');
	for (size_t i = 0; i < report->n_gate_failures; i++) {
		json_t *failure = json_object();

		set(failure, "rule", string_or_null(report->gate_failures[i].rule));
		set(failure, "message", string_or_null(report->gate_failures[i].message));
		json_stream_value(stream, NULL, failure);
	}
	json_stream_end(stream);
	json_stream_end(stream);
}

void render_json(const struct report *report, const struct render_options *options, struct out *out)
{
	struct json_stream stream = {.out = out};

	(void)options;
	json_stream_begin(&stream, NULL, '{');
	json_stream_value(&stream, "schema", json_string("memwatch-report/1"));
	json_stream_value(&stream, "memwatch_version", string_or_null(report->memwatch_version));
	json_stream_begin(&stream, "processes", '[');
	for (size_t i = 0; i < report->n_processes; i++)
		write_process(&stream, &report->processes[i]);
	json_stream_end(&stream);
	write_gate(&stream, report);
	json_stream_end(&stream);
}
