/*
 * The blocks that a writer has allocated in its current chunk, to tell their frees as near ones ("Near frees" in
 * common/wire.h). Direct-mapped: what was pushed out is freed by its address. Each chunk is a new generation.
 *
 * An entry is good as long as no other stream has had an event on its address since; who looks it up with several
 * streams about knows that from the owner table (stamp.h). Only a block's own writer uses the table.
 */
#ifndef SHIM_NEAR_H
#define SHIM_NEAR_H

#include "common/compiler.h"
#include "common/wire.h"

#include <stdbool.h>
#include <string.h>

#define NEAR_BITS 11

/* entries: address >> 4 << 21 | word of its record in the payload << 8 | generation. */
struct near_blocks {
	uint8_t generation;
	uint32_t fork_serial; /* of the last fork that was heeded: what lives at a fork must be known by its address */
	uint64_t entries[1u << NEAR_BITS];
};

#define NEAR_PLACE_MASK (((UINT64_C(1) << WIRE_NEAR_PLACE_BITS) - 1) << 8)

static inline uint64_t *near_entry(struct near_blocks *near, uint64_t addr)
{
	return &near->entries[(addr >> 4 ^ addr >> (4 + NEAR_BITS)) & ((1u << NEAR_BITS) - 1)];
}

/* Forgets all; when the chunk ends, and before a record that needs blocks to be known by their addresses. */
static inline void near_forget(struct near_blocks *near)
{
	if (MW_UNLIKELY(++near->generation == 0))
		memset(near->entries, 0, sizeof(near->entries));
}

/* The block at `addr` is told of by the record at byte `at` of the payload. */
static inline void near_put(struct near_blocks *near, uint64_t addr, uint32_t at)
{
	if (MW_LIKELY(!(addr & 15 || addr >> WIRE_NEAR_ADDR_BITS)))
		*near_entry(near, addr) =
			addr >> 4 << (8 + WIRE_NEAR_PLACE_BITS) | (uint64_t)(at / 8) << 8 | near->generation;
}

/* Whether the block is known, whose end is being recorded: then *at is where, and it is no longer. */
static inline bool near_take(struct near_blocks *near, uint64_t addr, uint32_t *at)
{
	uint64_t *entry = near_entry(near, addr), found = *entry;

	if ((found & ~NEAR_PLACE_MASK) != (addr >> 4 << (8 + WIRE_NEAR_PLACE_BITS) | near->generation) || addr & 15)
		return false;
	*entry = 0;
	*at = (uint32_t)((found & NEAR_PLACE_MASK) >> 8) * 8;
	return true;
}

#endif
