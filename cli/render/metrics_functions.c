#include "cli/render/metrics_functions.h"

#include "cli/base/xalloc.h"
#include "cli/render/format.h"
#include "cli/render/plain_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All functions whose names read the same. */
struct row {
	char *label;
	struct report_amount live, allocated;
	double growth_per_second;
};

struct rows {
	struct row *items;
	size_t n, cap;
};

/* Takes over `label`. */
static struct row *add_row(struct rows *rows, char *label)
{
	rows->items = xgrow(rows->items, &rows->cap, rows->n + 1, sizeof(*rows->items));
	rows->items[rows->n] = (struct row){.label = label};
	return &rows->items[rows->n++];
}

static void add_process(struct rows *rows, const struct report_process *process)
{
	for (size_t i = 0; i < process->n_functions; i++) {
		const struct report_function *function = &process->functions[i];
		struct row *row = add_row(rows, plain_name(function->name));

		row->live = function->live;
		row->allocated = function->allocated;
	}
}

static char *growth_label(const struct report_stack *stack)
{
	const struct report_frame *frame = stack->n_frames ? stack->frames[report_stack_project(stack)] : NULL;

	if (frame && frame->function)
		return plain_name(frame->function);
	return xasprintf("[%s]", frame && frame->module ? format_basename(frame->module) : "unknown");
}

static void add_growth(struct rows *rows, const struct report_process *process)
{
	for (size_t i = 0; i < process->n_growth; i++) {
		const struct report_growth *growth = &process->growth[i];

		if (growth->verdict == GROWTH_GROWING)
			add_row(rows, growth_label(&growth->stack))->growth_per_second = growth->bytes_per_second;
	}
}

static int by_label(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return strcmp(x->label, y->label);
}

static int more_first(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->growth_per_second < y->growth_per_second || x->growth_per_second > y->growth_per_second)
		return x->growth_per_second < y->growth_per_second ? 1 : -1;
	if (x->live.bytes != y->live.bytes)
		return x->live.bytes < y->live.bytes ? 1 : -1;
	return strcmp(x->label, y->label);
}

/* One row for each label: two series with the same one would be refused. Returns how many are to be told. */
static size_t merge(struct rows *rows)
{
	size_t kept = 0;

	if (rows->n == 0)
		return 0;
	qsort(rows->items, rows->n, sizeof(*rows->items), by_label);
	for (size_t i = 1; i < rows->n; i++) {
		struct row *to = &rows->items[kept], *row = &rows->items[i];

		if (strcmp(to->label, row->label) != 0) {
			rows->items[++kept] = *row;
			continue;
		}
		to->live.blocks += row->live.blocks;
		to->live.bytes += row->live.bytes;
		to->allocated.blocks += row->allocated.blocks;
		to->allocated.bytes += row->allocated.bytes;
		to->growth_per_second += row->growth_per_second;
		free(row->label);
	}
	rows->n = kept + 1;
	qsort(rows->items, rows->n, sizeof(*rows->items), more_first);
	return rows->n < METRICS_FUNCTIONS_MAX ? rows->n : METRICS_FUNCTIONS_MAX;
}

static void release(struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		free(rows->items[i].label);
	free(rows->items);
	*rows = (struct rows){0};
}

static double live_bytes(const struct row *row)
{
	return (double)row->live.bytes;
}

static double live_objects(const struct row *row)
{
	return (double)row->live.blocks;
}

static double allocated_bytes(const struct row *row)
{
	return (double)row->allocated.bytes;
}

static double allocations(const struct row *row)
{
	return (double)row->allocated.blocks;
}

static double growth(const struct row *row)
{
	return row->growth_per_second;
}

static void print(const struct metric_lines *lines, const struct rows *rows, size_t n, const char *name,
		  const char *type, const char *help, double (*value)(const struct row *row))
{
	metric_head(lines, name, type, help);
	for (size_t i = 0; i < n; i++)
		metric_labelled(lines, name, "function", rows->items[i].label, value(&rows->items[i]));
}

static void each_process(const struct report *report, bool ended, struct rows *rows,
			 void (*add)(struct rows *rows, const struct report_process *process))
{
	for (size_t i = 0; i < report->n_processes; i++)
		if (ended || report->processes[i].exit.kind == EXIT_RUNNING)
			add(rows, &report->processes[i]);
}

void metrics_functions(const struct metric_lines *lines, const struct report *report, bool ended)
{
	struct rows rows = {0};
	size_t n;

	each_process(report, ended, &rows, add_process);
	n = merge(&rows);
	if (n) {
		print(lines, &rows, n, "memwatch_function_live_bytes", "gauge",
		      "Live bytes of the functions that have the most.", live_bytes);
		print(lines, &rows, n, "memwatch_function_live_objects", "gauge", "Live blocks of the same.",
		      live_objects);
		print(lines, &rows, n, "memwatch_function_allocated_bytes_total", "counter",
		      "Bytes that the same have allocated.", allocated_bytes);
		print(lines, &rows, n, "memwatch_function_allocations_total", "counter",
		      "Blocks that the same have allocated.", allocations);
	}
	release(&rows);
	each_process(report, ended, &rows, add_growth);
	n = merge(&rows);
	if (n)
		print(lines, &rows, n, "memwatch_function_growth_bytes_per_second", "gauge",
		      "How fast live bytes of the functions grow that do.", growth);
	release(&rows);
}
