#include "cli/serve/symbol_body.h"

#include <criterion/criterion.h>

/* Addresses of `text`, which are `n` of `wanted`. */
static void expect(const char *text, const uint64_t *wanted, size_t n)
{
	const char *at = text;
	uint64_t addr;

	for (size_t i = 0; i < n; i++) {
		cr_assert(symbol_body_next(&at, &addr), "%s: %zu", text, i);
		cr_assert_eq(addr, wanted[i], "%s: %zu", text, i);
	}
	cr_assert_not(symbol_body_next(&at, &addr), "%s", text);
}

#define EXPECT(text, ...)                                                                                             \
	expect(text, (const uint64_t[]){__VA_ARGS__}, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

Test(symbol_body, as_clients_send_it)
{
	EXPECT("0x1189+0x12f3", 0x1189, 0x12f3);
	EXPECT("0x0000555555555189+0X00007FFFF7DF0D0A\n", 0x555555555189, 0x7ffff7df0d0a);
	EXPECT("401136", 0x401136);
}

Test(symbol_body, nothing_of_it)
{
	expect("", NULL, 0);
	expect("+++  \n", NULL, 0);
	expect("0x", (const uint64_t[]){0}, 1); /* a 0, and no digit behind the x */
}

Test(symbol_body, what_is_no_address_is_passed_over)
{
	EXPECT("-1", 1);
	EXPECT("xyz 0x10", 0x10);
	EXPECT("0xffffffffffffffff", UINT64_MAX);
	EXPECT("0x123456789abcdef01234", UINT64_MAX);
}
