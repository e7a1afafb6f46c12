#include "cli/model/arena.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <sys/mman.h>

#define SMALL_BYTES ((size_t)64 << 10) /* the first block, from malloc: most processes need no more */
#define BLOCK_BYTES ((size_t)32 << 20)

/* Aligned to the size of huge pages, so that it can be made of them; the kernel decides. */
static void *map_block(struct arena_block *block, size_t n_bytes)
{
	uintptr_t start;

	block->n_bytes = n_bytes < HUGE_BYTES ? n_bytes : n_bytes + HUGE_BYTES;
	block->memory = mmap(NULL, block->n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			     -1, 0);
	if (block->memory == MAP_FAILED)
		return NULL;
	if (n_bytes < HUGE_BYTES)
		return block->memory;
	start = ((uintptr_t)block->memory + HUGE_BYTES - 1) & ~(uintptr_t)(HUGE_BYTES - 1);
	madvise((void *)start, n_bytes, MADV_HUGEPAGE);
	return (void *)start;
}

static void add_block(struct arena *arena)
{
	size_t n_bytes = arena->n_blocks < 3 ? SMALL_BYTES << 3 * arena->n_blocks : BLOCK_BYTES;
	struct arena_block *block;

	arena->blocks = xgrow(arena->blocks, &arena->cap_blocks, arena->n_blocks + 1, sizeof(*arena->blocks));
	block = &arena->blocks[arena->n_blocks];
	if (arena->n_blocks == 0)
		arena->next = block->memory = aligned_alloc(ARENA_LINE_BYTES, n_bytes);
	else
		arena->next = map_block(block, n_bytes);
	if (!arena->next)
		xreallocarray(NULL, SIZE_MAX, 1); /* the one way out of memory */
	arena->end = arena->next + n_bytes;
	arena->backed = arena->n_blocks++ == 0 ? arena->end : arena->next;
	arena->n_backed_bytes += (size_t)(arena->backed - arena->next);
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
	for (size_t i = 1; i < arena->n_blocks; i++)
		munmap(arena->blocks[i].memory, arena->blocks[i].n_bytes);
	free(arena->blocks[0].memory);
	free(arena->blocks);
	free(arena);
}

/* Asks for the memory behind the next pieces: an eighth of what there is, or a huge page. */
static void back(struct arena *arena)
{
	size_t left = (size_t)(arena->end - arena->backed);
	size_t n = arena->n_blocks > 3 ? HUGE_BYTES : arena->n_backed_bytes / 8 / SMALL_BYTES * SMALL_BYTES;

	if (n < SMALL_BYTES)
		n = SMALL_BYTES;
	if (n > left)
		n = left;
	madvise(arena->backed, n, MADV_POPULATE_WRITE); /* Linux 5.14; before, the faults come one by one */
	arena->backed += n;
	arena->n_backed_bytes += n;
}

void *arena_take(struct arena *arena, unsigned n_lines)
{
	size_t n_bytes = (size_t)n_lines * ARENA_LINE_BYTES;
	void **piece = arena->free[n_lines];

	if (piece) {
		arena->free[n_lines] = *piece;
		return piece;
	}
	if ((size_t)(arena->end - arena->next) < n_bytes)
		add_block(arena);
	piece = (void **)(void *)arena->next;
	arena->next += n_bytes;
	while (arena->next > arena->backed)
		back(arena);
	return piece;
}

void arena_give(struct arena *arena, void *piece, unsigned n_lines)
{
	*(void **)piece = arena->free[n_lines];
	arena->free[n_lines] = piece;
}

size_t arena_bytes(const struct arena *arena)
{
	return arena->n_backed_bytes + arena->cap_blocks * sizeof(*arena->blocks);
}
