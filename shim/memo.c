#include "shim/memo.h"

#include "common/wire.h"
#include "shim/endings.h"
#include "shim/stack.h"

#include <string.h>

_Static_assert(MEMO_SETS == 1u << 10, "memo_set() gives 10 bits");
_Static_assert(MEMO_WORDS < UINT16_MAX, "places are 16 bits");
_Static_assert(MEMO_MOST % 4 == 1 && MEMO_MOST / 4 <= UINT8_MAX, "one, and fours");

#define HEAD_WORDS (sizeof(struct memo_head) / 8)
#define FOUR_WORDS (sizeof(struct memo_four) / 8)

/* Makes it the word `n` of a stack. */
static inline void set_word(struct memo_head *head, uint32_t n, uint16_t distance, uint64_t value)
{
	struct memo_four *four = (struct memo_four *)(void *)(head + 1) + (n - 1) / 4;

	if (n == 0) {
		head->distance = distance;
		head->value = value;
	} else {
		four->distances[(n - 1) % 4] = distance;
		four->values[(n - 1) % 4] = value;
	}
}

/* Appends a word that was read; false if it is too far away, or there are too many. */
static inline bool put(struct memo_head *head, uint32_t *n, const uint64_t *place, uint64_t value)
{
	uint64_t distance = (uint64_t)(uintptr_t)place - head->sp;

	if (distance % 8 || distance / 8 > UINT16_MAX || *n == MEMO_MOST)
		return false;
	set_word(head, (*n)++, (uint16_t)(distance / 8), value);
	return true;
}

/* Puts all words that the walk read, from the innermost on; their number, or 0 if it cannot be kept. */
static uint32_t put_words(struct memo_head *head, const struct stack_cache *c)
{
	uint32_t n = 0;

	for (uint32_t i = c->n; i-- > 0;) {
		const struct stack_frame *f = &c->frames[i];

		if (MW_UNLIKELY(c->special[i])) {
			if (f->barrier)
				return 0;
			if (f->bp_slot && i > 0 && !put(head, &n, f->bp_slot, c->frames[i - 1].bp))
				return 0;
		}
		if (c->ra_slots[i] == &mw_no_slot)
			break;
		if (!put(head, &n, c->ra_slots[i], i > 0 ? c->ips[i - 1] : 0))
			return 0;
		if (i > 0 && mw_calls_main(c->ips[i - 1]))
			break;
	}
	return n;
}

/* Where a stack of up to MEMO_MOST words can be written. */
static uint32_t room(struct stack_memo *memo)
{
	if (memo->end + HEAD_WORDS + MEMO_MOST / 4 * FOUR_WORDS > memo->n_words)
		mw_memo_forget(memo);
	return memo->end ? memo->end : HEAD_WORDS;
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

static void found(struct stack_memo *memo, uint16_t place)
{
	memo->last->next = place;
	memo->last = memo_head(memo, place);
}

bool mw_memo_find_other(struct stack_memo *memo, const struct regs *at, uint32_t *node)
{
	uint16_t *places = memo->places[memo_set(at->ip, at->sp)];

	for (uint32_t way = 1; way < MEMO_WAYS && places[way]; way++) {
		uint16_t place = places[way];

		if (!memo_holds(memo_head(memo, place), at))
			continue;
		put_first(places, way, place);
		found(memo, place);
		*node = memo_head(memo, place)->node;
		return true;
	}
	return false;
}

void mw_memo_keep(struct stack_memo *memo, const struct regs *at, const struct stack_cache *c)
{
	uint32_t set = memo_set(at->ip, at->sp), node = c->n ? c->frames[c->n - 1].node : 0;
	struct memo_head *head;
	uint32_t start, n;

	if (!seen_lately(memo->seen[set], node) || node > WIRE_STACK_MAX || c->n == 0 || c->n > MEMO_MOST)
		return;
	start = room(memo);
	head = memo_head(memo, start);
	*head = (struct memo_head){
		.ip = at->ip,
		.sp = at->sp,
		.bp = at->bp,
		.node = node,
		.needs_bp = c->frames[c->n - 1].needs_bp,
	};
	n = put_words(head, c);
	if (n == 0)
		return;
	for (; n % 4 != 1; n++)
		set_word(head, n, head->distance, head->value);
	head->n_fours = (uint8_t)(n / 4);
	put_first(memo->places[set], MEMO_WAYS - 1, (uint16_t)start);
	found(memo, (uint16_t)start);
	memo->end = start + (uint32_t)(HEAD_WORDS + n / 4 * FOUR_WORDS);
}

void mw_memo_forget(struct stack_memo *memo)
{
	memset(memo->places, 0, sizeof(memo->places));
	memset(memo->words, 0, sizeof(struct memo_head));
	memo->end = 0;
	memo->last = memo_head(memo, 0);
}
