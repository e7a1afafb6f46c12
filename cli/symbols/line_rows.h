/*
 * Lines of code by address. A sequence is a piece of code without gaps; sequences may overlap where the debug
 * information is wrong. Filled first, asked later. Plain data; starts as {0}.
 */
#ifndef CLI_SYMBOLS_LINE_ROWS_H
#define CLI_SYMBOLS_LINE_ROWS_H

#include "cli/symbols/range_map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct line_row {
	uint64_t addr; /* up to the next one's */
	uint32_t file; /* index in the unit's file table */
	uint32_t line; /* 0: not known */
};

struct line_rows {
	struct line_row *items;
	size_t n, cap;
	uint32_t *firsts; /* by sequence: its first row, which ends the one before; a last one behind the last */
	size_t n_sequences, firsts_cap;
	struct range_map ranges; /* value: number of a sequence */
};

/* In the sequence that is open; a row that lies before the last one begins another. */
void line_rows_add(struct line_rows *rows, struct line_row row);

/* The open sequence goes up to `end`; the next row opens another. */
void line_rows_end(struct line_rows *rows, uint64_t end);

/* An open sequence is left out. Nothing is added after it. */
void line_rows_finish(struct line_rows *rows);

/* NULL: nothing known. */
const struct line_row *line_rows_find(struct line_rows *rows, uint64_t addr);

void line_rows_release(struct line_rows *rows);

#endif
