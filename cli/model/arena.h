/*
 * Memory for the table of live blocks and its clones for forked children: pieces of whole cache lines. Pieces given
 * back are used again for the same size, and all goes back at once with the last table. Memory comes in blocks that
 * grow with the demand, the large ones in huge pages, and is asked for a good piece ahead of its use: page faults one
 * by one are slow, above all in virtual machines.
 */
#ifndef CLI_MODEL_ARENA_H
#define CLI_MODEL_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARENA_LINE_BYTES 64u
#define ARENA_LINES_MAX 32u /* of one piece */

struct arena_block {
	void *memory; /* as mapped, or from malloc */
	size_t n_bytes;
};

struct arena {
	uint8_t *next, *backed, *end; /* of the last block: unused from next on, memory behind it below backed */
	struct arena_block *blocks;
	size_t n_blocks, cap_blocks;
	size_t n_backed_bytes;
	void *free[ARENA_LINES_MAX + 1]; /* by lines: pieces given back, each pointing to the next */
	uint32_t n_users; /* tables */
};

struct arena *arena_new(void); /* with one user */
void arena_use(struct arena *arena);
void arena_leave(struct arena *arena); /* frees all with the last user */

static inline bool arena_is_shared(const struct arena *arena)
{
	return arena->n_users > 1;
}

/* A piece of n_lines cache lines. What is in it is not defined. */
void *arena_take(struct arena *arena, unsigned n_lines);
void arena_give(struct arena *arena, void *piece, unsigned n_lines);

/* Memory behind the pieces, used or not. */
size_t arena_bytes(const struct arena *arena);

#endif
