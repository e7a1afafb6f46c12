/*
 * What is known of blocks by their addresses in the process itself: which family of functions allocated the one there
 * last, whether it was freed, and where in the current chunk its record is, if that is there. Of it are made
 *
 * - suspicions: a release that does not fit is recorded with its stack (WIRE_FREE_STACK); all others need none. What is
 *   a mismatch is decided by the reporter, from the records.
 * - near frees ("Near frees" in common/wire.h): of a block whose record is in the chunk that its release goes into.
 *
 * The table is direct-mapped: a block takes the place of another whose address leads there too, and what was
 * forgotten is not suspected. An entry and its place together are the whole address, so that what is found is true.
 * Places follow addresses, so that the table is in the cache where the heap is; it is small, since it shares the cache
 * with the program. A fork child goes on with its own copy.
 *
 * A chunk's mark tells it from all earlier ones of its stream. Where several streams are about, a mark is good only if
 * no other stream has had an event on the address since: the owner table (stamp.h) knows.
 */
#ifndef SHIM_BLOCKS_H
#define SHIM_BLOCKS_H

#include "common/compiler.h"
#include "common/wire.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCKS_BITS 13 /* 8 bytes each */

/* The low bits of an entry; 0 = no block has ever been here. */
enum block_state {
	BLOCK_MALLOC = 1,
	BLOCK_NEW,
	BLOCK_NEW_ARRAY,
	BLOCK_FREED,
};

/*
 * Entries: mark 16 << 48 | what the address has in its bits 18 to 47 and 3 to 4, where it has them | word of its record
 * in the payload 13 << 5 | state. The bits that are left out are those of the place.
 */
#define BLOCK_MARK_SHIFT  48
#define BLOCK_PLACE_SHIFT 5
#define BLOCK_PLACE_MASK  (((UINT64_C(1) << BLOCKS_BITS) - 1) << BLOCK_PLACE_SHIFT)
#define BLOCK_ADDR        (((UINT64_C(1) << BLOCK_MARK_SHIFT) - 8) & ~BLOCK_PLACE_MASK)
#define BLOCK_MASK        (BLOCK_ADDR | 7)
_Static_assert(WIRE_BACK_PLACE_BITS == BLOCKS_BITS, "a record's word is kept in the bits of the place");
/* Set in an address that a near free cannot say: not a multiple of 16, or bit 47. */
#define BLOCK_FAR (UINT64_C(1) << WIRE_BACK_ADDR_BITS | 8)

/* By all threads. Not wiped by a fork. */
extern _Atomic uint64_t mw_blocks[1u << BLOCKS_BITS] MW_HIDDEN;

/* glibc's blocks are 32 bytes apart or more. */
static inline _Atomic uint64_t *mw_block_place(uint64_t addr)
{
	return &mw_blocks[addr >> BLOCK_PLACE_SHIFT & ((1u << BLOCKS_BITS) - 1)];
}

static inline uint64_t mw_block(uint64_t addr, enum block_state state)
{
	return (addr & BLOCK_ADDR) | (uint64_t)state;
}

/* As a function of `kind` makes it. */
#define BLOCK_MADE(kind)                                                                                               \
	((kind) < WIRE_KIND_NEW ? BLOCK_MALLOC : (kind) == WIRE_KIND_NEW ? BLOCK_NEW : BLOCK_NEW_ARRAY)

/* As a function of `kind` that releases it should find it. */
static inline enum block_state mw_block_wanted(unsigned kind)
{
	return kind == WIRE_KIND_DELETE ? BLOCK_NEW : kind == WIRE_KIND_DELETE_ARRAY ? BLOCK_NEW_ARRAY : BLOCK_MALLOC;
}

/* A block at `addr` was allocated, as `state` tells (BLOCK_MADE()); its record is at byte `at` of the payload of the
 * chunk with `mark`, 0: of no chunk. */
static inline void mw_blocks_alloc(uint64_t addr, enum block_state state, uint64_t mark, uint32_t at)
{
	uint32_t place = at << (BLOCK_PLACE_SHIFT - 3); /* of words */

	atomic_store_explicit(mw_block_place(addr), mark | place | mw_block(addr, state), memory_order_relaxed);
}

/* The block at `addr` is about to be released: what was known of it. */
static inline uint64_t mw_blocks_release(uint64_t addr)
{
	_Atomic uint64_t *place = mw_block_place(addr);
	uint64_t entry = atomic_load_explicit(place, memory_order_relaxed);

	atomic_store_explicit(place, mw_block(addr, BLOCK_FREED), memory_order_relaxed);
	return entry;
}

/* Whether an entry, which `differs` from the one that was looked for, is of a block that has taken the place. */
static inline bool mw_blocks_other(uint64_t entry, uint64_t differs)
{
	return entry && differs & BLOCK_MASK & ~UINT64_C(7);
}

/* Whether an entry is a reason to record the stack of a release by a function of `kind`. */
bool mw_blocks_suspect(uint64_t entry, uint64_t addr, unsigned kind);

/* Whether an entry tells of a block whose record is in the chunk with `mark`; *at is the record's byte there. */
static inline bool mw_blocks_near(uint64_t entry, uint64_t addr, uint64_t mark, uint32_t *at)
{
	*at = (uint32_t)((entry & BLOCK_PLACE_MASK) >> BLOCK_PLACE_SHIFT) * 8;
	return ((entry ^ mark) >> BLOCK_MARK_SHIFT) == 0 &&
	       ((entry ^ mw_block(addr, 0)) & BLOCK_MASK & ~UINT64_C(7)) == 0 && (entry & 7) != BLOCK_FREED &&
	       (entry & BLOCK_FAR) == 0;
}

/* A mark for a stream's next chunk, never 0. Marks come round again; what the stream has left of the last round is then
 * forgotten. *cycle: the stream's last round, 0 at first. */
uint64_t mw_blocks_next_mark(uint64_t *cycle);

#endif
