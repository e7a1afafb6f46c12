#include "cli/analysis/report.h"

#include "cli/analysis/origin.h"
#include "cli/analysis/store.h"
#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[N_VERDICTS] = {
		[VERDICT_DEFINITE] = "definite",     [VERDICT_INDIRECT] = "indirect",
		[VERDICT_POSSIBLE] = "possible",     [VERDICT_REACHABLE] = "reachable",
		[VERDICT_SUPPRESSED] = "suppressed", [VERDICT_UNCLASSIFIED] = "unclassified",
	};

	return names[verdict];
}

const char *report_change_name(enum report_change_kind change)
{
	static const char *const names[N_CHANGES] = {
		[CHANGE_NEW] = "new",
		[CHANGE_GREW] = "grew",
		[CHANGE_SHRANK] = "shrank",
		[CHANGE_GONE] = "gone",
	};

	return names[change];
}

const struct report_memstat *report_memstat_find(const struct report_memstats *memstats, const char *name)
{
	for (size_t i = 0; i < memstats->n_fields; i++)
		if (!strcmp(memstats->fields[i].name, name))
			return &memstats->fields[i];
	return NULL;
}

size_t report_stack_project(const struct report_stack *stack)
{
	for (size_t i = 0; i < stack->n_frames; i++)
		if (!stack->frames[i]->system)
			return i;
	return 0;
}

size_t report_stack_above_start(const struct report_stack *stack)
{
	size_t n = stack->n_frames;

	while (n > 1 && stack->frames[n - 1]->function && origin_function_starts(stack->frames[n - 1]->function))
		n--;
	return n;
}

const struct report_process *report_main_process(const struct report *report)
{
	for (size_t i = 0; i < report->n_processes; i++)
		if (!report->processes[i].shell)
			return &report->processes[i];
	return report->n_processes ? &report->processes[0] : NULL;
}

bool report_process_counts(const struct report *report, const struct report_process *process)
{
	return !process->shell || process == report_main_process(report);
}

const struct report_process *report_largest_process(const struct report *report)
{
	const struct report_process *largest = NULL;

	for (size_t i = 0; i < report->n_processes; i++) {
		const struct report_process *process = &report->processes[i];

		if (report_process_counts(report, process) &&
		    (!largest || process->totals.peak_live_bytes > largest->totals.peak_live_bytes))
			largest = process;
	}
	return largest;
}

struct report_process *report_add_process(struct report *report)
{
	struct report_process *process;

	report->processes =
		xgrow(report->processes, &report->cap_processes, report->n_processes + 1, sizeof(*report->processes));
	process = &report->processes[report->n_processes++];
	memset(process, 0, sizeof(*process));
	return process;
}

void report_process_clear(struct report_process *process)
{
	store_free(process->store);
	memset(process, 0, sizeof(*process));
}

void report_clear(struct report *report)
{
	for (size_t i = 0; i < report->n_processes; i++)
		report_process_clear(&report->processes[i]);
	free(report->processes);
	memset(report, 0, sizeof(*report));
}
