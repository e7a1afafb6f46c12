#include "cli/symbols/line_rows.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>

/* The first row of the open sequence, if it has any. */
static size_t line_rows_open(const struct line_rows *rows)
{
	return rows->n_sequences ? rows->firsts[rows->n_sequences] : 0;
}

void line_rows_add(struct line_rows *rows, struct line_row row)
{
	if (rows->n > line_rows_open(rows)) {
		struct line_row *last = &rows->items[rows->n - 1];

		if (row.addr == last->addr) {
			*last = row;
			return;
		}
		if (row.addr < last->addr)
			line_rows_end(rows, last->addr);
		else if (row.file == last->file && row.line == last->line)
			return;
	}
	if (rows->n >= UINT32_MAX)
		return;
	rows->items = xgrow(rows->items, &rows->cap, rows->n + 1, sizeof(*rows->items));
	rows->items[rows->n++] = row;
}

void line_rows_end(struct line_rows *rows, uint64_t end)
{
	size_t first = line_rows_open(rows);

	if (rows->n == first || end <= rows->items[first].addr) {
		rows->n = first;
		return;
	}
	range_map_add(&rows->ranges, rows->items[first].addr, end, (uint32_t)rows->n_sequences);
	rows->firsts = xgrow(rows->firsts, &rows->firsts_cap, rows->n_sequences + 2, sizeof(*rows->firsts));
	rows->firsts[rows->n_sequences++] = (uint32_t)first;
	rows->firsts[rows->n_sequences] = (uint32_t)rows->n;
}

void line_rows_finish(struct line_rows *rows)
{
	rows->n = line_rows_open(rows);
	if (rows->n == 0 || rows->n == rows->cap)
		return;
	rows->items = xreallocarray(rows->items, rows->n, sizeof(*rows->items));
	rows->cap = rows->n;
}

const struct line_row *line_rows_find(struct line_rows *rows, uint64_t addr)
{
	const struct range *sequence = range_map_find(&rows->ranges, addr);
	size_t lo, hi;

	if (!sequence)
		return NULL;
	lo = rows->firsts[sequence->value];
	hi = rows->firsts[sequence->value + 1];
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (rows->items[mid].addr <= addr)
			lo = mid;
		else
			hi = mid;
	}
	return &rows->items[lo];
}

void line_rows_release(struct line_rows *rows)
{
	free(rows->items);
	free(rows->firsts);
	range_map_release(&rows->ranges);
	*rows = (struct line_rows){0};
}
