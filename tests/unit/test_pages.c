#include "cli/scan/pages.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#define MIB ((size_t)1 << 20)

static void assert_zero(const uint8_t *at, size_t from, size_t end)
{
	for (size_t i = from; i < end; i++)
		cr_assert_eq(at[i], 0, "byte %zu", i);
}

/* From malloc into a mapping, and on in it. */
Test(pages, growing_keeps_what_is_there_and_adds_zeros)
{
	static const size_t sizes[] = {1, 64, 5000, MIB, 3 * MIB, 4 * MIB, 9 * MIB};
	struct pages pages = {0};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint8_t *at = pages_grow(&pages, sizes[i]);

		cr_assert_geq(pages.n_bytes, sizes[i]);
		cr_assert_eq((uintptr_t)at % 64, 0);
		for (size_t b = 0; b < n; b++)
			cr_assert_eq(at[b], 0xa5);
		assert_zero(at, n, sizes[i]);
		n = pages.n_bytes;
		memset(at, 0xa5, n);
	}
	pages_free(&pages);
	cr_assert_null(pages.at);
}

Test(pages, an_array_begins_as_zeros_also_where_others_were)
{
	for (int round = 0; round < 3; round++) {
		struct pages pages;
		uint8_t *at = pages_alloc(&pages, MIB);

		assert_zero(at, 0, MIB);
		memset(at, 1, MIB);
		pages_free(&pages);
	}
}

Test(pages, a_sparse_one_takes_no_memory_yet)
{
	struct pages pages;
	uint8_t *at = pages_alloc_sparse(&pages, (size_t)1 << 36);

	at[((size_t)1 << 36) - 1] = 1;
	cr_assert_eq(at[0], 0);
	pages_free(&pages);
}
