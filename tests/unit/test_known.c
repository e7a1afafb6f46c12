#include "cli/symbols/known.h"

#include <criterion/criterion.h>

Test(known, items_are_found_and_keep_their_order)
{
	struct known known = {0};

	cr_expect_null(known_find(&known, 1, 2));
	for (uint32_t i = 0; i < 5000; i++)
		known_add(&known, &(struct known_item){.of = i % 3, .addr = i * 16, .value = i});
	for (uint32_t i = 0; i < 5000; i++) {
		const struct known_item *item = known_find(&known, i % 3, i * 16);

		cr_assert_not_null(item);
		cr_assert_eq(item->value, i);
		cr_assert_eq(known.items[i].value, i);
		cr_assert_null(known_find(&known, i % 3 + 1, i * 16), "of another file");
	}
	known_release(&known);
}
