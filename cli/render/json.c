/*
 * The machine-readable report, "memwatch-report/1". What the report has no answer to is null or empty, never a number
 * that was not measured. Members beyond the schema: "shell", "merged", "mappings", "verdicts.unclassified",
 * "stack_truncated", "tagged_blocks", "suppressions", "marks", "pools", "baseline", "gate.rules", and those of
 * json_running.c.
 */
#include "cli/render/json.h"

#include "cli/render/format.h"
#include "cli/render/json_memo.h"
#include "cli/render/json_stream.h"
#include "cli/render/json_values.h"
#include "cli/render/render.h"

static json_t *exit_object(const struct report_exit *exit)
{
	static const char *const kinds[] = {
		[EXIT_EXIT] = "exit", [EXIT_SIGNAL] = "signal", [EXIT_EXEC] = "exec", [EXIT_RUNNING] = "running"};
	struct format_buf name;
	json_t *object = json_object();
	bool has_code = exit->kind == EXIT_EXIT && exit->code >= 0;
	bool has_signal = exit->kind == EXIT_SIGNAL && exit->signal > 0;

	json_set(object, "kind", json_string(kinds[exit->kind]));
	json_set(object, "code", has_code ? json_integer(exit->code) : json_null());
	json_set(object, "signal", has_signal ? json_string(format_signal(&name, exit->signal)) : json_null());
	return object;
}

static json_t *completeness_object(const struct report_completeness *completeness)
{
	json_t *object = json_object();

	json_set(object, "complete", json_boolean(completeness->complete));
	json_set(object, "records", json_number(completeness->records));
	json_set(object, "lost_records", json_number(completeness->lost_records));
	json_set(object, "unknown_frees", json_number(completeness->unknown_frees));
	json_set(object, "truncated_stacks", json_number(completeness->truncated_stacks));
	json_set(object, "slow_stacks", json_number(completeness->slow_stacks));
	json_set(object, "checked_stacks", json_number(completeness->checked_stacks));
	json_set(object, "differing_stacks", json_number(completeness->differing_stacks));
	json_set(object, "reasons", json_texts(completeness->reasons, completeness->n_reasons));
	return object;
}

void json_write_totals(struct json_stream *stream, const struct report_totals *totals)
{
	json_stream_begin(stream, "totals", '{');
	json_stream_value(stream, "allocations", json_number(totals->allocations));
	json_stream_value(stream, "frees", json_number(totals->frees));
	json_stream_value(stream, "reallocations", json_number(totals->reallocations));
	json_stream_value(stream, "allocated_bytes", json_number(totals->allocated_bytes));
	json_stream_value(stream, "freed_bytes", json_number(totals->freed_bytes));
	json_stream_value(stream, "live_blocks", json_number(totals->live_blocks));
	json_stream_value(stream, "live_bytes", json_number(totals->live_bytes));
	json_stream_value(stream, "inherited_blocks", json_number(totals->inherited_blocks));
	json_stream_value(stream, "inherited_bytes", json_number(totals->inherited_bytes));
	json_stream_value(stream, "peak_live_bytes", json_number(totals->peak_live_bytes));
	json_stream_value(stream, "peak_seconds", json_measure(totals->peak_seconds));
	json_stream_value(stream, "temporary_allocations", json_number(totals->temporary_allocations));
	json_stream_value(stream, "failed_allocations", json_number(totals->failed_allocations));
	json_stream_value(stream, "refused_allocations", json_number(totals->refused_allocations));
	json_stream_end(stream);
}

static json_t *mappings_object(const struct report_mappings *mappings)
{
	json_t *object = json_object();

	json_set(object, "maps", json_number(mappings->maps));
	json_set(object, "unmaps", json_number(mappings->unmaps));
	json_set(object, "mapped_bytes", json_number(mappings->mapped_bytes));
	json_set(object, "unmapped_bytes", json_number(mappings->unmapped_bytes));
	json_set(object, "live_maps", json_number(mappings->live_maps));
	json_set(object, "live_bytes", json_number(mappings->live_bytes));
	return object;
}

/* Without a scan all is unclassified, and `scanned` and `why_not` say so. */
static void write_verdicts(struct json_stream *stream, const struct report_verdicts *verdicts)
{
	json_stream_begin(stream, "verdicts", '{');
	json_stream_value(stream, "scanned", json_boolean(verdicts->scanned));
	json_stream_value(stream, "why_not", json_text_or_null(verdicts->why_not));
	json_stream_value(stream, "scans", json_number(verdicts->scans));
	json_stream_value(stream, "pause_ns_total", json_number(verdicts->pause_ns_total));
	for (int v = 0; v < N_VERDICTS; v++)
		json_stream_value(stream, verdict_name(v), json_amount(verdicts->by_verdict[v]));
	json_stream_end(stream);
}

static void write_leak(struct json_stream *stream, struct json_memo *memo, const struct report_leak *leak)
{
	json_stream_begin(stream, NULL, '{');
	json_stream_value(stream, "id", json_string(leak->id));
	json_stream_value(stream, "verdict", json_string(verdict_name(leak->verdict)));
	json_stream_value(stream, "blocks", json_number(leak->direct.blocks));
	json_stream_value(stream, "bytes", json_number(leak->direct.bytes));
	json_stream_value(stream, "indirect_blocks", json_number(leak->indirect.blocks));
	json_stream_value(stream, "indirect_bytes", json_number(leak->indirect.bytes));
	json_stream_value(stream, "allocator", json_text_or_null(leak->allocator));
	json_stream_value(stream, "first_seconds", json_measure(leak->first_seconds));
	json_stream_value(stream, "last_seconds", json_measure(leak->last_seconds));
	json_stream_value(stream, "thread_names", json_texts(leak->thread_names, leak->n_thread_names));
	json_stream_value(stream, "suppressed_by", json_text_or_null(leak->suppressed_by));
	json_stream_value(stream, "tagged_blocks", json_number(leak->tagged_blocks));
	json_stream_value(stream, "held_by", json_texts(leak->held_by, leak->n_held_by));
	json_stream_value(stream, "stack_truncated", json_boolean(leak->stack.truncated));
	json_write_frames(stream, memo, "frames", &leak->stack);
	json_stream_end(stream);
}

static json_t *limit_or_null(uint64_t limit)
{
	return limit == UINT64_MAX ? json_null() : json_number(limit);
}

static json_t *suppression_object(const struct report_suppression *suppression)
{
	static const char *const states[] = {
		[SUPPRESSION_UNUSED] = "unused",
		[SUPPRESSION_USED] = "used",
		[SUPPRESSION_EXCEEDED] = "exceeded",
		[SUPPRESSION_EXPIRED] = "expired",
	};
	const char *expires = suppression->expires && suppression->expires[0] ? suppression->expires : NULL;
	json_t *object = json_object();

	json_set(object, "name", json_text_or_null(suppression->name));
	json_set(object, "file", json_text_or_null(suppression->file));
	json_set(object, "line", json_integer(suppression->line));
	json_set(object, "state", json_string(states[suppression->state]));
	json_set(object, "records", json_number(suppression->records));
	json_set(object, "blocks", json_number(suppression->amount.blocks));
	json_set(object, "bytes", json_number(suppression->amount.bytes));
	json_set(object, "max_blocks", limit_or_null(suppression->max_blocks));
	json_set(object, "max_bytes", limit_or_null(suppression->max_bytes));
	json_set(object, "expires", json_text_or_null(expires));
	return object;
}

static json_t *overhead_object(const struct report_overhead *overhead)
{
	json_t *object = json_object();

	json_set(object, "shim_bytes", json_number(overhead->shim_bytes));
	json_set(object, "reporter_bytes", json_number(overhead->reporter_bytes));
	json_set(object, "reporter_cpu_seconds", json_measure(overhead->reporter_cpu_seconds));
	return object;
}

static void write_sites(struct json_stream *stream, struct json_memo *memo, const struct report_process *process)
{
	json_stream_begin(stream, "sites", '[');
	for (size_t i = 0; i < process->n_sites; i++) {
		const struct report_site *site = &process->sites[i];

		json_stream_begin(stream, NULL, '{');
		json_stream_value(stream, "allocated_bytes", json_number(site->allocated.bytes));
		json_stream_value(stream, "allocations", json_number(site->allocated.blocks));
		json_write_frames(stream, memo, "frames", &site->stack);
		json_stream_end(stream);
	}
	json_stream_end(stream);
}

static void write_process(struct json_stream *stream, const struct report_process *process, bool sites)
{
	static const char *const origins[] = {[ORIGIN_RUN] = "run", [ORIGIN_FORK] = "fork", [ORIGIN_EXEC] = "exec"};
	struct json_memo *memo = json_memo_new();
	struct format_buf time;

	json_stream_begin(stream, NULL, '{');
	json_stream_value(stream, "pid", json_integer(process->pid));
	json_stream_value(stream, "parent_pid", json_integer(process->parent_pid));
	json_stream_value(stream, "argv", json_texts(process->argv, process->argc));
	json_stream_value(stream, "exe", json_text_or_null(process->exe));
	json_stream_value(stream, "origin", json_string(origins[process->origin]));
	json_stream_value(stream, "shell", json_boolean(process->shell));
	if (process->merged)
		json_stream_value(stream, "merged", json_number(process->merged));
	json_stream_value(stream, "exit", exit_object(&process->exit));
	json_stream_value(stream, "start_time", json_string(format_time(&time, process->start_realtime_ns)));
	json_stream_value(stream, "duration_seconds", json_measure(process->duration_seconds));
	json_stream_value(stream, "completeness", completeness_object(&process->completeness));
	json_write_totals(stream, &process->totals);
	json_stream_value(stream, "mappings", mappings_object(&process->mappings));
	write_verdicts(stream, &process->verdicts);
	json_stream_begin(stream, "leaks", '[');
	for (size_t i = 0; i < process->n_leaks; i++)
		write_leak(stream, memo, &process->leaks[i]);
	json_stream_end(stream);
	json_stream_begin(stream, "suppressions", '[');
	for (size_t i = 0; i < process->n_suppressions; i++)
		json_stream_value(stream, NULL, suppression_object(&process->suppressions[i]));
	json_stream_end(stream);
	json_write_running(stream, memo, process);
	if (sites && process->n_sites)
		write_sites(stream, memo, process);
	json_memo_free(memo);
	json_stream_value(stream, "overhead", overhead_object(&process->overhead));
	json_stream_end(stream);
}

static void write_baseline(struct json_stream *stream, const struct report_changes *changes)
{
	json_stream_begin(stream, "baseline", '{');
	json_stream_value(stream, "file", json_text_or_null(changes->old_name));
	json_write_changes(stream, changes);
	json_stream_end(stream);
}

static void write_gate(struct json_stream *stream, const struct report *report)
{
	json_stream_begin(stream, "gate", '{');
	json_stream_value(stream, "passed", json_boolean(report->gate_passed));
	if (report->n_gate_rules)
		json_stream_value(stream, "rules", json_texts(report->gate_rules, report->n_gate_rules));
	json_stream_begin(stream, "failures", '[');
	for (size_t i = 0; i < report->n_gate_failures; i++) {
		json_t *failure = json_object();

		json_set(failure, "rule", json_text_or_null(report->gate_failures[i].rule));
		json_set(failure, "message", json_text_or_null(report->gate_failures[i].message));
		json_stream_value(stream, NULL, failure);
	}
	json_stream_end(stream);
	json_stream_end(stream);
}

void json_report(const struct report *report, bool sites, struct out *out)
{
	struct json_stream stream = {.out = out};

	json_stream_begin(&stream, NULL, '{');
	json_stream_value(&stream, "schema", json_string("memwatch-report/1"));
	json_stream_value(&stream, "memwatch_version", json_text_or_null(report->memwatch_version));
	json_stream_begin(&stream, "processes", '[');
	for (size_t i = 0; i < report->n_processes; i++)
		write_process(&stream, &report->processes[i], sites);
	json_stream_end(&stream);
	if (report->baseline)
		write_baseline(&stream, report->baseline);
	write_gate(&stream, report);
	json_stream_end(&stream);
}

void render_json(const struct report *report, const struct render_options *options, struct out *out)
{
	(void)options;
	json_report(report, false, out);
}
