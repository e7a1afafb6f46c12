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

static void write_exit(struct json_stream *stream, const char *key, const struct report_exit *exit)
{
	static const char *const kinds[] = {
		[EXIT_EXIT] = "exit", [EXIT_SIGNAL] = "signal", [EXIT_EXEC] = "exec", [EXIT_RUNNING] = "running"};
	struct format_buf name;
	bool has_code = exit->kind == EXIT_EXIT && exit->code >= 0;
	bool has_signal = exit->kind == EXIT_SIGNAL && exit->signal > 0;

	json_stream_begin_line(stream, key, '{');
	json_write_text(stream, "kind", kinds[exit->kind]);
	json_stream_value(stream, "code", has_code ? json_integer(exit->code) : json_null());
	json_stream_value(stream, "signal", has_signal ? json_string(format_signal(&name, exit->signal)) : json_null());
	json_stream_end(stream);
}

static void write_completeness(struct json_stream *stream, const char *key,
			       const struct report_completeness *completeness)
{
	json_stream_begin_line(stream, key, '{');
	json_write_boolean(stream, "complete", completeness->complete);
	json_write_number(stream, "records", completeness->records);
	json_write_number(stream, "lost_records", completeness->lost_records);
	json_write_number(stream, "unknown_frees", completeness->unknown_frees);
	json_write_number(stream, "truncated_stacks", completeness->truncated_stacks);
	json_write_number(stream, "slow_stacks", completeness->slow_stacks);
	json_write_number(stream, "checked_stacks", completeness->checked_stacks);
	json_write_number(stream, "differing_stacks", completeness->differing_stacks);
	json_write_texts(stream, "reasons", completeness->reasons, completeness->n_reasons);
	json_stream_end(stream);
}

void json_write_totals(struct json_stream *stream, const struct report_totals *totals)
{
	json_stream_begin(stream, "totals", '{');
	json_write_number(stream, "allocations", totals->allocations);
	json_write_number(stream, "frees", totals->frees);
	json_write_number(stream, "reallocations", totals->reallocations);
	json_write_number(stream, "allocated_bytes", totals->allocated_bytes);
	json_write_number(stream, "freed_bytes", totals->freed_bytes);
	json_write_number(stream, "live_blocks", totals->live_blocks);
	json_write_number(stream, "live_bytes", totals->live_bytes);
	json_write_number(stream, "inherited_blocks", totals->inherited_blocks);
	json_write_number(stream, "inherited_bytes", totals->inherited_bytes);
	json_write_number(stream, "peak_live_bytes", totals->peak_live_bytes);
	json_write_measure(stream, "peak_seconds", totals->peak_seconds);
	json_write_number(stream, "temporary_allocations", totals->temporary_allocations);
	json_write_number(stream, "failed_allocations", totals->failed_allocations);
	json_write_number(stream, "refused_allocations", totals->refused_allocations);
	json_stream_end(stream);
}

static void write_mappings(struct json_stream *stream, const char *key, const struct report_mappings *mappings)
{
	json_stream_begin_line(stream, key, '{');
	json_write_number(stream, "maps", mappings->maps);
	json_write_number(stream, "unmaps", mappings->unmaps);
	json_write_number(stream, "mapped_bytes", mappings->mapped_bytes);
	json_write_number(stream, "unmapped_bytes", mappings->unmapped_bytes);
	json_write_number(stream, "live_maps", mappings->live_maps);
	json_write_number(stream, "live_bytes", mappings->live_bytes);
	json_stream_end(stream);
}

/* Without a scan all is unclassified, and `scanned` and `why_not` say so. */
static void write_verdicts(struct json_stream *stream, const struct report_verdicts *verdicts)
{
	json_stream_begin(stream, "verdicts", '{');
	json_write_boolean(stream, "scanned", verdicts->scanned);
	json_write_text(stream, "why_not", verdicts->why_not);
	json_write_number(stream, "scans", verdicts->scans);
	json_write_number(stream, "pause_ns_total", verdicts->pause_ns_total);
	for (int v = 0; v < N_VERDICTS; v++)
		json_write_amount(stream, verdict_name(v), verdicts->by_verdict[v]);
	json_stream_end(stream);
}

static void write_leak(struct json_stream *stream, struct json_memo *memo, const struct report_leak *leak)
{
	json_stream_begin(stream, NULL, '{');
	json_write_text(stream, "id", leak->id);
	json_write_text(stream, "verdict", verdict_name(leak->verdict));
	json_write_number(stream, "blocks", leak->direct.blocks);
	json_write_number(stream, "bytes", leak->direct.bytes);
	json_write_number(stream, "indirect_blocks", leak->indirect.blocks);
	json_write_number(stream, "indirect_bytes", leak->indirect.bytes);
	json_write_text(stream, "allocator", leak->allocator);
	json_write_measure(stream, "first_seconds", leak->first_seconds);
	json_write_measure(stream, "last_seconds", leak->last_seconds);
	json_write_texts(stream, "thread_names", leak->thread_names, leak->n_thread_names);
	json_write_text(stream, "suppressed_by", leak->suppressed_by);
	json_write_number(stream, "tagged_blocks", leak->tagged_blocks);
	json_write_texts(stream, "held_by", leak->held_by, leak->n_held_by);
	json_write_boolean(stream, "stack_truncated", leak->stack.truncated);
	json_write_frames(stream, memo, "frames", &leak->stack);
	json_stream_end(stream);
}

static json_t *limit_or_null(uint64_t limit)
{
	return limit == UINT64_MAX ? json_null() : json_number(limit);
}

static void write_suppression(struct json_stream *stream, const char *key, const struct report_suppression *suppression)
{
	static const char *const states[] = {
		[SUPPRESSION_UNUSED] = "unused",
		[SUPPRESSION_USED] = "used",
		[SUPPRESSION_EXCEEDED] = "exceeded",
		[SUPPRESSION_EXPIRED] = "expired",
	};
	const char *expires = suppression->expires && suppression->expires[0] ? suppression->expires : NULL;

	json_stream_begin_line(stream, key, '{');
	json_write_text(stream, "name", suppression->name);
	json_write_text(stream, "file", suppression->file);
	json_write_integer(stream, "line", suppression->line);
	json_write_text(stream, "state", states[suppression->state]);
	json_write_number(stream, "records", suppression->records);
	json_write_number(stream, "blocks", suppression->amount.blocks);
	json_write_number(stream, "bytes", suppression->amount.bytes);
	json_stream_value(stream, "max_blocks", limit_or_null(suppression->max_blocks));
	json_stream_value(stream, "max_bytes", limit_or_null(suppression->max_bytes));
	json_write_text(stream, "expires", expires);
	json_stream_end(stream);
}

static void write_overhead(struct json_stream *stream, const char *key, const struct report_overhead *overhead)
{
	json_stream_begin_line(stream, key, '{');
	json_write_number(stream, "shim_bytes", overhead->shim_bytes);
	json_write_number(stream, "reporter_bytes", overhead->reporter_bytes);
	json_write_measure(stream, "reporter_cpu_seconds", overhead->reporter_cpu_seconds);
	json_stream_end(stream);
}

static void write_sites(struct json_stream *stream, struct json_memo *memo, const struct report_process *process)
{
	json_stream_begin(stream, "sites", '[');
	for (size_t i = 0; i < process->n_sites; i++) {
		const struct report_site *site = &process->sites[i];

		json_stream_begin(stream, NULL, '{');
		json_write_number(stream, "allocated_bytes", site->allocated.bytes);
		json_write_number(stream, "allocations", site->allocated.blocks);
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
	json_write_integer(stream, "pid", process->pid);
	json_write_integer(stream, "parent_pid", process->parent_pid);
	json_write_texts(stream, "argv", process->argv, process->argc);
	json_write_text(stream, "exe", process->exe);
	json_write_text(stream, "origin", origins[process->origin]);
	json_write_boolean(stream, "shell", process->shell);
	if (process->merged)
		json_write_number(stream, "merged", process->merged);
	write_exit(stream, "exit", &process->exit);
	json_write_text(stream, "start_time", format_time(&time, process->start_realtime_ns));
	json_write_measure(stream, "duration_seconds", process->duration_seconds);
	write_completeness(stream, "completeness", &process->completeness);
	json_write_totals(stream, &process->totals);
	write_mappings(stream, "mappings", &process->mappings);
	write_verdicts(stream, &process->verdicts);
	json_stream_begin(stream, "leaks", '[');
	for (size_t i = 0; i < process->n_leaks; i++)
		write_leak(stream, memo, &process->leaks[i]);
	json_stream_end(stream);
	json_stream_begin(stream, "suppressions", '[');
	for (size_t i = 0; i < process->n_suppressions; i++)
		write_suppression(stream, NULL, &process->suppressions[i]);
	json_stream_end(stream);
	json_write_running(stream, memo, process);
	if (sites && process->n_sites)
		write_sites(stream, memo, process);
	json_memo_free(memo);
	write_overhead(stream, "overhead", &process->overhead);
	json_stream_end(stream);
}

static void write_baseline(struct json_stream *stream, const struct report_changes *changes)
{
	json_stream_begin(stream, "baseline", '{');
	json_write_text(stream, "file", changes->old_name);
	json_write_changes(stream, changes);
	json_stream_end(stream);
}

static void write_gate(struct json_stream *stream, const struct report *report)
{
	json_stream_begin(stream, "gate", '{');
	json_write_boolean(stream, "passed", report->gate_passed);
	if (report->n_gate_rules)
		json_write_texts(stream, "rules", report->gate_rules, report->n_gate_rules);
	json_stream_begin(stream, "failures", '[');
	for (size_t i = 0; i < report->n_gate_failures; i++) {
		json_stream_begin_line(stream, NULL, '{');
		json_write_text(stream, "rule", report->gate_failures[i].rule);
		json_write_text(stream, "message", report->gate_failures[i].message);
		json_stream_end(stream);
	}
	json_stream_end(stream);
	json_stream_end(stream);
}

void json_report(const struct report *report, bool sites, struct out *out)
{
	struct json_stream stream = {.out = out};

	json_stream_begin(&stream, NULL, '{');
	json_write_text(&stream, "schema", "memwatch-report/1");
	json_write_text(&stream, "memwatch_version", report->memwatch_version);
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
