#include "cli/scan/sweeper.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>

struct sweeper *sweeper_new(struct graph *graph)
{
	struct sweeper *sweeper = xcalloc(1, sizeof(*sweeper));

	sweeper->graph = graph;
	sweeper->pick = pick_best();
	sweeper->buf = xmalloc(SWEEPER_BYTES);
	return sweeper;
}

void sweeper_free(struct sweeper *sweeper)
{
	free(sweeper->buf);
	free(sweeper);
}

/* Offset of the next chunk's header from a block's start, were it that of a glibc block of this size. */
static inline uint64_t next_header(uint64_t size)
{
	uint64_t chunk = (size + 8 + 15) & ~UINT64_C(15);

	return (chunk < 32 ? 32 : chunk) - 16;
}

static MW_NOINLINE bool is_allocator_word(const struct graph *graph, const struct source *source, uint64_t addr,
					  uint64_t word)
{
	if (addr < source->allocator_words_end)
		return true;
	return !source->trust_last_word && blocks_at(graph->blocks, word + 16) == UINT32_MAX;
}

bool sweeper_inside(const struct graph *graph, const struct source *source, uint64_t addr, uint64_t word,
		    struct edge *edge)
{
	const struct blocks *blocks = graph->blocks;
	uint64_t offset = word - blocks_addr(blocks, edge->target), size = blocks_size(blocks, edge->target);

	if (offset >= size) {
		/* new T[0] of a T with a destructor has a count of 8 bytes, and the pointer is behind it. */
		edge->where = CLASS_START;
		return offset == 8 && size == 8 && blocks->flags[edge->target] & BLOCK_NEW_ARRAY;
	}
	if (graph->glibc && offset == next_header(size) && is_allocator_word(graph, source, addr, word))
		return false;
	edge->where = offset == 8 ? CLASS_8 : offset == 24 ? CLASS_24 : CLASS_INSIDE;
	edge->offset = offset < EDGE_OFFSET_MAX ? (uint32_t)offset : EDGE_OFFSET_MAX;
	return true;
}

void sweeper_note_tag(struct sweeper *sweeper, const struct source *source, uint64_t word)
{
	uint32_t target = blocks_at(sweeper->graph->blocks, blocks_untagged(word) & ~UINT64_C(7));
	struct tags *tags = &sweeper->tags;

	if (target == UINT32_MAX || target == source->block)
		return;
	tags->items = xgrow(tags->items, &tags->cap, tags->n + 1, sizeof(*tags->items));
	tags->items[tags->n++] = (struct tag){source->block, target};
}
