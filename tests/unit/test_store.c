#include "cli/analysis/store.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

Test(store, memory_is_zeroed_aligned_and_stays)
{
	struct store *store = store_new();
	unsigned char *pieces[200];

	for (size_t i = 0; i < 200; i++) {
		size_t n = i * i * 10; /* some are larger than any chunk */

		pieces[i] = store_alloc(store, n, 1);
		cr_assert_eq((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
		for (size_t j = 0; j < n; j++)
			cr_assert_eq(pieces[i][j], 0);
		memset(pieces[i], (int)i, n);
	}
	for (size_t i = 0; i < 200; i++)
		for (size_t j = 0; j < i * i * 10; j++)
			cr_assert_eq(pieces[i][j], (unsigned char)i);
	store_free(store);
}

Test(store, equal_strings_are_one)
{
	struct store *store = store_new();
	char text[16] = "abc";
	const char *first = store_string(store, text);
	char *list[] = {"x", text, NULL};
	const char *const *copy;

	cr_assert_str_eq(first, "abc");
	cr_assert(first != text);
	cr_assert(store_string(store, "abc") == first);
	cr_assert_null(store_string(store, NULL));
	copy = store_strings(store, list, 3);
	cr_assert_str_eq(copy[0], "x");
	cr_assert(copy[1] == first);
	cr_assert_null(copy[2]);
	store_free(store);
	store_free(NULL);
}
