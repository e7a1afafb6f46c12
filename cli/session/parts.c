#include "cli/session/parts.h"

#include "cli/base/clock.h"
#include "cli/base/xalloc.h"
#include "cli/model/process.h"

#include <stdlib.h>

#define STACKS_AT_ONCE 64 /* between two looks at the clock */

bool parts_settle(struct parts *parts, struct tracked *const *processes, size_t n, uint64_t ns)
{
	uint64_t end_ns = clock_now_ns() + ns;

	for (; parts->n_settled < n; parts->n_settled++, parts->settled = 0) {
		const struct process *process = processes[parts->n_settled]->process;
		uint32_t id = 0;

		for (size_t i = 1; process && (id = process_next_use(process, parts->settled + 1)) != 0; i++) {
			stacks_canonical(process->stacks, id);
			parts->settled = id;
			if (i % STACKS_AT_ONCE == 0 && clock_now_ns() > end_ns)
				return false;
		}
	}
	return true;
}

void parts_add(struct parts *parts, struct tracked *tracked, struct report_rest *rest, size_t at)
{
	parts->items = xgrow(parts->items, &parts->cap, parts->n + 1, sizeof(*parts->items));
	parts->items[parts->n++] = (struct part){tracked, rest, at};
}

bool parts_name_until(struct report_rest *rest, uint64_t end_ns)
{
	while (!report_process_name(rest, STACKS_AT_ONCE))
		if (clock_now_ns() > end_ns)
			return false;
	return true;
}

bool parts_name(struct parts *parts, uint64_t ns)
{
	uint64_t end_ns = clock_now_ns() + ns;

	for (size_t i = 0; i < parts->n; i++)
		if (!parts_name_until(parts->items[i].rest, end_ns))
			return false;
	return true;
}

void parts_complete(struct parts *parts)
{
	for (size_t i = 0; i < parts->n && !parts->complete; i++)
		tracker_complete(parts->items[i].tracked, parts->items[i].rest);
	parts->complete = true;
}

void parts_end(struct parts *parts, struct report *report)
{
	parts_complete(parts);
	for (size_t i = 0; i < parts->n; i++)
		report_process_end(parts->items[i].rest, &report->processes[parts->items[i].at]);
	free(parts->items);
	*parts = (struct parts){0};
}
