#include "cli/analysis/merge.h"

#include "cli/analysis/merge_findings.h"
#include "cli/analysis/origin.h"
#include "cli/analysis/store.h"
#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define REASONS_MAX 16

/* All processes of one program. */
struct program {
	struct report_process sum; /* without its findings until merge_finish(); its store has all that hangs on it */
	struct merge_findings findings;
	const char *reasons[REASONS_MAX];
};

struct merge {
	struct program **programs;
	size_t n, cap;
};

struct merge *merge_new(void)
{
	return xcalloc(1, sizeof(struct merge));
}

static void program_free(struct program *program)
{
	report_process_clear(&program->sum);
	merge_findings_release(&program->findings);
	free(program);
}

void merge_free(struct merge *merge)
{
	if (!merge)
		return;
	for (size_t i = 0; i < merge->n; i++)
		program_free(merge->programs[i]);
	free(merge->programs);
	free(merge);
}

/* ---- adding up */

static void add_completeness(struct program *program, const struct report_completeness *from)
{
	struct report_completeness *to = &program->sum.completeness;

	to->complete = to->complete && from->complete;
	to->records += from->records;
	to->lost_records += from->lost_records;
	to->unknown_frees += from->unknown_frees;
	to->truncated_stacks += from->truncated_stacks;
	to->slow_stacks += from->slow_stacks;
	to->checked_stacks += from->checked_stacks;
	to->differing_stacks += from->differing_stacks;
	for (size_t i = 0; i < from->n_reasons; i++) {
		const char *reason = store_string(program->sum.store, from->reasons[i]);
		size_t k = 0;

		while (k < to->n_reasons && program->reasons[k] != reason)
			k++;
		if (k == to->n_reasons && k < REASONS_MAX)
			program->reasons[to->n_reasons++] = reason;
	}
	to->reasons = program->reasons;
}

static void add_totals(struct report_totals *to, const struct report_totals *from)
{
	to->allocations += from->allocations;
	to->frees += from->frees;
	to->reallocations += from->reallocations;
	to->allocated_bytes += from->allocated_bytes;
	to->freed_bytes += from->freed_bytes;
	to->live_blocks += from->live_blocks;
	to->live_bytes += from->live_bytes;
	to->inherited_blocks += from->inherited_blocks;
	to->inherited_bytes += from->inherited_bytes;
	if (from->peak_live_bytes > to->peak_live_bytes) {
		to->peak_live_bytes = from->peak_live_bytes;
		to->peak_seconds = from->peak_seconds;
	}
	to->temporary_allocations += from->temporary_allocations;
	to->failed_allocations += from->failed_allocations;
	to->refused_allocations += from->refused_allocations;
}

static void add_mappings(struct report_mappings *to, const struct report_mappings *from)
{
	to->maps += from->maps;
	to->unmaps += from->unmaps;
	to->mapped_bytes += from->mapped_bytes;
	to->unmapped_bytes += from->unmapped_bytes;
	to->live_maps += from->live_maps;
	to->live_bytes += from->live_bytes;
}

/* Verdicts are of all only if they are of each that has something left; that another program replaced is no lack. */
static void add_verdicts(struct program *program, const struct report_process *process)
{
	struct report_verdicts *to = &program->sum.verdicts;
	const struct report_verdicts *from = &process->verdicts;
	bool lacks = !from->scanned && process->exit.kind != EXIT_EXEC &&
		     process->totals.live_blocks > from->by_verdict[VERDICT_SUPPRESSED].blocks;

	if (lacks && to->scanned) {
		to->scanned = false;
		to->why_not = store_string(program->sum.store, from->why_not ? from->why_not : "no scan was made");
	}
	to->scans += from->scans;
	to->pause_ns_total += from->pause_ns_total;
	for (int v = 0; v < N_VERDICTS; v++) {
		to->by_verdict[v].blocks += from->by_verdict[v].blocks;
		to->by_verdict[v].bytes += from->by_verdict[v].bytes;
	}
}

static bool exit_failed(const struct report_exit *exit)
{
	return exit->kind == EXIT_SIGNAL || (exit->kind == EXIT_EXIT && exit->code > 0);
}

static void program_add(struct program *program, const struct report_process *process)
{
	struct report_process *sum = &program->sum;

	sum->merged += process->merged ? process->merged : 1;
	if (exit_failed(&process->exit) && !exit_failed(&sum->exit))
		sum->exit = process->exit;
	if (process->start_realtime_ns < sum->start_realtime_ns)
		sum->start_realtime_ns = process->start_realtime_ns;
	if (process->duration_seconds > sum->duration_seconds)
		sum->duration_seconds = process->duration_seconds;
	add_completeness(program, &process->completeness);
	add_totals(&sum->totals, &process->totals);
	add_mappings(&sum->mappings, &process->mappings);
	add_verdicts(program, process);
	merge_findings_add(&program->findings, process);
	if (process->overhead.shim_bytes > sum->overhead.shim_bytes)
		sum->overhead.shim_bytes = process->overhead.shim_bytes;
	if (process->overhead.reporter_bytes > sum->overhead.reporter_bytes)
		sum->overhead.reporter_bytes = process->overhead.reporter_bytes;
	if (process->overhead.reporter_cpu_seconds > sum->overhead.reporter_cpu_seconds)
		sum->overhead.reporter_cpu_seconds = process->overhead.reporter_cpu_seconds;
}

/* ---- programs */

static const char *name_of(const struct report_process *process)
{
	const char *name = process->exe ? process->exe : process->argc ? process->argv[0] : "";

	return origin_basename(name);
}

/* Those of one name, in whatever folder the shards built them. */
static struct program *find_program(struct merge *merge, const struct report_process *process)
{
	struct program *program;

	for (size_t i = 0; i < merge->n; i++)
		if (merge->programs[i]->sum.shell == process->shell &&
		    strcmp(name_of(&merge->programs[i]->sum), name_of(process)) == 0)
			return merge->programs[i];
	merge->programs = xgrow(merge->programs, &merge->cap, merge->n + 1, sizeof(struct program *));
	program = merge->programs[merge->n++] = xcalloc(1, sizeof(*program));
	program->sum = (struct report_process){
		.store = store_new(),
		.pid = process->pid,
		.parent_pid = process->parent_pid,
		.origin = process->origin,
		.shell = process->shell,
		.exit = process->exit,
		.start_realtime_ns = process->start_realtime_ns,
		.completeness = {.complete = true},
		.verdicts = {.scanned = true},
		.forecast = {.seconds_to_limit = -1},
	};
	program->findings.store = program->sum.store;
	program->sum.exe = store_string(program->sum.store, process->exe);
	program->sum.argv = merge_copy_texts(program->sum.store, process->argv, process->argc);
	program->sum.argc = process->argc;
	return program;
}

void merge_add(struct merge *merge, const struct report *report)
{
	for (size_t i = 0; i < report->n_processes; i++)
		program_add(find_program(merge, &report->processes[i]), &report->processes[i]);
}

/* ---- the result */

static void program_finish(struct program *program)
{
	merge_findings_take(&program->findings, &program->sum);
	program->sum.completeness.reasons =
		merge_copy_texts(program->sum.store, program->reasons, program->sum.completeness.n_reasons);
}

void merge_finish(struct merge *merge, struct report *report)
{
	*report = (struct report){.memwatch_version = MEMWATCH_VERSION, .gate_passed = true};
	for (size_t i = 0; i < merge->n; i++) {
		program_finish(merge->programs[i]);
		*report_add_process(report) = merge->programs[i]->sum;
		merge->programs[i]->sum = (struct report_process){0};
	}
}
