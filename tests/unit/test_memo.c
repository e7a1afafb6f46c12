/* The stacks that are remembered, on stacks made up. */
#include "shim/endings.h"
#include "shim/memo.h"
#include "shim/stack.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 20
#define IP    UINT64_C(0x401000)

static uint64_t stack[DEPTH * 2]; /* each frame two words, the second of which is where it returns to */
static struct stack_cache *cache;
static struct stack_memo *memo;

static void begin(void)
{
	cache = aligned_alloc(_Alignof(struct stack_cache), sizeof(*cache));
	memset(cache, 0, sizeof(*cache));
	memo = aligned_alloc(_Alignof(struct stack_memo), sizeof(*memo));
	memset(memo, 0, sizeof(*memo));
	mw_memo_begin(memo, MEMO_WORDS);
}

static void end(void)
{
	free(memo);
	free(cache);
}

TestSuite(memo, .init = begin, .fini = end);

/* A stack whose frames return to IPs that `which` tells, as the walk leaves it behind. */
static struct regs make(uint64_t which, uint32_t node)
{
	cache->n = DEPTH;
	for (uint32_t i = 0; i < DEPTH; i++) {
		uint32_t f = DEPTH - 1 - i; /* frames[0] is the outermost */

		stack[i * 2 + 1] = f > 0 ? IP + which * 16 + i : 0;
		cache->ra_slots[f] = &stack[i * 2 + 1];
		if (f > 0)
			cache->ips[f - 1] = stack[i * 2 + 1];
		cache->frames[f].node = f == DEPTH - 1 ? node : 0;
		cache->beyond[f] = 0;
	}
	return (struct regs){.ip = IP, .sp = (uint64_t)(uintptr_t)stack};
}

static void keep(uint64_t which, uint32_t node)
{
	struct regs at = make(which, node);

	mw_memo_keep(memo, &at, cache);
}

/* Found at once, or among the others; 0 if it is not. */
static uint32_t found(uint64_t which)
{
	struct regs at = make(which, 0);
	uint32_t node = 0;

	if (mw_memo_find(memo, &at, &node) || mw_memo_find_other(memo, &at, &node))
		return node;
	return 0;
}

Test(memo, a_stack_is_found_again)
{
	cr_assert_eq(found(1), 0);
	keep(1, 7);
	cr_assert_eq(found(1), 7);
	cr_assert_eq(found(2), 0);
}

/* Two stacks whose outer frames the walk found unchanged share what was kept of them. */
Test(memo, what_stacks_have_in_common_is_kept_once)
{
	struct regs at = make(1, 7);
	uint32_t begin = memo->parts_begin, first;
	uint32_t node = 0;

	mw_memo_keep(memo, &at, cache);
	first = begin - memo->parts_begin;
	stack[1] += 16; /* the innermost frame is another */
	cache->ips[DEPTH - 2] = stack[1];
	cache->beyond[DEPTH - 1] = 0;
	cache->frames[DEPTH - 1].node = 8;
	begin = memo->parts_begin;
	mw_memo_keep(memo, &at, cache);
	cr_assert_gt(first, 0);
	cr_assert_lt(begin - memo->parts_begin, first / 4);
	cr_assert(mw_memo_find(memo, &at, &node));
	cr_assert_eq(node, 8);
	stack[1] -= 16;
	cr_assert(mw_memo_find(memo, &at, &node) || mw_memo_find_other(memo, &at, &node));
	cr_assert_eq(node, 7);
	for (uint32_t i = 0; i < DEPTH; i++) {
		stack[i * 2 + 1] ^= 1;
		cr_assert(!mw_memo_find(memo, &at, &node) && !mw_memo_find_other(memo, &at, &node), "frame %u", i);
		stack[i * 2 + 1] ^= 1;
	}
}

/* Stacks are kept until there is no more room, then all are forgotten, and what the cache knew of them too. */
Test(memo, a_full_memo_begins_anew)
{
	uint32_t n = 0, before;

	do {
		before = memo->parts_begin;
		n++;
		keep(n, n);
		cr_assert_eq(found(n), n);
	} while (memo->parts_begin < before);
	cr_assert_gt(n, 1000);
	cr_assert_eq(found(1), 0);
}

Test(memo, what_lies_beyond_main_is_not_looked_at)
{
	const uint32_t at_main = 5; /* the frame that main returns from */
	uint32_t node;
	struct regs at;

	for (int i = 0; i < 2; i++) {
		at = make(1, 7);
		stack[at_main * 2 + 1] = (uint64_t)(uintptr_t)__start_mw_main_caller + 8;
		cache->ips[DEPTH - 2 - at_main] = stack[at_main * 2 + 1];
		mw_memo_keep(memo, &at, cache);
	}
	for (uint32_t i = at_main + 1; i < DEPTH; i++)
		stack[i * 2 + 1]++;
	cr_assert(mw_memo_find(memo, &at, &node));
	cr_assert_eq(node, 7);
	stack[at_main * 2 + 1]++;
	cr_assert(!mw_memo_find(memo, &at, &node), "where main returns to is looked at");
}

Test(memo, any_word_that_differs_makes_it_another)
{
	struct regs at;
	uint32_t node;

	keep(1, 7);
	for (uint32_t i = 0; i < DEPTH; i++) {
		at = make(1, 0);
		stack[i * 2 + 1] ^= 1;
		cr_assert(!mw_memo_find(memo, &at, &node) && !mw_memo_find_other(memo, &at, &node), "frame %u", i);
		stack[i * 2 + 1] ^= 1;
		stack[i * 2] ^= 1;
		cr_assert(mw_memo_find(memo, &at, &node), "what was not read does not count");
		stack[i * 2] ^= 1;
	}
}

/* What comes from many places to one function: the last of them are known, and no other is taken for one. */
Test(memo, many_stacks_of_one_place)
{
	for (uint32_t i = 1; i <= 20000; i++) {
		keep(i, i);
		cr_assert_eq(found(i), i);
		for (uint32_t before = 1; before < MEMO_WAYS + 4 && before < i; before++)
			cr_assert(found(i - before) == i - before || found(i - before) == 0);
	}
}

Test(memo, what_is_forgotten_is_not_found)
{
	keep(1, 7);
	mw_memo_forget(memo);
	cr_assert_eq(found(1), 0);
}
