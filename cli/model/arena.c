#include "cli/model/arena.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <sys/mman.h>

#define SMALL_UNITS 8u /* the first block comes from malloc: most processes need no more */
#define BACK_UNITS 16u /* memory is asked for in pieces of this */

static void add_block(struct arena *arena)
{
	struct arena_block *block;
	uint32_t n_units = arena->n_blocks ? ARENA_BLOCK_UNITS : SMALL_UNITS;
	size_t n_bytes = (size_t)n_units * ARENA_UNIT_BYTES;

	arena->blocks = xgrow(arena->blocks, &arena->cap_blocks, arena->n_blocks + 1, sizeof(*arena->blocks));
	block = &arena->blocks[arena->n_blocks];
	block->refs = xcalloc(n_units, sizeof(*block->refs));
	if (arena->n_blocks == 0) {
		block->memory = aligned_alloc(128, n_bytes);
	} else {
		block->memory = mmap(NULL, n_bytes, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (block->memory == MAP_FAILED)
			block->memory = NULL;
	}
	if (!block->memory)
		xreallocarray(NULL, SIZE_MAX, 1); /* the one way out of memory */
	arena->next = arena->backed = (uint32_t)arena->n_blocks * ARENA_BLOCK_UNITS;
	arena->end = arena->next + n_units;
	if (arena->n_blocks == 0)
		arena->backed = arena->end;
	arena->n_blocks++;
}

struct arena *arena_new(void)
{
	struct arena *arena = xcalloc(1, sizeof(*arena));

	arena->n_users = 1;
	add_block(arena);
	return arena;
}

void arena_use(struct arena *arena)
{
	arena->n_users++;
}

void arena_leave(struct arena *arena)
{
	if (--arena->n_users > 0)
		return;
	for (size_t i = 0; i < arena->n_blocks; i++) {
		if (i == 0)
			free(arena->blocks[i].memory);
		else
			munmap(arena->blocks[i].memory, (size_t)ARENA_BLOCK_UNITS * ARENA_UNIT_BYTES);
		free(arena->blocks[i].refs);
	}
	free(arena->blocks);
	free(arena->free);
	free(arena);
}

uint32_t arena_take(struct arena *arena)
{
	uint32_t unit;

	if (arena->n_free > 0) {
		unit = arena->free[--arena->n_free];
	} else {
		if (arena->next == arena->end)
			add_block(arena);
		unit = arena->next++;
		if (unit == arena->backed) { /* Linux 5.14; before, the faults come one by one */
			madvise(arena_unit(arena, unit), (size_t)BACK_UNITS * ARENA_UNIT_BYTES, MADV_POPULATE_WRITE);
			arena->backed += BACK_UNITS;
		}
	}
	*arena_refs(arena, unit) = 1;
	return unit;
}

void arena_unref(struct arena *arena, uint32_t unit)
{
	if (--*arena_refs(arena, unit) > 0)
		return;
	arena->free = xgrow(arena->free, &arena->cap_free, arena->n_free + 1, sizeof(*arena->free));
	arena->free[arena->n_free++] = unit;
}

size_t arena_bytes(const struct arena *arena)
{
	size_t n_units = SMALL_UNITS;

	if (arena->n_blocks > 1)
		n_units += (arena->n_blocks - 2) * ARENA_BLOCK_UNITS + arena->backed % ARENA_BLOCK_UNITS;
	if (arena->n_blocks > 1 && arena->backed % ARENA_BLOCK_UNITS == 0 && arena->backed == arena->end)
		n_units += ARENA_BLOCK_UNITS;
	return n_units * ARENA_UNIT_BYTES + arena->n_blocks * ARENA_BLOCK_UNITS * sizeof(uint32_t) +
	       arena->cap_free * sizeof(*arena->free);
}
