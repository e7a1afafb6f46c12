#include "cli/symbols/line_rows.h"

#include <criterion/criterion.h>

static void add(struct line_rows *rows, uint64_t addr, uint32_t line)
{
	line_rows_add(rows, (struct line_row){.addr = addr, .file = 1, .line = line});
}

static uint32_t line_at(struct line_rows *rows, uint64_t addr)
{
	const struct line_row *row = line_rows_find(rows, addr);

	return row ? row->line : 0;
}

Test(line_rows, nothing, .timeout = 10)
{
	struct line_rows rows = {0};

	cr_expect_null(line_rows_find(&rows, 0));
	line_rows_end(&rows, 5);
	line_rows_finish(&rows);
	cr_expect_null(line_rows_find(&rows, 0));
	line_rows_release(&rows);
}

Test(line_rows, a_row_reaches_up_to_the_next, .timeout = 10)
{
	struct line_rows rows = {0};

	add(&rows, 0x200, 7);
	add(&rows, 0x210, 8);
	line_rows_end(&rows, 0x220);
	add(&rows, 0x100, 1);
	add(&rows, 0x104, 2);
	add(&rows, 0x108, 2); /* another column */
	add(&rows, 0x110, 3);
	line_rows_end(&rows, 0x118);
	line_rows_finish(&rows);
	cr_expect_eq(rows.n, 5, "%zu rows", rows.n);
	cr_expect_eq(line_at(&rows, 0xff), 0);
	cr_expect_eq(line_at(&rows, 0x100), 1);
	cr_expect_eq(line_at(&rows, 0x103), 1);
	cr_expect_eq(line_at(&rows, 0x104), 2);
	cr_expect_eq(line_at(&rows, 0x10f), 2);
	cr_expect_eq(line_at(&rows, 0x117), 3);
	cr_expect_eq(line_at(&rows, 0x118), 0);
	cr_expect_eq(line_at(&rows, 0x20f), 7);
	cr_expect_eq(line_at(&rows, 0x21f), 8);
	cr_expect_eq(line_at(&rows, 0x220), 0);
	line_rows_release(&rows);
}

Test(line_rows, of_rows_at_one_address_the_last_counts, .timeout = 10)
{
	struct line_rows rows = {0};

	add(&rows, 0x100, 1);
	add(&rows, 0x100, 2);
	add(&rows, 0x108, 3);
	add(&rows, 0x108, 4);
	line_rows_end(&rows, 0x110);
	line_rows_finish(&rows);
	cr_expect_eq(line_at(&rows, 0x100), 2);
	cr_expect_eq(line_at(&rows, 0x108), 4);
	line_rows_release(&rows);
}

Test(line_rows, backwards_and_unended, .timeout = 10)
{
	struct line_rows rows = {0};

	add(&rows, 0x100, 1);
	add(&rows, 0x108, 2);
	add(&rows, 0x50, 3); /* the code of line 2 has no end */
	add(&rows, 0x58, 4);
	line_rows_end(&rows, 0x60);
	add(&rows, 0x300, 5);
	line_rows_end(&rows, 0x300); /* nothing between */
	add(&rows, 0x400, 6);
	line_rows_end(&rows, 0x3ff);
	add(&rows, 0x500, 7);
	add(&rows, 0x508, 8);
	line_rows_finish(&rows);
	cr_expect_eq(rows.n, 4, "%zu rows", rows.n);
	cr_expect_eq(line_at(&rows, 0x107), 1);
	cr_expect_eq(line_at(&rows, 0x108), 0);
	cr_expect_eq(line_at(&rows, 0x50), 3);
	cr_expect_eq(line_at(&rows, 0x5f), 4);
	cr_expect_eq(line_at(&rows, 0x300), 0);
	cr_expect_eq(line_at(&rows, 0x400), 0);
	cr_expect_eq(line_at(&rows, 0x500), 0);
	line_rows_release(&rows);
}

Test(line_rows, sequences_that_overlap, .timeout = 10)
{
	struct line_rows rows = {0};

	add(&rows, 0x100, 1);
	line_rows_end(&rows, 0x200);
	add(&rows, 0x140, 2);
	line_rows_end(&rows, 0x150);
	line_rows_finish(&rows);
	cr_expect_eq(line_at(&rows, 0x13f), 1);
	cr_expect_eq(line_at(&rows, 0x140), 2);
	cr_expect_eq(line_at(&rows, 0x150), 1, "the inner one's end is not the outer one's");
	line_rows_release(&rows);
}
