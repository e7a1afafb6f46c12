#include "cli/model/live.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void add(struct live *live, uint64_t addr, uint64_t size)
{
	struct live_entry e = {0}, old;

	live_entry_set(&e, addr, size, 1, 70000);
	e.stack = (uint32_t)addr;
	cr_assert_eq(live_insert(live, &e, &old), LIVE_ADDED);
}

Test(live, entry_keeps_its_parts)
{
	struct live_entry e;
	const uint64_t addrs[] = {1, 16, 0x7fffffffffff, LIVE_ADDR_MAX, 0x555555559010};

	for (size_t i = 0; i < sizeof(addrs) / sizeof(addrs[0]); i++) {
		live_entry_set(&e, addrs[i], LIVE_SIZE_MAX - i, 31, (1 << 24) - 1);
		cr_assert_eq(live_entry_addr(&e), addrs[i]);
		cr_assert_eq(live_entry_size(&e), LIVE_SIZE_MAX - i);
		cr_assert_eq(live_entry_kind(&e), 31);
		cr_assert_eq(live_entry_thread(&e), (1 << 24) - 1);
		cr_assert(!live_entry_inherited(&e));
	}
}

/* Against a plain array, with addresses that come and go. */
Test(live, same_as_an_array)
{
	enum { N = 60000, STEPS = 600000 };
	static uint32_t sizes[N];
	struct live *live = live_new();
	uint64_t count = 0;

	srand(7);
	for (int step = 0; step < STEPS; step++) {
		unsigned at = (unsigned)rand() % N;
		uint64_t addr = 0x7f0000000000 + (uint64_t)at * 16;
		struct live_entry e = {0}, old = {0};
		uint32_t size = 1 + (uint32_t)rand() % 1000;

		if (rand() % 3) {
			live_entry_set(&e, addr, size, 1, 0);
			cr_assert_eq(live_insert(live, &e, &old), sizes[at] ? LIVE_REPLACED : LIVE_ADDED);
			count += !sizes[at];
			cr_assert(!sizes[at] || live_entry_size(&old) == sizes[at]);
			sizes[at] = size;
		} else {
			cr_assert_eq(live_remove(live, addr, &old), sizes[at] != 0);
			count -= !!sizes[at];
			cr_assert(!sizes[at] || (live_entry_size(&old) == sizes[at] && live_entry_addr(&old) == addr));
			sizes[at] = 0;
		}
		cr_assert_eq(live_count(live), count);
	}
	for (unsigned at = 0; at < N; at++) {
		struct live_entry e;

		cr_assert_eq(live_find(live, 0x7f0000000000 + (uint64_t)at * 16, &e), sizes[at] != 0);
	}
	live_free(live);
}

/* The table stays small, also against the memory of large blocks, and finds all. */
Test(live, bytes_per_block)
{
	const uint64_t strides[] = {16, 32, 48, 80, 144, 528, 1040, 4112, 65536, 1 << 20};

	for (size_t s = 0; s < sizeof(strides) / sizeof(strides[0]); s++) {
		uint64_t most = strides[s] <= 1040 ? 48 : 48 + strides[s] / 32;
		struct live *live = live_new();
		struct live_entry e;

		for (uint64_t i = 1; i <= 200000; i++) {
			uint64_t step = i * most < 4u << 20 ? 192u << 10 : 2u << 20; /* then by huge pages */

			add(live, 0x10000000 + i * strides[s], i);
			cr_assert_leq(live_bytes(live), i * most + step, "stride %lu: %zu bytes for %lu blocks",
				      strides[s], live_bytes(live), i);
		}
		for (uint64_t i = 1; i <= 200000; i++)
			cr_assert(live_find(live, 0x10000000 + i * strides[s], &e) && live_entry_size(&e) == i);
		live_free(live);
	}
}

static void count_bytes(void *ctx, const struct live_entry *e)
{
	uint64_t *sums = ctx;

	sums[live_entry_inherited(e)] += live_entry_size(e);
}

Test(live, clone_is_independent)
{
	enum { N = 20000 };
	struct live *live = live_new(), *clone, *grandchild;
	uint64_t sums[2] = {0}, clone_sums[2] = {0}, grandchild_sums[2] = {0};
	struct live_entry old;

	for (uint64_t i = 1; i <= N; i++)
		add(live, i * 64, 1);
	clone = live_clone(live);
	for (uint64_t i = 1; i <= N; i += 2)
		cr_assert(live_remove(live, i * 64, &old) && !live_entry_inherited(&old));
	for (uint64_t i = 2; i <= N; i += 4)
		cr_assert(live_remove(clone, i * 64, &old) && live_entry_inherited(&old));
	for (uint64_t i = 1; i <= 100; i++)
		add(clone, i * 64 + 8, 1);
	grandchild = live_clone(clone);
	live_each(live, count_bytes, sums);
	live_each(clone, count_bytes, clone_sums);
	live_free(live);
	live_free(clone);
	live_each(grandchild, count_bytes, grandchild_sums);
	cr_assert_eq(sums[0], N / 2);
	cr_assert_eq(sums[1], 0);
	cr_assert_eq(clone_sums[0], 100);
	cr_assert_eq(clone_sums[1], N * 3 / 4);
	cr_assert_eq(grandchild_sums[0], 0);
	cr_assert_eq(grandchild_sums[1], N * 3 / 4 + 100);
	live_free(grandchild);
}

/* A block at each single address, which no program has: all leaves at their greatest depth. */
Test(live, neighbouring_addresses)
{
	enum { N = 3 * 65536 };
	struct live *live = live_new();
	struct live_entry e, old;

	for (uint64_t i = 1; i <= N; i++)
		add(live, i * 40507 % N + 1, i);
	cr_assert_eq(live_count(live), N);
	cr_assert_leq(live_bytes(live), 16u << 20);
	for (uint64_t i = 1; i <= N; i++) {
		cr_assert(live_find(live, i * 40507 % N + 1, &e) && live_entry_size(&e) == i);
		cr_assert(live_remove(live, i * 40507 % N + 1, &old) && live_entry_size(&old) == i);
		cr_assert(!live_remove(live, i * 40507 % N + 1, &old));
	}
	cr_assert_eq(live_count(live), 0);
	live_free(live);
}

/* Blocks far apart fill the table of windows, near ones in empty windows find their places among empty ranges. */
Test(live, sparse_addresses)
{
	struct live *live = live_new();
	struct live_entry e;

	for (uint64_t i = 0; i < 5000; i++)
		for (uint64_t k = 0; k < 3; k++)
			add(live, 0x100000000 + (i * 7919 % 5000 << 20) + k * 21845, i + 1);
	for (uint64_t i = 0; i < 5000; i++)
		for (uint64_t k = 0; k < 3; k++)
			cr_assert(live_find(live, 0x100000000 + (i * 7919 % 5000 << 20) + k * 21845, &e));
	cr_assert(!live_find(live, 0x100000001, &e));
	cr_assert(!live_find(live, 0x300000000, &e));
	live_free(live);
}

Test(live, a_freed_block_is_remembered)
{
	struct live *live = live_new(), *clone;
	struct live_entry e = {0};

	add(live, 0x1000, 10);
	cr_assert(!live_was_freed(live, 0x1000, &e), "it lives");
	cr_assert(!live_was_freed(live, 0x2000, &e));
	cr_assert(live_remove(live, 0x1000, &e));
	clone = live_clone(live);
	memset(&e, 0, sizeof(e));
	cr_assert(live_was_freed(live, 0x1000, &e));
	cr_assert_eq(live_entry_addr(&e), 0x1000);
	cr_assert_eq(live_entry_size(&e), 10);
	cr_assert_eq(live_entry_kind(&e), 1);
	cr_assert_eq(e.stack, 0x1000);
	cr_assert(!live_entry_inherited(&e));
	cr_assert(live_was_freed(clone, 0x1000, &e));
	cr_assert(live_entry_inherited(&e));
	add(clone, 0x3000, 1); /* not the same window */
	cr_assert_eq(live_count(clone), 1);
	add(live, 0x1000, 4);
	cr_assert(live_remove(live, 0x1000, &e));
	cr_assert(live_was_freed(live, 0x1000, &e));
	cr_assert_eq(live_entry_size(&e), 4, "the last one");
	live_free(live);
	live_free(clone);
}
