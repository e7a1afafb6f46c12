/*
 * Memory of the tables of live blocks, in units of two pages, shared by a process's table and its clones for forked
 * children. Units are reference-counted; freed ones are used again, and all goes back at once with the last table.
 * Memory is asked for in pieces, ahead of use: page faults one by one are slow in virtual machines, and the
 * release of many small mappings even more so.
 */
#ifndef CLI_MODEL_ARENA_H
#define CLI_MODEL_ARENA_H

#include <stddef.h>
#include <stdint.h>

#define ARENA_UNIT_BYTES 8192u
#define ARENA_BLOCK_UNITS 2048u

struct arena_block {
	uint8_t *memory; /* ARENA_BLOCK_UNITS units; the first block is smaller */
	uint32_t *refs;
};

struct arena {
	struct arena_block *blocks;
	size_t n_blocks, cap_blocks;
	uint32_t *free; /* units to be used again */
	size_t n_free, cap_free;
	uint32_t next, end; /* units never used: [next, end) of the last block */
	uint32_t backed; /* units below have memory behind them */
	uint32_t n_users; /* tables */
};

struct arena *arena_new(void); /* with one user */
void arena_use(struct arena *arena);
void arena_leave(struct arena *arena); /* frees all with the last user */

/* A unit with one reference. What is in it is not defined. */
uint32_t arena_take(struct arena *arena);

static inline void *arena_unit(const struct arena *arena, uint32_t unit)
{
	return arena->blocks[unit / ARENA_BLOCK_UNITS].memory + (size_t)(unit % ARENA_BLOCK_UNITS) * ARENA_UNIT_BYTES;
}

static inline uint32_t *arena_refs(const struct arena *arena, uint32_t unit)
{
	return &arena->blocks[unit / ARENA_BLOCK_UNITS].refs[unit % ARENA_BLOCK_UNITS];
}

void arena_unref(struct arena *arena, uint32_t unit);

/* Memory behind units, used or not. */
size_t arena_bytes(const struct arena *arena);

#endif
