/*
 * Live blocks by address: the table that every record goes through.
 *
 * Addresses keep their neighbourhood, as the program's own memory accesses do: what it uses now lies close together
 * here too. A hash table leads to windows of 64 KiB of addresses. A window's directory, indexed by the first `depth`
 * bits of the address in it, leads to leaves: up to 24 entries, searched by their 16-bit keys, eight at a time. A
 * leaf that is full gets room for more entries or is split into the halves of its range, alone: no insertion moves
 * more than one leaf, and filling up in order moves an entry about three times. A large table takes 25 to 38 bytes
 * per block, where there are many in a window.
 * The gap that a freed block leaves remembers it until another block takes its place.
 *
 * live_clone() shares the windows; the side that first writes to one copies it.
 */
#ifndef CLI_MODEL_LIVE_H
#define CLI_MODEL_LIVE_H

#include "cli/model/arena.h"
#include "cli/model/leaf.h"
#include "common/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct live_window {
	uint32_t n_refs; /* tables that have it */
	uint32_t depth; /* of the directory */
	struct live_leaf *leaves[]; /* 1 << depth; NULL: no entry in this range */
};

struct live_slot {
	struct live_window *window; /* NULL = free */
	uint32_t key; /* the address's upper 32 bits */
	uint8_t depth; /* the window's, to be had without it */
	bool shared; /* the window may have other users: copy before writing */
	bool inherited; /* all entries are, whatever their bit says */
};

struct live {
	struct arena *arena;
	struct live_slot *slots; /* open addressing, at most half full */
	unsigned shift; /* 32 − bits of the number of slots */
	size_t n_windows;
	size_t n_window_bytes;
	uint64_t count;
};

static inline struct live_slot *live_slot_home(const struct live *live, uint32_t window_key)
{
	return &live->slots[window_key * UINT32_C(0x9e3779b1) >> live->shift];
}

/* The window's slot, or the free one where it would be. */
static inline struct live_slot *live_slot_of(const struct live *live, uint32_t window_key)
{
	struct live_slot *slot = live_slot_home(live, window_key);
	const struct live_slot *end = live->slots + (UINT32_C(1) << (32 - live->shift));

	while (slot->window && slot->key != window_key)
		if (MW_UNLIKELY(++slot == end))
			slot = live->slots;
	return slot;
}

/* Where the window's directory has the leaf of this key. */
static inline struct live_leaf *const *live_place(const struct live_slot *slot, uint16_t key)
{
	return &slot->window->leaves[key >> (16 - slot->depth)];
}

/* The slot of the address's window, if that is where it is looked for first, as it nearly always is; else NULL. */
static inline struct live_slot *live_slot_at_home(const struct live *live, uint64_t addr)
{
	struct live_slot *slot = live_slot_home(live, (uint32_t)(addr >> 16));

	return MW_LIKELY(slot->window && slot->key == (uint32_t)(addr >> 16)) ? slot : NULL;
}

/*
 * Asks for the memory that a call with this address will need, in three steps, each of which goes where the one before
 * has led and is best done for a batch of addresses: the place in the directory, the leaf's keys, the value. Always
 * inline: gcc takes out calls of a function that does nothing but this.
 */
static MW_ALWAYS_INLINE struct live_leaf *const *live_prefetch_place(const struct live *live, uint64_t addr)
{
	const struct live_slot *slot = live_slot_at_home(live, addr);
	struct live_leaf *const *place = MW_LIKELY(slot != NULL) ? live_place(slot, (uint16_t)addr) : NULL;

	__builtin_prefetch(place);
	return place;
}

static MW_ALWAYS_INLINE void live_prefetch_leaf(struct live_leaf *const *place)
{
	__builtin_prefetch(*place, 1);
}

static MW_ALWAYS_INLINE void live_prefetch_value(struct live_leaf *const *place, uint64_t addr)
{
	const struct live_leaf *leaf = *place;
	uint64_t mask = leaf ? leaf_matches(leaf, (uint16_t)addr) & leaf->known : 0;

	if (leaf && !mask)
		mask = leaf_gaps(leaf);
	if (mask)
		__builtin_prefetch(leaf_value(leaf, (unsigned)__builtin_ctzll(mask)), 1);
}

struct live *live_new(void);
struct live *live_clone(struct live *live); /* all entries of the clone are inherited */
void live_free(struct live *live);

enum live_result {
	LIVE_ADDED,
	LIVE_REPLACED, /* its address was there already: that entry is given in *old */
};

/* The two below where they have to make room, or more. */
enum live_result live_insert_rare(struct live *live, const struct live_entry *entry, struct live_entry *old);
bool live_remove_rare(struct live *live, uint64_t addr, struct live_entry *old);

/* The address's leaf, if it is there and nobody else has its window. */
static inline struct live_leaf *live_own_leaf(const struct live *live, uint64_t addr)
{
	const struct live_slot *slot = live_slot_at_home(live, addr);

	return slot && MW_LIKELY(!slot->shared) ? *live_place(slot, (uint16_t)addr) : NULL;
}

static inline enum live_result live_insert(struct live *live, const struct live_entry *entry, struct live_entry *old)
{
	uint64_t addr = entry->key >> 16, same, gap;
	struct live_leaf *leaf = live_own_leaf(live, addr);

	if (MW_UNLIKELY(!leaf))
		return live_insert_rare(live, entry, old);
	same = leaf_matches(leaf, (uint16_t)addr) & leaf->known;
	gap = leaf_gap_for(leaf, same);
	if (MW_UNLIKELY(!gap))
		return live_insert_rare(live, entry, old);
	leaf_put(leaf, (unsigned)__builtin_ctzll(gap), entry);
	live->count++;
	return LIVE_ADDED;
}

/* Takes the block at `addr` out; false if there is none. */
static inline bool live_remove(struct live *live, uint64_t addr, struct live_entry *old)
{
	struct live_leaf *leaf = live_own_leaf(live, addr);
	uint64_t mask = MW_LIKELY(leaf != NULL) ? leaf_matches(leaf, (uint16_t)addr) & leaf->used : 0;

	if (MW_UNLIKELY(!mask))
		return live_remove_rare(live, addr, old);
	leaf_get(leaf, (unsigned)__builtin_ctzll(mask), (uint32_t)(addr >> 16), old);
	leaf->used &= ~mask;
	live->count--;
	return true;
}

bool live_find(const struct live *live, uint64_t addr, struct live_entry *entry);
/* The last block that was at `addr`, if that is still known; now there is none. */
bool live_was_freed(const struct live *live, uint64_t addr, struct live_entry *entry);

void live_each(const struct live *live, void (*visit)(void *ctx, const struct live_entry *entry), void *ctx);

static inline uint64_t live_count(const struct live *live)
{
	return live->count;
}

/* Memory taken, shared shards included. */
size_t live_bytes(const struct live *live);

#endif
