/*
 * A leaf of the table of live blocks (live.h): up to 24 entries of one range of addresses, in no order. Keys lie
 * together in the first cache line, to be compared eight at a time; no value lies across two: whatever is done with a
 * block touches two lines. Also what an entry is.
 */
#ifndef CLI_MODEL_LEAF_H
#define CLI_MODEL_LEAF_H

#include "cli/model/arena.h"

#include <emmintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIVE_ADDR_MAX ((UINT64_C(1) << 48) - 1)
#define LIVE_SIZE_MAX ((UINT64_C(1) << 48) - 1)

/* Use the functions below; key: address 48, then what `meta` has in the table. */
struct live_entry {
	uint64_t key;  /* 0 = no entry */
	uint64_t size; /* size 48, thread low 16 */
	uint32_t stack;
	uint32_t birth_ms; /* since the process's start */
};

#define LIVE_IGNORED   (UINT64_C(1) << 14)
#define LIVE_INHERITED (UINT64_C(1) << 8)

struct live_value {
	uint32_t size[2]; /* as in the entry, in two halves: aligned to 4, to fit in 20 bytes */
	uint32_t stack;
	uint32_t birth_ms;
	uint16_t meta; /* ignored 1, kind 5, inherited 1, thread high 8 */
};

#define LIVE_LEAF_MAX 24
#define LEAF_VALUES   3u /* in a line */

/* Keys of `n_slots` (a multiple of 8) follow, and from the next line on their values. */
struct live_leaf {
	uint64_t used : 56; /* bit i: slot i has a block */
	uint64_t n_slots : 8;
	uint64_t known : 56; /* … or had one, whose key and value are still there */
	uint64_t depth : 8;  /* addresses in it begin with the same `depth` of the 16 bits */
	uint16_t keys[];     /* the address's lower 16 bits; aligned to 16 bytes */
};
_Static_assert(LEAF_VALUES * sizeof(struct live_value) <= ARENA_LINE_BYTES, "values in a line");
_Static_assert(sizeof(struct live_leaf) + LIVE_LEAF_MAX * sizeof(uint16_t) == ARENA_LINE_BYTES, "all keys in a line");

static inline uint64_t live_entry_addr(const struct live_entry *e)
{
	return e->key >> 16;
}

static inline uint64_t live_entry_size(const struct live_entry *e)
{
	return e->size >> 16;
}

static inline unsigned live_entry_kind(const struct live_entry *e)
{
	return e->key >> 9 & 31;
}

static inline uint32_t live_entry_thread(const struct live_entry *e)
{
	return (uint32_t)((e->key & 255) << 16 | (e->size & 0xffff));
}

static inline bool live_entry_ignored(const struct live_entry *e)
{
	return e->key & LIVE_IGNORED;
}

static inline bool live_entry_inherited(const struct live_entry *e)
{
	return e->key & LIVE_INHERITED;
}

/* `addr` in [1, LIVE_ADDR_MAX], size_bytes <= LIVE_SIZE_MAX, kind < 32, thread < 2^24. */
static inline void live_entry_set(struct live_entry *e, uint64_t addr, uint64_t size_bytes, unsigned kind,
				  uint32_t thread)
{
	e->key = addr << 16 | (uint64_t)kind << 9 | thread >> 16;
	e->size = size_bytes << 16 | (thread & 0xffff);
}

/* Lines of a leaf of so many. */
static inline unsigned leaf_lines(unsigned n_slots)
{
	return 1 + (n_slots + LEAF_VALUES - 1) / LEAF_VALUES;
}

#define LEAF_VALUE_AT(i)                                                                                               \
	((1 + (i) / LEAF_VALUES) * ARENA_LINE_BYTES + (i) % LEAF_VALUES * (unsigned)sizeof(struct live_value))
#define LEAF_VALUES_AT(i) LEAF_VALUE_AT(i), LEAF_VALUE_AT((i) + 1), LEAF_VALUE_AT((i) + 2), LEAF_VALUE_AT((i) + 3)

static inline struct live_value *leaf_value(const struct live_leaf *leaf, unsigned i)
{
	/* Looked up: a division by three takes longer. */
	static const uint16_t places[LIVE_LEAF_MAX] = {
		LEAF_VALUES_AT(0),  LEAF_VALUES_AT(4),  LEAF_VALUES_AT(8),
		LEAF_VALUES_AT(12), LEAF_VALUES_AT(16), LEAF_VALUES_AT(20),
	};

	return (struct live_value *)((uintptr_t)leaf + places[i]);
}

/* One bit for each slot with this key, used or not, or never written, or not even there: all that a leaf can have are
 * compared, since to ask how many it has takes longer. */
static inline uint64_t leaf_matches(const struct live_leaf *leaf, uint16_t key)
{
	const __m128i *keys = (const __m128i *)(const void *)leaf->keys;
	__m128i wanted = _mm_set1_epi16((short)key);
	__m128i low = _mm_packs_epi16(_mm_cmpeq_epi16(keys[0], wanted), _mm_cmpeq_epi16(keys[1], wanted));
	__m128i high = _mm_packs_epi16(_mm_cmpeq_epi16(keys[2], wanted), _mm_setzero_si128());

	return (uint64_t)(unsigned)_mm_movemask_epi8(high) << 16 | (unsigned)_mm_movemask_epi8(low);
}

static inline uint64_t leaf_gaps(const struct live_leaf *leaf)
{
	return ~leaf->used & ((UINT64_C(1) << leaf->n_slots) - 1);
}

/* Where a block can be put whose address the slots of `same` know; 0: nowhere, or there is one. Not by branches, which
 * nobody could foresee. */
static inline uint64_t leaf_gap_for(const struct live_leaf *leaf, uint64_t same)
{
	return leaf_gaps(leaf) & (same | -(uint64_t)!same);
}

static inline void leaf_put(struct live_leaf *leaf, unsigned i, const struct live_entry *e)
{
	leaf->keys[i] = (uint16_t)(e->key >> 16);
	*leaf_value(leaf, i) = (struct live_value){
		.size = {(uint32_t)e->size, (uint32_t)(e->size >> 32)},
		.stack = e->stack,
		.birth_ms = e->birth_ms,
		.meta = (uint16_t)e->key,
	};
	leaf->used |= UINT64_C(1) << i;
	leaf->known |= UINT64_C(1) << i;
}

static inline void leaf_get(const struct live_leaf *leaf, unsigned i, uint32_t window_key, struct live_entry *e)
{
	const struct live_value *value = leaf_value(leaf, i);

	e->key = (uint64_t)window_key << 32 | (uint64_t)leaf->keys[i] << 16 | value->meta;
	e->size = (uint64_t)value->size[1] << 32 | value->size[0];
	e->stack = value->stack;
	e->birth_ms = value->birth_ms;
}

static inline void leaf_move(struct live_leaf *to, const struct live_leaf *from, unsigned i)
{
	unsigned at = (unsigned)__builtin_ctzll(~to->used);

	to->keys[at] = from->keys[i];
	*leaf_value(to, at) = *leaf_value(from, i);
	to->used |= UINT64_C(1) << at;
	to->known |= UINT64_C(1) << at;
}

#endif
