#include "cli/scan/heuristics.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>

#define VTABLE_WORDS 20 /* looked at */
#define VTABLE_NEEDS 2  /* of them pointers to code */
#define PAGE         UINT64_C(4096)

/* Of the words at `addr` on, null or pointers into code as they must be in a vtable, are there enough pointers? */
static bool looks_like_vtable(const struct graph *graph, uint64_t addr)
{
	const struct map *map = maps_find(graph->maps, addr);
	uint64_t words[VTABLE_WORDS], n_words;
	unsigned n_functions = 0;

	if (!map || map->inode == 0 || !map->readable)
		return false;
	n_words = (map->end - addr) / 8;
	if (n_words > VTABLE_WORDS)
		n_words = VTABLE_WORDS;
	if (memory_read_at(graph->memory, addr, words, n_words * 8))
		return false;
	for (unsigned i = 0; i < n_words && n_functions < VTABLE_NEEDS; i++) {
		if (words[i] == 0)
			continue;
		map = maps_find(graph->maps, words[i]);
		if (!map || map->inode == 0 || !map->executable)
			return false;
		n_functions++;
	}
	return n_functions == VTABLE_NEEDS;
}

static bool is_vtable(struct sweeper *sweeper, uint64_t addr)
{
	const struct graph *graph = sweeper->graph;
	uint64_t *cached = &sweeper->vtables[(addr >> 3 ^ addr >> 16) % VTABLE_CACHE];

	if (addr % 8 || addr < graph->vtable_low || addr >= graph->vtable_high || blocks_page(graph->blocks, addr))
		return false;
	if (*cached >> 1 != addr)
		*cached = addr << 1 | looks_like_vtable(graph, addr);
	return *cached & 1;
}

static void note_inner(struct inners *inners, uint32_t block, uint64_t offset)
{
	if (offset >= EDGE_OFFSET_MAX)
		return;
	inners->items = xgrow(inners->items, &inners->cap, inners->n + 1, sizeof(*inners->items));
	inners->items[inners->n++] = (struct inner){block, (uint32_t)offset};
}

/* The heuristics for pointers to one fixed place. */
static unsigned fixed_places(const uint64_t *words, size_t n_words, uint64_t size)
{
	unsigned flags = 0;

	if (size > 8 && words[0] - 1 < size - 8 && (size - 8) % words[0] == 0)
		flags |= BLOCK_START_8;
	if (n_words > 1 && size > 24 && words[1] == size - 25 && words[0] <= words[1])
		flags |= BLOCK_START_24;
	return flags;
}

void heuristics_note(struct sweeper *sweeper, uint32_t block, const uint64_t *words, size_t n_words,
		     uint64_t first_word)
{
	const struct blocks *blocks = sweeper->graph->blocks;
	uint8_t *flags = &blocks->flags[block];

	if (n_words && first_word == 0) {
		*flags |= (uint8_t)fixed_places(words, n_words, blocks_size(blocks, block));
		if (n_words > 1 && is_vtable(sweeper, words[0]))
			*flags |= BLOCK_VTABLE;
	}
	if (!(*flags & BLOCK_VTABLE))
		return;
	for (size_t i = first_word == 0; i < n_words; i++) {
		if (!is_vtable(sweeper, words[i]))
			continue;
		if (first_word + i == 1)
			*flags |= BLOCK_VTABLE_8;
		else
			note_inner(&sweeper->inners, block, (first_word + i) * 8);
	}
}

static int compare_inners(const void *a, const void *b)
{
	const struct inner *x = a, *y = b;

	if (x->block != y->block)
		return x->block < y->block ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static bool has_inner(const struct graph *graph, uint32_t block, uint32_t offset)
{
	struct inner key = {block, offset};

	return graph->blocks->flags[block] & BLOCK_VTABLE && graph->inners.n &&
	       bsearch(&key, graph->inners.items, graph->inners.n, sizeof(key), compare_inners);
}

bool heuristics_strong(const struct graph *graph, const struct edge *edge)
{
	unsigned flags = graph->blocks->flags[edge->target];

	if (edge->where == CLASS_START)
		return true;
	if (edge->where == CLASS_8)
		return flags & (BLOCK_START_8 | BLOCK_VTABLE_8);
	if (edge->where == CLASS_24)
		return flags & BLOCK_START_24 || has_inner(graph, edge->target, 24);
	return has_inner(graph, edge->target, edge->offset);
}
