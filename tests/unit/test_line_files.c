#include "cli/symbols/line_files.h"

#include <criterion/criterion.h>

#include <dwarf.h>
#include <string.h>

#define BYTES(literal) bytes_of(literal, sizeof(literal) - 1)

static struct dwarf_bytes bytes_of(const char *s, size_t n)
{
	return (struct dwarf_bytes){.p = (const uint8_t *)s, .end = (const uint8_t *)s + n};
}

/* NULL stands for none of the two. */
static void expect_file(const struct line_files *files, uint64_t index, const char *wanted_dir, const char *wanted)
{
	const char *dir = "unset";
	const char *name = line_files_name(files, index, &dir);

	cr_expect_str_eq(name ? name : "none", wanted ? wanted : "none", "file %lu", index);
	cr_expect_str_eq(dir ? dir : "none", wanted_dir ? wanted_dir : "none", "directory of file %lu", index);
}

Test(line_files, before_dwarf_5, .timeout = 10)
{
	struct dwarf_bytes b = BYTES("/usr/include\0sub\0\0"
				     "a.c\0\0\0\0"
				     "stdio.h\0\x01\x80\x01\x05"
				     "b.c\0\x02\0\0"
				     "/gen/c.y\0\x02\0\0"
				     "d.c\0\x03\0\0"
				     "\0rest");
	struct dwarf_bytes more = BYTES("late.c\0\x02\0\0");
	const struct line_sections none = {0};
	struct line_files files = {0};

	line_files_read(&files, &b, &none, 4, 4);
	cr_expect_eq(dwarf_bytes_left(&b), 4);
	expect_file(&files, 0, NULL, NULL);
	expect_file(&files, 1, NULL, "a.c");
	expect_file(&files, 2, "/usr/include", "stdio.h");
	expect_file(&files, 3, "sub", "b.c");
	expect_file(&files, 4, NULL, "/gen/c.y");
	expect_file(&files, 5, NULL, NULL); /* there is no third directory */
	expect_file(&files, 6, NULL, NULL);
	cr_expect(line_files_add(&files, &more));
	expect_file(&files, 6, "sub", "late.c");
	cr_expect_not(line_files_add(&files, &more));
	expect_file(&files, UINT64_MAX, NULL, NULL);
	line_files_release(&files);
}

Test(line_files, dwarf_5_with_every_form, .timeout = 10)
{
	/* directories: line_strp; files: string, udata, MD5, block, data1, data2, data4, data8, strp of an unknown kind
	 */
	struct dwarf_bytes b = BYTES("\x01\x01\x1f\x02\x00\x00\x00\x00\x05\x00\x00\x00"
				     "\x09\x01\x08\x02\x0f\x05\x1e\x7f\x09\x03\x0b\x03\x05\x04\x06\x04\x07\x7f\x0e"
				     "\x02"
				     "a.c\0\x00"
				     "0123456789abcdef"
				     "\x03xyz"
				     "1"
				     "22"
				     "4444"
				     "88888888"
				     "\0\0\0\0"
				     "h.h\0\x01"
				     "0123456789abcdef"
				     "\x00"
				     "1"
				     "22"
				     "4444"
				     "88888888"
				     "\0\0\0\0");
	const struct line_sections sections = {.line_str = bytes_of("/src\0inc", 9), .str = bytes_of("s", 2)};
	struct line_files files = {0};

	line_files_read(&files, &b, &sections, 5, 4);
	cr_expect_eq(dwarf_bytes_left(&b), 0);
	expect_file(&files, 0, "/src", "a.c");
	expect_file(&files, 1, "inc", "h.h");
	expect_file(&files, 2, NULL, NULL);
	line_files_release(&files);
}

Test(line_files, dwarf_5_of_64_bits, .timeout = 10)
{
	struct dwarf_bytes b = BYTES("\x01\x01\x1f\x01\x01\0\0\0\0\0\0\0"
				     "\x02\x01\x0e\x02\x0b\x01\x02\0\0\0\0\0\0\0\x00");
	const struct line_sections sections = {.line_str = bytes_of("?dir", 5), .str = bytes_of("??name.c", 9)};
	struct line_files files = {0};

	line_files_read(&files, &b, &sections, 5, 8);
	expect_file(&files, 0, "dir", "name.c");
	line_files_release(&files);
}

Test(line_files, dwarf_5_that_is_wrong, .timeout = 10)
{
	static const char *const wrong[] = {
		"\x00\xff\xff\xff\xff\x0f",             /* many entries of nothing */
		"\x01\x01\x0f\xff\xff\xff\xff\xff\x0f", /* more than there are */
		"\x01\x01\x19\x01\x01",                 /* DW_FORM_flag_present takes no bytes */
		"\x01\x01\x08\x02unended",
		"\xff\x01",
	};
	const struct line_sections none = {0};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct dwarf_bytes b = bytes_of(wrong[i], strlen(wrong[i]) ? strlen(wrong[i]) : 6);
		struct line_files files = {0};

		line_files_read(&files, &b, &none, 5, 4);
		cr_expect_leq(files.n_dirs + files.n_files, 6);
		expect_file(&files, 0, NULL, NULL);
		line_files_release(&files);
	}
}
