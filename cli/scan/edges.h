/*
 * What points to what between blocks: for each block, in order of index, the blocks that its words point to. Made in
 * one pass over the heap, so that the process is read once and stands still no longer than that takes.
 *
 * Four bytes per pointer, eight for one to an odd place inside of a block: a word of 29 bits of index and 2 of class,
 * then for CLASS_INSIDE the offset. The top bit ends a block's list. Per 32 blocks there is where the first list begins
 * and which of them have one.
 */
#ifndef CLI_SCAN_EDGES_H
#define CLI_SCAN_EDGES_H

#include "cli/scan/pages.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where in the block a pointer points. */
enum edge_class {
	CLASS_START,
	CLASS_8,
	CLASS_24,
	CLASS_INSIDE,
};

#define EDGE_LAST       (UINT32_C(1) << 31)
#define EDGE_OFFSET_MAX (EDGE_LAST - 1) /* stands for all that are larger */
#define EDGE_INDEX_BITS 29
#define EDGE_GROUP      32u

struct edge {
	uint32_t target;
	enum edge_class where;
	uint32_t offset; /* CLASS_INSIDE */
};

struct edges {
	uint32_t *words;
	size_t n_words;
	uint64_t *begins; /* by group */
	uint32_t *masks;
	bool open; /* the last block has an edge */
	struct pages pages[3];
};

struct edges_cursor {
	const uint32_t *at; /* NULL = no more */
};

void edges_init(struct edges *edges, size_t n_blocks);
void edges_free(struct edges *edges);

/* Before a block's edges; blocks in ascending order, each of them. */
static inline void edges_begin(struct edges *edges, uint32_t block)
{
	if (block % EDGE_GROUP == 0)
		edges->begins[block / EDGE_GROUP] = edges->n_words;
	edges->open = false;
}

static inline void edges_add(struct edges *edges, uint32_t block, struct edge edge)
{
	if ((edges->n_words + 2) * sizeof(*edges->words) > edges->pages[0].n_bytes)
		edges->words = pages_grow(&edges->pages[0], (edges->n_words + 2) * sizeof(*edges->words));
	edges->words[edges->n_words++] = edge.target | (uint32_t)edge.where << EDGE_INDEX_BITS;
	if (edge.where == CLASS_INSIDE)
		edges->words[edges->n_words++] = edge.offset;
	edges->masks[block / EDGE_GROUP] |= UINT32_C(1) << block % EDGE_GROUP;
	edges->open = true;
}

static inline void edges_end(struct edges *edges)
{
	if (edges->open)
		edges->words[edges->n_words - 1] |= EDGE_LAST;
}

static inline bool edges_any(const struct edges *edges, uint32_t block)
{
	return edges->masks[block / EDGE_GROUP] >> block % EDGE_GROUP & 1;
}

static inline struct edges_cursor edges_of(const struct edges *edges, uint32_t block)
{
	uint32_t mask = edges->masks[block / EDGE_GROUP];
	int n_before = __builtin_popcount(mask & ((UINT32_C(1) << block % EDGE_GROUP) - 1));
	const uint32_t *at;

	if (!(mask >> block % EDGE_GROUP & 1))
		return (struct edges_cursor){NULL};
	at = edges->words + edges->begins[block / EDGE_GROUP];
	while (n_before > 0)
		n_before -= (int)(*at++ >> 31);
	return (struct edges_cursor){at};
}

/* The cursor must not be at its end. */
static inline struct edge edges_next(struct edges_cursor *cursor)
{
	uint32_t word = *cursor->at++;
	struct edge edge = {.target = word & ((UINT32_C(1) << EDGE_INDEX_BITS) - 1),
			    .where = (enum edge_class)(word >> EDGE_INDEX_BITS & 3)};

	if (edge.where == CLASS_INSIDE) {
		word = *cursor->at++;
		edge.offset = word & EDGE_OFFSET_MAX;
	}
	if (word & EDGE_LAST)
		cursor->at = NULL;
	return edge;
}

#endif
