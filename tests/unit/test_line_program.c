#include "cli/symbols/line_program.h"

#include <criterion/criterion.h>

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

struct builder {
	uint8_t bytes[512];
	size_t n;
};

static void put(struct builder *b, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		b->bytes[b->n++] = (uint8_t)(v >> 8 * i);
}

static void put_string(struct builder *b, const char *s)
{
	memcpy(b->bytes + b->n, s, strlen(s) + 1);
	b->n += strlen(s) + 1;
}

static void put_address(struct builder *b, uint64_t addr)
{
	put(b, 0, 1);
	put(b, 9, 1);
	put(b, DW_LNE_set_address, 1);
	put(b, addr, 8);
}

static void put_end(struct builder *b)
{
	put(b, 0, 1);
	put(b, 1, 1);
	put(b, DW_LNE_end_sequence, 1);
}

enum { LINE_BASE = -5, LINE_RANGE = 14, OPCODE_BASE = 13 };

static void put_special(struct builder *b, unsigned addr_advance, int line_advance)
{
	put(b, (uint64_t)((line_advance - LINE_BASE) + LINE_RANGE * (int)addr_advance + OPCODE_BASE), 1);
}

static void put_header(struct builder *b, unsigned version, unsigned offset_bytes)
{
	static const uint8_t operand_counts[OPCODE_BASE - 1] = {0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1};
	size_t length_at;

	if (offset_bytes == 8)
		put(b, UINT32_MAX, 4);
	put(b, 0, offset_bytes); /* of the unit: put_length() */
	put(b, version, 2);
	if (version >= 5)
		put(b, 8, 2);
	length_at = b->n;
	put(b, 0, offset_bytes);
	put(b, 1, 1);
	if (version >= 4)
		put(b, 1, 1);
	put(b, 1, 1);
	put(b, (uint8_t)LINE_BASE, 1);
	put(b, LINE_RANGE, 1);
	put(b, OPCODE_BASE, 1);
	for (size_t i = 0; i < sizeof(operand_counts); i++)
		put(b, operand_counts[i], 1);
	if (version >= 5) {
		put(b, 0x080101, 3); /* a directory is a string */
		put(b, 1, 1);
		put_string(b, "/dir");
		put(b, 0x080101, 3); /* and so is a file */
		put(b, 2, 1);
		put_string(b, "zero.c");
	} else {
		put(b, 0, 1);
	}
	put_string(b, "one.c");
	if (version < 5)
		put(b, 0, 4);
	b->bytes[length_at] = (uint8_t)(b->n - length_at - offset_bytes);
}

static void put_length(struct builder *b, unsigned offset_bytes)
{
	size_t at = offset_bytes == 8 ? 4 : 0, n = b->n - at - offset_bytes;

	b->bytes[at] = (uint8_t)n;
	b->bytes[at + 1] = (uint8_t)(n >> 8);
}

/* A thrown-away function over the real one, and each kind of step. */
static void put_program(struct builder *b)
{
	put_address(b, 0);
	put_special(b, 0, 8);
	put(b, DW_LNS_advance_pc, 1);
	put(b, 0x2fff, 2); /* 0x5f bytes in two */
	put_end(b);
	put_address(b, 0x20);
	put(b, DW_LNS_advance_line, 1);
	put(b, 0x00e3, 2);
	put(b, DW_LNS_copy, 1); /* 0x20: line 100 */
	put_special(b, 4, -3);  /* 0x24: 97 */
	put(b, DW_LNS_const_add_pc, 1);
	put_special(b, 0, 1); /* 0x35: 98 */
	put(b, DW_LNS_fixed_advance_pc, 1);
	put(b, 3, 2);
	put(b, DW_LNS_set_column, 1);
	put(b, 7, 1);
	put(b, DW_LNS_advance_line, 1);
	put(b, 0x7e, 1);        /* -2 */
	put(b, DW_LNS_copy, 1); /* 0x38: 96 */
	put(b, DW_LNS_advance_pc, 1);
	put(b, 8, 1);
	put_end(b); /* 0x40 */
	put_address(b, UINT64_MAX);
	put_special(b, 0, 1);
	put_special(b, 16, 1);
	put_end(b);
}

static void expect_lines(struct line_rows *rows)
{
	static const struct {
		uint64_t addr;
		uint32_t line;
	} wanted[] = {{0x5, 0},   {0x1f, 0},  {0x20, 100}, {0x23, 100}, {0x24, 97}, {0x34, 97},
		      {0x35, 98}, {0x37, 98}, {0x38, 96},  {0x3f, 96},  {0x40, 0},  {UINT64_MAX, 0}};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const struct line_row *row = line_rows_find(rows, wanted[i].addr);

		cr_expect_eq(row ? row->line : 0, wanted[i].line, "%#lx", wanted[i].addr);
		cr_expect_eq(row ? row->file : 1, 1);
	}
}

static void read_bytes(const uint8_t *bytes, size_t n, uint64_t offset, struct line_rows *rows,
		       struct line_files *files)
{
	struct line_sections sections = {.line = {.p = bytes, .end = bytes + n}};

	*rows = (struct line_rows){0};
	*files = (struct line_files){0};
	line_program_read(&sections, offset, rows, files);
}

Test(line_program, each_version_without_thrown_away_code, .timeout = 10)
{
	for (unsigned version = 2; version <= 5; version++)
		for (unsigned offset_bytes = 4; offset_bytes <= 8; offset_bytes += 4) {
			struct builder b = {0};
			struct line_rows rows;
			struct line_files files;
			const char *dir, *name;

			put_header(&b, version, offset_bytes);
			put_program(&b);
			put_length(&b, offset_bytes);
			read_bytes(b.bytes, b.n, 0, &rows, &files);
			expect_lines(&rows);
			name = line_files_name(&files, 1, &dir);
			cr_expect_str_eq(name ? name : "none", "one.c", "version %u", version);
			cr_expect_str_eq(dir ? dir : "none", version >= 5 ? "/dir" : "none");
			line_rows_release(&rows);
			line_files_release(&files);
		}
}

Test(line_program, files_defined_on_the_way, .timeout = 10)
{
	struct builder b = {0};
	struct line_rows rows;
	struct line_files files;
	const struct line_row *row;
	const char *dir, *name;

	put_header(&b, 3, 4);
	put(&b, 0, 1);
	put(&b, 1 + 6 + 3, 1);
	put(&b, DW_LNE_define_file, 1);
	put_string(&b, "two.c");
	put(&b, 0, 3);
	put_address(&b, 0x100);
	put(&b, DW_LNS_set_file, 1);
	put(&b, 2, 1);
	put_special(&b, 0, 1);
	put_special(&b, 2, 1);
	put_end(&b);
	put_length(&b, 4);
	read_bytes(b.bytes, b.n, 0, &rows, &files);
	row = line_rows_find(&rows, 0x101);
	cr_assert_not_null(row);
	cr_expect_eq(row->line, 2);
	name = line_files_name(&files, row->file, &dir);
	cr_expect_str_eq(name ? name : "none", "two.c");
	line_rows_release(&rows);
	line_files_release(&files);
}

/* Whatever is missing or wrong, nothing outside the bytes is read: the sanitized builds see it. */
Test(line_program, cut_anywhere_and_with_any_byte_wrong, .timeout = 30)
{
	struct builder b = {0};
	struct line_rows rows;
	struct line_files files;

	put_header(&b, 5, 4);
	put_program(&b);
	put_length(&b, 4);
	for (size_t n = 0; n < b.n; n++) {
		uint8_t *cut = memcpy(malloc(n + 1), b.bytes, n);

		read_bytes(cut, n, 0, &rows, &files);
		cr_expect_eq(rows.n, 0, "a unit that is longer than its section");
		line_rows_release(&rows);
		line_files_release(&files);
		free(cut);
	}
	for (size_t i = 0; i < b.n; i++) {
		b.bytes[i] ^= 0xff;
		read_bytes(b.bytes, b.n, 0, &rows, &files);
		cr_expect_leq(rows.n, b.n);
		line_rows_release(&rows);
		line_files_release(&files);
		b.bytes[i] ^= 0xff;
	}
	read_bytes(b.bytes, b.n, UINT64_MAX, &rows, &files);
	cr_expect_eq(rows.n + files.n_files, 0);
}
