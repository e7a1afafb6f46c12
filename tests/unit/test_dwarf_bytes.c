#include "common/dwarf_bytes.h"

#include <criterion/criterion.h>

static struct dwarf_bytes bytes_of(const char *s, size_t n)
{
	return (struct dwarf_bytes){.p = (const uint8_t *)s, .end = (const uint8_t *)s + n};
}

#define BYTES(literal) bytes_of(literal, sizeof(literal) - 1)

Test(dwarf_bytes, numbers, .timeout = 10)
{
	struct dwarf_bytes b = BYTES("\x34\x12\xff\xff\xff\xff\xe5\x8e\x26\x7f\x80\x7f\x3f");

	cr_expect_eq(dwarf_bytes_take(&b, 2), 0x1234);
	cr_expect_eq(dwarf_bytes_take(&b, 4), UINT32_MAX);
	cr_expect_eq(dwarf_bytes_uleb(&b), 624485);
	cr_expect_eq(dwarf_bytes_sleb(&b), -1);
	cr_expect_eq(dwarf_bytes_sleb(&b), -128);
	cr_expect_eq(dwarf_bytes_sleb(&b), 63);
	cr_expect_eq(dwarf_bytes_left(&b), 0);
}

Test(dwarf_bytes, numbers_longer_than_64_bits, .timeout = 10)
{
	struct dwarf_bytes b = BYTES("\x81\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01\xff\xff\xff\xff\xff\xff\xff\xff"
				     "\xff\xff\x7f\x01\x02\x03\x04\x05\x06\x07\x08\x09\x2a");

	cr_expect_eq(dwarf_bytes_uleb(&b), 1);
	cr_expect_eq(dwarf_bytes_sleb(&b), -1);
	cr_expect_eq(dwarf_bytes_take(&b, 9), 0);
	cr_expect_eq(dwarf_bytes_take(&b, 1), 0x2a);
}

Test(dwarf_bytes, beyond_the_end, .timeout = 10)
{
	struct dwarf_bytes b = BYTES("\x01\x02\x03"), none = {0};

	cr_expect_eq(dwarf_bytes_take(&b, 4), 0);
	cr_expect_eq(dwarf_bytes_left(&b), 0);
	cr_expect_eq(dwarf_bytes_uleb(&b), 0);
	cr_expect_eq(dwarf_bytes_sleb(&b), 0);
	cr_expect_null(dwarf_bytes_string(&b));
	b = BYTES("\xff\xff");
	cr_expect_eq(dwarf_bytes_uleb(&b), 0x3fff);
	cr_expect_eq(dwarf_bytes_left(&b), 0);
	dwarf_bytes_skip(&none, UINT64_MAX);
	cr_expect_eq(dwarf_bytes_take(&none, 1), 0);
	cr_expect_null(dwarf_bytes_string_at(&none, 0));
}

Test(dwarf_bytes, strings, .timeout = 10)
{
	struct dwarf_bytes b = bytes_of("ab\0\0cd", 6), all = b;

	cr_expect_str_eq(dwarf_bytes_string(&b), "ab");
	cr_expect_str_eq(dwarf_bytes_string(&b), "");
	cr_expect_null(dwarf_bytes_string(&b), "without its NUL it is none");
	cr_expect_eq(dwarf_bytes_left(&b), 0);
	cr_expect_str_eq(dwarf_bytes_string_at(&all, 1), "b");
	cr_expect_null(dwarf_bytes_string_at(&all, 4));
	cr_expect_null(dwarf_bytes_string_at(&all, UINT64_MAX));
}
