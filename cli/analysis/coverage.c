#include "cli/analysis/coverage.h"

#include "cli/analysis/names.h"
#include "cli/analysis/store.h"

/* Other rules make other records, whose blocks other roots hold. */
static void ask_roots(const struct process *process, struct symbols *symbols, const struct scan_result *scan)
{
	struct store *store = store_new();
	struct names *names = names_new(process, NULL, symbols, store);

	for (size_t i = 0; i < scan->n_ranges; i++)
		if (scan->ranges[i].kind == SCAN_ROOT_MAPPING)
			names_stack(names, scan->ranges[i].stack, 0);
	for (size_t i = 0; i < scan->n_roots; i++) {
		const struct scan_range *range = &scan->ranges[scan->roots[i].range];
		const struct symbols_object object = {.path = range->module ? range->module : ""};
		uint64_t offset;

		if (range->kind == SCAN_ROOT_GLOBAL)
			symbols_variable(symbols, &object, scan->roots[i].addr - range->bias, &offset);
	}
	names_free(names);
	store_free(store);
}

void coverage_ask(const struct process *process, struct symbols *symbols, const struct build_options *how)
{
	struct build_options all = *how;
	struct report_process report;

	all.depth = 0;
	all.unread = 0;
	all.totals_only = false;
	all.suppressions = NULL;
	all.peak_stacks = SIZE_MAX;
	all.sites = true;
	report_process_build(process, symbols, &all, &report);
	report_process_clear(&report);
	if (all.scan && all.scan->scanned)
		ask_roots(process, symbols, all.scan);
}
