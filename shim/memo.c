#include "shim/memo.h"

#include "common/wire.h"
#include "shim/endings.h"
#include "shim/stack.h"

#include <string.h>

_Static_assert(MEMO_SETS == 1u << 10, "memo_set() gives 10 bits");
_Static_assert(MEMO_KNOWN == 1u << 11, "part_place() makes 11 bits");
_Static_assert(MEMO_WORDS < UINT16_MAX, "places are 16 bits");

#define HEAD_WORDS (sizeof(struct memo_head) / 8)
#define PART_WORDS (sizeof(struct memo_part) / 8)
#define MOST_WORDS (HEAD_WORDS + (MEMO_FRAMES * 2 / MEMO_PART_WORDS + 1) * PART_WORDS) /* for one stack */

/* ---- putting the words of a stack together ---- */

/* From the outermost word on, so that what stacks have in common falls into the same parts. */
struct words {
	struct stack_memo *memo;
	const uint64_t *places[MEMO_PART_WORDS]; /* outermost first: not yet in a part */
	uint64_t values[MEMO_PART_WORDS];
	uint32_t n;
	uint16_t beyond; /* the part that lies beyond these */
};

/* Makes a part of what is there; false if a place is too far from `from`. */
static inline bool make_part(const struct words *words, const uint64_t *from, struct memo_part *part)
{
	for (uint32_t i = 0; i < MEMO_PART_WORDS; i++) {
		uint32_t k = i < words->n ? words->n - 1 - i : 0;
		int64_t bytes = (int64_t)((uintptr_t)words->places[k] - (uintptr_t)from);

		if (bytes % 8 || bytes / 8 != (int16_t)(bytes / 8))
			return false;
		part->distances[i] = (int16_t)(bytes / 8);
		part->values[i] = words->values[k];
	}
	part->beyond = words->beyond;
	return true;
}

/* The place of a part like this one. */
static inline uint16_t part_place(struct stack_memo *memo, const struct memo_part *part)
{
	uint64_t words[PART_WORDS], mixed;
	uint16_t *known;

	memcpy(words, part, sizeof(*part));
	mixed = (words[0] + words[1] * 3 + words[2] * 5 + words[3] * 7) * UINT64_C(0x9e3779b97f4a7c15);
	known = &memo->known[mixed >> 53];
	if (*known && memcmp(memo_part(memo, *known), part, sizeof(*part)) == 0)
		return *known;
	memo->parts_begin -= PART_WORDS;
	memcpy(&memo->words[memo->parts_begin], part, sizeof(*part));
	*known = (uint16_t)memo->parts_begin;
	return *known;
}

/* A word comes at `place` that was read before those that are there: if these are enough, they become a part. */
static inline bool make_way(struct words *words, const uint64_t *place)
{
	struct memo_part part;

	if (words->n < MEMO_PART_WORDS)
		return true;
	if (!make_part(words, place, &part))
		return false;
	words->beyond = part_place(words->memo, &part);
	words->n = 0;
	return true;
}

static inline void put(struct words *words, const uint64_t *place, uint64_t value)
{
	words->places[words->n] = place;
	words->values[words->n++] = value;
}

/* The outermost frame whose words are to be put: the others are in the part beyond, or do not count. */
static bool first_frame(const struct stack_cache *c, uint32_t *first)
{
	uint32_t i = c->n - 1;

	for (;; i--) {
		if (MW_UNLIKELY(c->special[i]) && c->frames[i].barrier)
			return false;
		if (c->beyond[i] || i == 0 || mw_calls_main(c->ips[i - 1]))
			break;
	}
	*first = i;
	return true;
}

/* All words that the walk read. Where a part ends just beyond a frame, the cache keeps that for the next stack. */
static bool put_words(struct words *words, struct stack_cache *c)
{
	uint32_t i;

	if (!first_frame(c, &i))
		return false;
	words->beyond = c->beyond[i];
	for (; i < c->n; i++) {
		uint16_t beyond = words->beyond;

		if (c->ra_slots[i] != &mw_no_slot) {
			if (!make_way(words, c->ra_slots[i]))
				return false;
			put(words, c->ra_slots[i], i > 0 ? c->ips[i - 1] : 0);
		}
		if (words->beyond != beyond)
			c->beyond[i] = words->beyond;
		if (MW_UNLIKELY(c->special[i]) && i > 0 && c->frames[i].bp_slot) {
			if (!make_way(words, c->frames[i].bp_slot))
				return false;
			put(words, c->frames[i].bp_slot, c->frames[i - 1].bp);
		}
	}
	return words->n > 0;
}

/* ---- sets ---- */

/* Puts `place` in front, where the one at `way` was. */
static inline void put_first(uint16_t *heads, uint32_t way, uint16_t place)
{
	for (; way > 0; way--)
		heads[way] = heads[way - 1];
	heads[0] = place;
}

/* The head at `place` has been found, and not by the guess, which it is from now on. */
static void found_elsewhere(struct stack_memo *memo, uint16_t place)
{
	memo->last->next = place;
	memo_found(memo, memo_head(memo, place));
}

bool mw_memo_find_other(struct stack_memo *memo, const struct regs *at, uint32_t *node)
{
	uint16_t *heads = memo->heads[memo_set(at->ip, at->sp)];

	for (uint32_t way = 1; way < MEMO_WAYS && heads[way]; way++) {
		uint16_t place = heads[way];

		if (!memo_holds(memo, memo_head(memo, place), at))
			continue;
		put_first(heads, way, place);
		found_elsewhere(memo, place);
		*node = memo_head(memo, place)->node;
		return true;
	}
	return false;
}

/* ---- keeping and forgetting ---- */

void mw_memo_keep(struct stack_memo *memo, const struct regs *at, struct stack_cache *c)
{
	uint32_t node = c->n ? c->frames[c->n - 1].node : 0;
	struct words words = {.memo = memo};
	struct memo_head *head;

	if (node > WIRE_STACK_MAX || c->n == 0 || c->n > MEMO_FRAMES)
		return;
	if (MW_UNLIKELY(memo->heads_end + MOST_WORDS > memo->parts_begin)) {
		mw_memo_forget(memo);
		memset(c->beyond, 0, c->n * sizeof(*c->beyond));
	}
	head = memo_head(memo, memo->heads_end);
	if (!put_words(&words, c) || !make_part(&words, (const uint64_t *)(uintptr_t)at->sp, &head->part))
		return;
	head->ip = at->ip;
	head->sp = at->sp;
	head->needs_bp = c->frames[c->n - 1].needs_bp;
	head->bp = head->needs_bp ? at->bp : 0; /* else it may be any pointer of the program */
	head->node = node;
	head->next = 0;
	head->is_more = words.n > 1 || words.beyond;
	put_first(memo->heads[memo_set(at->ip, at->sp)], MEMO_WAYS - 1, (uint16_t)memo->heads_end);
	found_elsewhere(memo, (uint16_t)memo->heads_end);
	memo->heads_end += HEAD_WORDS;
}

void mw_memo_begin(struct stack_memo *memo, uint32_t n_words)
{
	memo->n_words = n_words;
	memo->heads_end = HEAD_WORDS;
	memo->parts_begin = n_words;
	memo->last = memo_head(memo, 0);
}

void mw_memo_forget(struct stack_memo *memo)
{
	memset(memo->heads, 0, sizeof(memo->heads));
	memset(memo->known, 0, sizeof(memo->known));
	memset(memo->words, 0, sizeof(struct memo_head));
	mw_memo_begin(memo, memo->n_words);
}
