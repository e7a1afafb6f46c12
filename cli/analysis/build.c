#include "cli/analysis/build.h"

#include "cli/analysis/event_stacks.h"
#include "cli/analysis/functions.h"
#include "cli/analysis/leak.h"
#include "cli/analysis/mismatch.h"
#include "cli/analysis/names.h"
#include "cli/analysis/origin.h"
#include "cli/analysis/sites.h"
#include "cli/analysis/store.h"
#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

static enum report_origin build_origin(enum process_origin origin)
{
	switch (origin) {
	case PROCESS_FORK:
		return ORIGIN_FORK;
	case PROCESS_EXEC:
		return ORIGIN_EXEC;
	case PROCESS_RUN:
		break;
	}
	return ORIGIN_RUN;
}

static struct report_exit build_exit(const struct process_exit *exit)
{
	switch (exit->kind) {
	case PROCESS_EXITED:
		return (struct report_exit){.kind = EXIT_EXIT, .code = exit->code};
	case PROCESS_SIGNALED:
		return (struct report_exit){.kind = EXIT_SIGNAL, .code = -1, .signal = exit->signal};
	case PROCESS_EXECED:
		return (struct report_exit){.kind = EXIT_EXEC, .code = -1};
	case PROCESS_RUNNING:
		break;
	}
	return (struct report_exit){.kind = EXIT_RUNNING, .code = -1};
}

static const char *exe_of(const struct process *process)
{
	return !process->exe && process->argc ? process->argv[0] : process->exe;
}

static void build_identity(const struct process *process, struct store *store, struct report_process *out)
{
	const char *exe = exe_of(process);

	out->pid = process->pid;
	out->parent_pid = process->parent_pid;
	out->argv = store_strings(store, process->argv, process->argc);
	out->argc = process->argc;
	out->exe = store_string(store, exe);
	out->origin = build_origin(process->origin);
	out->exit = build_exit(&process->exit);
	out->start_realtime_ns = process->start_realtime_ns;
	if (process->end_monotonic_ns > process->start_monotonic_ns)
		out->duration_seconds = (double)(process->end_monotonic_ns - process->start_monotonic_ns) / 1e9;
	/* busybox and its like are called by many names: what was typed counts as well as the file. */
	out->shell = (exe && origin_program_is_wrapper(exe)) ||
		     (process->argc && process->argv[0] && origin_program_is_wrapper(process->argv[0]));
}

static void build_totals(const struct process_totals *from, struct report_totals *to)
{
	*to = (struct report_totals){
		.allocations = from->allocations,
		.frees = from->frees,
		.reallocations = from->reallocations,
		.allocated_bytes = from->allocated_bytes,
		.freed_bytes = from->freed_bytes,
		.live_blocks = from->live_blocks,
		.live_bytes = from->live_bytes,
		.inherited_blocks = from->inherited_blocks,
		.inherited_bytes = from->inherited_bytes,
		.peak_live_bytes = from->peak_live_bytes,
		.peak_seconds = (double)from->peak_ns / 1e9,
		.temporary_allocations = from->temporary_allocations,
		.failed_allocations = from->failed_allocations,
		.refused_allocations = from->refused_allocations,
	};
}

static void build_mappings(const struct process_mappings *from, struct report_mappings *to)
{
	*to = (struct report_mappings){
		.maps = from->maps,
		.unmaps = from->unmaps,
		.mapped_bytes = from->mapped_bytes,
		.unmapped_bytes = from->unmapped_bytes,
		.live_maps = from->live_maps,
		.live_bytes = from->live_bytes,
	};
}

static void build_completeness(const struct process_completeness *from, struct store *store,
			       struct report_completeness *to)
{
	*to = (struct report_completeness){
		.complete = from->complete,
		.records = from->records,
		.lost_records = from->lost_records,
		.unknown_frees = from->unknown_frees,
		.truncated_stacks = from->truncated_stacks,
		.slow_stacks = from->slow_stacks,
		.checked_stacks = from->checked_stacks,
		.differing_stacks = from->differing_stacks,
		.reasons = store_strings(store, from->reasons, from->n_reasons),
		.n_reasons = from->n_reasons,
	};
}

static void build_marks(const struct process *process, struct store *store, struct report_process *out)
{
	const struct process_mark *from;
	size_t n = process_marks(process, &from);
	struct report_mark *marks = store_alloc(store, n, sizeof(*marks));

	for (size_t i = 0; i < n; i++)
		marks[i] = (struct report_mark){
			.seconds = (double)from[i].ns / 1e9,
			.name = store_string(store, from[i].name),
			.snapshot = from[i].snapshot,
			.live = {from[i].live_blocks, from[i].live_bytes},
		};
	out->marks = marks;
	out->n_marks = n;
}

static void build_pools(const struct process *process, struct store *store, struct report_process *out)
{
	const struct process_pool *from;
	size_t n = process_pools(process, &from);
	struct report_pool *pools = store_alloc(store, n, sizeof(*pools));

	for (size_t i = 0; i < n; i++)
		pools[i] = (struct report_pool){
			.name = store_string(store, from[i].name),
			.allocations = from[i].allocations,
			.frees = from[i].frees,
			.live = {from[i].live_blocks, from[i].live_bytes},
			.peak_live_bytes = from[i].peak_live_bytes,
		};
	out->pools = pools;
	out->n_pools = n;
}

static void build_verdicts(const struct build_options *options, struct store *store, struct report_verdicts *to)
{
	to->scans = options->n_scans;
	to->pause_ns_total = options->pause_ns;
	to->scanned = options->scan && options->scan->scanned;
	if (!to->scanned)
		to->why_not = store_string(store, options->why_not ? options->why_not : "no leak scan was made");
}

/* The kinds are summed up from the records, so that they always add up to what is live. */
static void sum_verdicts(const struct report_leak *leaks, size_t n_leaks, struct report_verdicts *to)
{
	for (size_t i = 0; i < n_leaks; i++) {
		enum verdict verdict = leaks[i].suppressed_by ? VERDICT_SUPPRESSED : leaks[i].verdict;

		to->by_verdict[verdict].blocks += leaks[i].direct.blocks;
		to->by_verdict[verdict].bytes += leaks[i].direct.bytes;
	}
}

/* The answer is not complete where the scan could not read or stop something. */
static void build_problems(const struct scan_result *scan, struct store *store, struct report_completeness *to)
{
	size_t n = to->n_reasons + scan->n_problems;
	const char **reasons = store_alloc(store, n, sizeof(*reasons));

	for (size_t i = 0; i < to->n_reasons; i++)
		reasons[i] = to->reasons[i];
	for (size_t i = 0; i < scan->n_problems; i++)
		reasons[to->n_reasons + i] = store_string(store, scan->problems[i]);
	to->reasons = reasons;
	to->n_reasons = n;
	to->complete &= scan->n_problems == 0;
}

/* What a report still waits for. */
struct report_rest {
	struct store *store; /* the report's */
	const char *exe;
	struct names *names;
	struct leaks *leaks; /* NULL = not asked for */
	struct sites *sites; /* the same */
};

struct report_rest *report_ahead_begin(const struct process *process, struct symbols *symbols,
				       const struct build_options *options)
{
	struct report_rest *rest = xcalloc(1, sizeof(*rest));

	rest->store = store_new();
	rest->exe = store_string(rest->store, exe_of(process));
	rest->names = names_new(process, rest->exe, symbols, rest->store);
	if (!options->totals_only)
		rest->leaks = leak_begin(process, options, rest->names, symbols, rest->store);
	return rest;
}

void report_ahead_free(struct report_rest *ahead)
{
	struct report_process nobodys = {0};

	if (!ahead)
		return;
	if (ahead->leaks)
		leak_end(ahead->leaks, &nobodys);
	names_free(ahead->names);
	store_free(ahead->store);
	free(ahead);
}

struct report_rest *report_process_begin(const struct process *process, struct symbols *symbols,
					 const struct build_options *options, struct report_process *out)
{
	static const struct memstats_input nothing;
	struct report_rest *rest = options->ahead ? options->ahead : report_ahead_begin(process, symbols, options);
	struct store *store = rest->store;
	struct names *names = rest->names;

	memset(out, 0, sizeof(*out));
	out->store = store;
	build_identity(process, store, out);
	build_totals(&process->totals, &out->totals);
	build_mappings(&process->mappings, &out->mappings);
	build_marks(process, store, out);
	build_pools(process, store, out);
	build_completeness(&process->completeness, store, &out->completeness);
	if (options->remark)
		store_append(store, &out->completeness.reasons, &out->completeness.n_reasons, options->remark);
	if (options->scan)
		build_problems(options->scan, store, &out->completeness);
	course_build(options->course, store, out);
	if (!options->totals_only) {
		mismatch_build(process, names, store, options->depth, out);
		course_build_peak(process, names, store, options->depth, options->peak_stacks, out);
		if (options->course)
			growth_build(&options->course->growth, process, options->scan, names, symbols, store,
				     options->depth, out);
	}
	if (options->sites)
		rest->sites = sites_begin(process, names, store, options);
	if (options->events)
		event_stacks_build(process, names, store, options, out);
	if (options->functions)
		functions_build(options->functions, process, names, store, out);
	if (options->judged && options->course)
		growth_build_judged(&options->course->growth, names, store, options->depth, out);
	build_verdicts(options, store, &out->verdicts);
	out->overhead = options->overhead;
	out->overhead.shim_bytes = process->shim_bytes;
	memstats_build(process, options->memstats ? options->memstats : &nothing, store, out);
	return rest;
}

bool report_process_name(struct report_rest *rest, size_t n)
{
	return (!rest->leaks || leak_name(rest->leaks, n)) && (!rest->sites || sites_name(rest->sites, n));
}

void report_process_complete(struct report_rest *rest)
{
	if (rest->leaks)
		leak_complete(rest->leaks);
	if (rest->sites)
		sites_complete(rest->sites, rest->exe);
}

void report_process_end(struct report_rest *rest, struct report_process *out)
{
	report_process_complete(rest);
	if (rest->leaks)
		leak_end(rest->leaks, out);
	sum_verdicts(out->leaks, out->n_leaks, &out->verdicts);
	if (rest->sites)
		sites_end(rest->sites, out);
	names_free(rest->names);
	free(rest);
}

void report_process_build(const struct process *process, struct symbols *symbols, const struct build_options *options,
			  struct report_process *out)
{
	report_process_end(report_process_begin(process, symbols, options, out), out);
}
