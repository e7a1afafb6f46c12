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
#define MEMO_WORDS       60000u /* 480 KB: some 2500 stacks of 16 frames; for the thread that the process began with */
#define MEMO_WORDS_OTHER 6144u  /* 48 KiB, for others */
#define MEMO_MOST        121    /* words of one stack */

/*
 * A kept stack, in memo->words: a head with the first word that was read, then the others, four by four; the first is
 * repeated to fill up. What lies beyond main is not looked at again (mw_calls_main()).
 */
struct memo_head {
	uint64_t ip, sp;
	uint64_t bp; /* of the innermost frame, if needs_bp */
	uint64_t value;
	uint32_t node;
	uint16_t distance; /* of the value's place, as below */
	uint16_t next;     /* place of the stack that came after this one */
	uint8_t needs_bp;
	uint8_t n_fours; /* that follow */
};

struct memo_four {
	uint64_t values[4];
	uint16_t distances[4]; /* of their places from the sp, in units of 8 */
};

/*
 * The stacks whose innermost frames have the same ip and sp are in one set, with those that fall there by chance: a
 * function is called from many places, and recursion comes to it from everywhere. In a set the last that was used is
 * first.
 */
struct stack_memo {
	uint32_t n_words;                      /* there are of words[] */
	uint32_t end;                          /* of those in use; when no more go in all are forgotten */
	struct memo_head *last;                /* the one that was found last */
	uint16_t places[MEMO_SETS][MEMO_WAYS]; /* index of a head in words[]; 0 = none: there is a head of zeros */
	uint16_t seen[MEMO_SETS][MEMO_WAYS];   /* low bits of the last nodes walked to: what comes again is kept */
	uint64_t words[MEMO_WORDS];
};

struct stack_cache;

static inline uint32_t memo_set(uint64_t ip, uint64_t sp)
{
	return (uint32_t)((ip ^ sp << 20) * UINT64_C(0x9e3779b97f4a7c15) >> 54);
}

static MW_ALWAYS_INLINE bool memo_word_holds(uint64_t sp, uint32_t distance, uint64_t value)
{
	return ((const uint64_t *)(uintptr_t)sp)[distance] == value;
}

static MW_ALWAYS_INLINE bool memo_four_holds(const struct memo_four *four, uint64_t sp)
{
	/* In this order: what led to a place must hold before the place may be read. */
	return memo_word_holds(sp, four->distances[0], four->values[0]) &&
	       memo_word_holds(sp, four->distances[1], four->values[1]) &&
	       memo_word_holds(sp, four->distances[2], four->values[2]) &&
	       memo_word_holds(sp, four->distances[3], four->values[3]);
}

static MW_ALWAYS_INLINE struct memo_head *memo_head(struct stack_memo *memo, uint32_t place)
{
	return (struct memo_head *)(void *)&memo->words[place];
}

/* Whether the stack at `at` is the one kept as `head`. */
static MW_ALWAYS_INLINE bool memo_holds(const struct memo_head *head, const struct regs *at)
{
	const struct memo_four *four = (const struct memo_four *)(const void *)(head + 1);

	if (head->ip != at->ip || head->sp != at->sp || (head->needs_bp && head->bp != at->bp) ||
	    !memo_word_holds(at->sp, head->distance, head->value))
		return false;
	for (uint32_t n = head->n_fours; n > 0; n--, four++)
		if (!memo_four_holds(four, at->sp))
			return false;
	return true;
}

/* The node of the stack at `at`, if it is the one guessed, or the one that was used last of those that look like it. */
static MW_ALWAYS_INLINE bool mw_memo_find(struct stack_memo *memo, const struct regs *at, uint32_t *node)
{
	struct memo_head *last = memo->last, *head = memo_head(memo, last->next);

	if (MW_UNLIKELY(!memo_holds(head, at))) {
		uint16_t place = memo->places[memo_set(at->ip, at->sp)][0];

		head = memo_head(memo, place);
		if (!memo_holds(head, at))
			return false;
		last->next = place;
	}
	memo->last = head;
	*node = head->node;
	return true;
}

/* The same for the others. */
bool mw_memo_find_other(struct stack_memo *memo, const struct regs *at, uint32_t *node);

/* Keeps the stack that `cache` has, whose innermost frame is at `at`. */
void mw_memo_keep(struct stack_memo *memo, const struct regs *at, const struct stack_cache *cache);

void mw_memo_forget(struct stack_memo *memo);

/* For a memo of zeros, with memory for so many words. */
static inline void mw_memo_begin(struct stack_memo *memo, uint32_t n_words)
{
	memo->n_words = n_words;
	memo->last = memo_head(memo, 0);
}

#endif
