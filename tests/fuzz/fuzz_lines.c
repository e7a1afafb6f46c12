/*
 * Any bytes as a .debug_line section, with an offset (the first two bytes) and .debug_line_str (as many as the next two
 * say, from the end): no crash, no hang, and what comes of it can be asked.
 */
#include "cli/symbols/line_program.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_inside(const struct dwarf_bytes *b, const char *s)
{
	const uint8_t *p = (const uint8_t *)s;

	return p >= b->p && p < b->end && memchr(p, 0, (size_t)(b->end - p));
}

static void ask_file(const struct line_sections *sections, const struct line_files *files, uint64_t index)
{
	const char *dir, *name = line_files_name(files, index, &dir);

	if (!name && dir)
		abort();
	if (name && !is_inside(&sections->line, name) && !is_inside(&sections->line_str, name))
		abort();
	if (dir && !is_inside(&sections->line, dir) && !is_inside(&sections->line_str, dir))
		abort();
}

static void ask_rows(struct line_rows *rows)
{
	for (size_t i = 0; i < rows->ranges.n; i++) {
		const struct range range = rows->ranges.items[i];
		const uint64_t asked[] = {range.lo, range.lo + (range.hi - range.lo) / 2, range.hi - 1};

		for (size_t j = 0; j < sizeof(asked) / sizeof(asked[0]); j++) {
			const struct line_row *row = line_rows_find(rows, asked[j]);

			if (!row || row->addr > asked[j] || row < rows->items || row >= rows->items + rows->n)
				abort();
		}
	}
	line_rows_find(rows, 0);
	line_rows_find(rows, UINT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dwarf_bytes b = {.p = data, .end = data + size};
	uint64_t offset = dwarf_bytes_take(&b, 2), strings = dwarf_bytes_take(&b, 2);
	const uint8_t *cut = strings < dwarf_bytes_left(&b) ? b.end - strings : b.p;
	struct line_sections sections = {.line = {b.p, cut}, .line_str = {cut, b.end}, .str = {cut, b.end}};
	struct line_rows rows = {0};
	struct line_files files = {0};

	line_program_read(&sections, offset, &rows, &files);
	if (rows.n > size || files.n_files > size + 1 || files.n_dirs > size + 1)
		abort();
	ask_rows(&rows);
	for (uint64_t i = 0; i <= files.n_files; i++)
		ask_file(&sections, &files, i);
	line_rows_release(&rows);
	line_files_release(&files);
	return 0;
}
