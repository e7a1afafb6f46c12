/*
 * Whole stacks that were walked lately, by the ip and sp of their innermost frame: programs come again and again to the
 * same places by the same ways, though hardly ever twice in a row. A stack is kept as the words that its walk read,
 * innermost first, and is known again when each of these words still has its value: a walk depends on nothing else.
 * The first guess is the stack that came next when the last one was there before.
 * Stacks whose walk did more (signal frames, expressions) or that are too large are not kept.
 */
#ifndef SHIM_MEMO_H
#define SHIM_MEMO_H

#include "common/compiler.h"
#include "shim/arch_x86_64.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMO_SETS        1024u
#define MEMO_WAYS        8u
#define MEMO_WORDS       60000u /* 480 KB: some 5000 stacks; for the thread that the process began with */
#define MEMO_WORDS_OTHER 6144u  /* 48 KiB, for others */
#define MEMO_FRAMES      120u   /* of deeper stacks none is kept */
#define MEMO_KNOWN       2048u  /* parts that are found when a stack with the same comes */
#define MEMO_PART_WORDS  3

/*
 * Words that a walk read one after the other. Stacks share what lies further out, as they share their outer frames: a
 * stack is found by few cache lines of its own. What lies beyond main is not looked at again (mw_calls_main()).
 */
struct memo_part {
	uint64_t values[MEMO_PART_WORDS];
	int16_t distances[MEMO_PART_WORDS]; /* of their places from that of the word read before them, in units of 8 */
	uint16_t beyond;                    /* place of the part that was read next; 0 = none */
};
_Static_assert(sizeof(struct memo_part) == 32, "two to a cache line");

/* A kept stack. */
struct memo_head {
	uint64_t ip, sp;
	uint64_t bp;           /* of the innermost frame, if needs_bp */
	struct memo_part part; /* distances from the sp; the last word is repeated to fill up */
	uint32_t node;
	uint16_t next; /* place of the stack that came after this one */
	uint8_t needs_bp;
	uint8_t is_more; /* than one word */
};
_Static_assert(sizeof(struct memo_head) == 64, "a cache line");

struct stack_memo {
	uint32_t n_words;       /* there are of words[] */
	uint32_t heads_end;     /* heads lie from the first word on, parts up to the last one; when no more go in */
	uint32_t parts_begin;   /* between them, all are forgotten */
	struct memo_head *last; /* the one that was found last */
	/*
	 * Places of heads, in sets; 0 = none: there is a head of zeros. The stacks whose innermost frames have the same
	 * ip and sp are in one set, with those that fall there by chance: a function is called from many places, and
	 * recursion comes to it from everywhere. In a set the last that was used is first.
	 */
	uint16_t heads[MEMO_SETS][MEMO_WAYS];
	uint16_t known[MEMO_KNOWN]; /* parts by what they are, for the next stack that has the same */
	_Alignas(64) uint64_t words[MEMO_WORDS]; /* places are indices of this */
};

struct stack_cache;

static inline uint32_t memo_set(uint64_t ip, uint64_t sp)
{
	return (uint32_t)((ip ^ sp << 20) * UINT64_C(0x9e3779b97f4a7c15) >> 54);
}

static MW_ALWAYS_INLINE struct memo_head *memo_head(struct stack_memo *memo, uint32_t place)
{
	return (struct memo_head *)(void *)&memo->words[place];
}

static MW_ALWAYS_INLINE const struct memo_part *memo_part(const struct stack_memo *memo, uint32_t place)
{
	return (const struct memo_part *)(const void *)&memo->words[place];
}

static MW_ALWAYS_INLINE bool memo_word_holds(const struct memo_part *part, int i, const uint64_t *from)
{
	return from[part->distances[i]] == part->values[i];
}

/* Whether the words of `part` still have their values. In this order: what led to a place must hold before the place
 * may be read. */
static MW_ALWAYS_INLINE bool memo_part_holds(const struct memo_part *part, const uint64_t *from)
{
	return memo_word_holds(part, 0, from) && memo_word_holds(part, 1, from) && memo_word_holds(part, 2, from);
}

/* Whether the stack at `at` is the one kept as `head`. */
static MW_ALWAYS_INLINE bool memo_holds(const struct stack_memo *memo, const struct memo_head *head,
					const struct regs *at)
{
	const struct memo_part *part = &head->part;
	const uint64_t *from = (const uint64_t *)(uintptr_t)at->sp;

	if (head->ip != at->ip || head->sp != at->sp || (head->needs_bp && head->bp != at->bp))
		return false;
	if (!head->is_more)
		return memo_word_holds(part, 0, from);
	for (;;) {
		if (!memo_part_holds(part, from))
			return false;
		if (!part->beyond)
			return true;
		from += part->distances[MEMO_PART_WORDS - 1];
		part = memo_part(memo, part->beyond);
	}
}

/* `head` has been found; the one that comes next, probably, is asked for. */
static MW_ALWAYS_INLINE void memo_found(struct stack_memo *memo, struct memo_head *head)
{
	memo->last = head;
	__builtin_prefetch(memo_head(memo, head->next));
}

/* The node of the stack at `at`, if it is the one guessed. */
static MW_ALWAYS_INLINE bool mw_memo_guess(struct stack_memo *memo, const struct regs *at, uint32_t *node)
{
	struct memo_head *head = memo_head(memo, memo->last->next);

	if (MW_UNLIKELY(!memo_holds(memo, head, at)))
		return false;
	memo_found(memo, head);
	*node = head->node;
	return true;
}

/* … if it is the one that was used last of those that look like it. */
static MW_ALWAYS_INLINE bool mw_memo_look(struct stack_memo *memo, const struct regs *at, uint32_t *node)
{
	uint16_t place = memo->heads[memo_set(at->ip, at->sp)][0];
	struct memo_head *head = memo_head(memo, place);

	if (!memo_holds(memo, head, at))
		return false;
	memo->last->next = place;
	memo_found(memo, head);
	*node = head->node;
	return true;
}

/* … if it is one of these two. */
static MW_ALWAYS_INLINE bool mw_memo_find(struct stack_memo *memo, const struct regs *at, uint32_t *node)
{
	return mw_memo_guess(memo, at, node) || mw_memo_look(memo, at, node);
}

/* … if it is one of the others. */
bool mw_memo_find_other(struct stack_memo *memo, const struct regs *at, uint32_t *node);

/* Keeps the stack that `cache` has, whose innermost frame is at `at`. */
void mw_memo_keep(struct stack_memo *memo, const struct regs *at, struct stack_cache *cache);

void mw_memo_forget(struct stack_memo *memo);

/* For a memo of zeros, with memory for so many words. */
void mw_memo_begin(struct stack_memo *memo, uint32_t n_words);

#endif
