#include "shim/memo.h"

#include "common/wire.h"
#include "shim/stack.h"

#include <string.h>

_Static_assert(MEMO_SETS == 1u << 10, "memo_set() gives 10 bits");
_Static_assert(MEMO_WORDS < UINT16_MAX, "places are 16 bits");
_Static_assert(MEMO_MOST % 4 == 0, "words come in fours");

/* Appends a word that was read; false if the short form cannot say it. */
static inline bool put(uint64_t *words, uint32_t *n, uint64_t sp, const uint64_t *place, uint64_t value)
{
	uint64_t distance = (uint64_t)(uintptr_t)place - sp;

	if (distance % 8 || distance >> (MEMO_DISTANCE_BITS + 3) || value >> (64 - MEMO_DISTANCE_BITS) ||
	    *n == MEMO_MOST)
		return false;
	words[(*n)++] = value << MEMO_DISTANCE_BITS | distance / 8;
	return true;
}

/* Where a stack of up to MEMO_MOST words can be written. What was there is forgotten by whoever looks: a place that
 * leads into newer words finds no head with its ip and sp there, or one that is as good. */
static uint32_t room(struct stack_memo *memo)
{
	if (memo->end + MEMO_HEAD_WORDS + MEMO_MOST > memo->n_words) {
		memset(memo->places, 0, sizeof(memo->places));
		memo->end = 0;
	}
	return memo->end;
}

/* Whether `node` is one of those last seen, which it is from now on. */
static bool seen_lately(uint16_t *seen, uint32_t node)
{
	uint16_t before = (uint16_t)node;

	for (uint32_t i = 0; i < MEMO_WAYS; i++) {
		uint16_t here = seen[i];

		seen[i] = before;
		if (here == (uint16_t)node)
			return true;
		before = here;
	}
	return false;
}

/* Puts `place` in front, where the one at `way` was. */
static void put_first(uint16_t *places, uint32_t way, uint16_t place)
{
	for (; way > 0; way--)
		places[way] = places[way - 1];
	places[0] = place;
}

bool mw_memo_find_other(struct stack_memo *memo, const struct regs *at, uint32_t *node)
{
	uint16_t *places = memo->places[memo_set(at->ip, at->sp)];

	for (uint32_t way = 1; way < MEMO_WAYS && places[way]; way++) {
		if (!memo_holds(memo, places[way], at, node))
			continue;
		put_first(places, way, places[way]);
		return true;
	}
	return false;
}

void mw_memo_keep(struct stack_memo *memo, const struct regs *at, const struct stack_cache *c)
{
	uint32_t set = memo_set(at->ip, at->sp), node = c->n ? c->frames[c->n - 1].node : 0;
	uint32_t start, n = 0;
	struct memo_head *head;
	uint64_t *words;

	if (!seen_lately(memo->seen[set], node) || node > WIRE_STACK_MAX || c->n == 0 || c->n > MEMO_MOST)
		return;
	start = room(memo);
	head = (struct memo_head *)(void *)&memo->words[start];
	words = (uint64_t *)(void *)(head + 1);
	for (uint32_t i = c->n; i-- > 0;) {
		const struct stack_frame *f = &c->frames[i];

		if (MW_UNLIKELY(c->special[i])) {
			if (f->barrier)
				return;
			if (f->bp_slot && i > 0 && !put(words, &n, at->sp, f->bp_slot, c->frames[i - 1].bp))
				return;
		}
		if (c->ra_slots[i] == &mw_no_slot)
			break;
		if (!put(words, &n, at->sp, c->ra_slots[i], i > 0 ? c->ips[i - 1] : 0))
			return;
	}
	for (; n % 4; n++)
		words[n] = words[n - 1];
	*head = (struct memo_head){
		.ip = at->ip,
		.sp = at->sp,
		.bp = at->bp,
		.node = node,
		.needs_bp = c->frames[c->n - 1].needs_bp,
		.n_fours = (uint16_t)(n / 4),
	};
	put_first(memo->places[set], MEMO_WAYS - 1, (uint16_t)(start + 1));
	memo->end = start + (uint32_t)MEMO_HEAD_WORDS + n;
}

void mw_memo_forget(struct stack_memo *memo)
{
	memset(memo->places, 0, sizeof(memo->places));
	memo->end = 0;
}
