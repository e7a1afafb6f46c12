/*
 * What is known of addresses in the process itself: which family of functions allocated the block there last, and
 * whether it was freed. A release that does not fit is recorded with its stack (WIRE_FREE_STACK); all others need none.
 * What is a mismatch is decided by the reporter, from the records.
 *
 * The table is direct-mapped: a block takes the place of another whose address leads there too, and what was
 * forgotten is not suspected. An entry and its place together are the whole address, so that what is found is true.
 * Places follow addresses, so that the table is in the cache where the heap is. A fork child goes on with its own copy.
 */
#ifndef SHIM_TAGS_H
#define SHIM_TAGS_H

#include "common/compiler.h"
#include "common/wire.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TAGS_BITS 16 /* 4 bytes each */

/* The low bits of an entry; 0 = no block has ever been here. */
enum tag_state {
	TAG_MALLOC = 1,
	TAG_NEW,
	TAG_NEW_ARRAY,
	TAG_FREED,
};

/* By all threads. Not wiped by a fork. */
extern _Atomic uint32_t mw_tags[1u << TAGS_BITS] __attribute__((visibility("hidden")));

static inline _Atomic uint32_t *mw_tag_place(uint64_t addr)
{
	uint32_t page = (uint32_t)(addr >> 20);

	return &mw_tags[((uint32_t)(addr >> 4) ^ page * UINT32_C(0x9e3779b1) >> 16) & ((1u << TAGS_BITS) - 1)];
}

static inline uint32_t mw_tag(uint64_t addr, enum tag_state state)
{
	return (uint32_t)(addr >> 20) << 4 | (uint32_t)(addr >> 3 & 1) << 3 | (uint32_t)state;
}

/* A block at `addr` was allocated by a function of `kind`. */
static inline void mw_tags_alloc(uint64_t addr, unsigned kind)
{
	enum tag_state state = kind < WIRE_KIND_NEW ? TAG_MALLOC : kind == WIRE_KIND_NEW ? TAG_NEW : TAG_NEW_ARRAY;

	atomic_store_explicit(mw_tag_place(addr), mw_tag(addr, state), memory_order_relaxed);
}

/* Whether an entry that is not the expected one is a reason to record the stack. */
bool mw_tags_suspect(uint32_t entry, uint32_t freed);

/* The block at `addr` is about to be released by a function of `kind`: whether that is suspicious. */
static inline bool mw_tags_release(uint64_t addr, unsigned kind)
{
	enum tag_state state = kind == WIRE_KIND_DELETE         ? TAG_NEW
			       : kind == WIRE_KIND_DELETE_ARRAY ? TAG_NEW_ARRAY
								: TAG_MALLOC;
	uint32_t freed = mw_tag(addr, TAG_FREED), entry;
	_Atomic uint32_t *place = mw_tag_place(addr);

	entry = atomic_load_explicit(place, memory_order_relaxed);
	atomic_store_explicit(place, freed, memory_order_relaxed);
	return MW_UNLIKELY(entry != mw_tag(addr, state)) && mw_tags_suspect(entry, freed);
}

#endif
