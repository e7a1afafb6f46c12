/*
 * What points to what between blocks: for each block, in order of index, the blocks that its words point to. Made in
 * one pass over the heap, so that the process is read once and stands still no longer than that takes.
 *
 * Four bytes per pointer, eight for one to an odd place inside of a block: a word of 29 bits of index and 2 of class,
 * then for CLASS_INSIDE the offset. The top bit ends a block's list. Per 32 blocks there is where the first list begins
 * and which of them have one; a list is found by going through those before it, from the last long one on.
 *
 * The blocks are swept by several threads: each makes lists for a part of the groups, and they are joined at the end.
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
#define EDGE_LONG       16u /* words; of a table of pointers it may be thousands */

struct edge {
	uint32_t target;
	enum edge_class where;
	uint32_t offset; /* CLASS_INSIDE */
};

/* Words that follow each other. */
struct edges_run {
	uint32_t *words;
	size_t n_words;
	struct pages pages;
};

struct edges_long {
	uint64_t end; /* of its list, as `begins` */
	uint32_t block;
};

/* By block. */
struct edges_longs {
	struct edges_long *items;
	size_t n, cap;
};

struct edges {
	struct edges_run *runs;
	size_t n_runs, cap_runs;
	size_t n_words; /* of all runs */
	/* By group. */
	const uint32_t **lists; /* where the first list begins … */
	uint64_t *begins;       /* … and which word of all that is */
	uint32_t *masks;
	uint8_t *has_long; /* whether a list of it is in `longs` */
	struct edges_longs longs;
	struct pages pages[4];
};

/* Lists of whole groups of blocks in the making. */
struct edges_part {
	const struct edges *whole;
	struct edges_run run;
	struct edges_longs longs;
	uint32_t block; /* the last one, whose list … */
	size_t begin;   /* … begins here */
};

struct edges_cursor {
	const uint32_t *at; /* NULL = no more */
};

void edges_init(struct edges *edges, size_t n_blocks);
void edges_free(struct edges *edges);

/* Begins a part. No other one has blocks of the same groups. */
void edges_part(struct edges_part *part, const struct edges *whole);

/* Ends it: it has the blocks of [first, end). Parts are joined in the order of their blocks. */
void edges_join(struct edges *whole, struct edges_part *part, size_t first, size_t end);

/* Before a block's edges; blocks in ascending order, each of them. */
static inline void edges_begin(struct edges_part *part, uint32_t block)
{
	if (block % EDGE_GROUP == 0)
		part->whole->begins[block / EDGE_GROUP] = part->run.n_words;
	part->block = block;
	part->begin = part->run.n_words;
}

/* The list of `block`, which ends at word `end`, is a long one. */
void edges_add_long(struct edges_part *part, uint32_t block, uint64_t end);

static inline void edges_add(struct edges_part *part, struct edge edge)
{
	struct edges_run *run = &part->run;

	if ((run->n_words + 2) * sizeof(*run->words) > run->pages.n_bytes)
		run->words = pages_grow(&run->pages, (run->n_words + 2) * sizeof(*run->words));
	run->words[run->n_words++] = edge.target | (uint32_t)edge.where << EDGE_INDEX_BITS;
	if (edge.where == CLASS_INSIDE)
		run->words[run->n_words++] = edge.offset;
}

static inline void edges_end(struct edges_part *part)
{
	size_t n_words = part->run.n_words - part->begin;

	if (n_words == 0)
		return;
	part->run.words[part->run.n_words - 1] |= EDGE_LAST;
	part->whole->masks[part->block / EDGE_GROUP] |= UINT32_C(1) << part->block % EDGE_GROUP;
	if (n_words >= EDGE_LONG)
		edges_add_long(part, part->block, part->run.n_words);
}

static inline bool edges_any(const struct edges *edges, uint32_t block)
{
	return edges->masks[block / EDGE_GROUP] >> block % EDGE_GROUP & 1;
}

/* Where the lists begin of the blocks in *before that come after the last one with a long list; *before is then those.
 */
const uint32_t *edges_past_long(const struct edges *edges, uint32_t block, uint32_t *before);

static inline struct edges_cursor edges_of(const struct edges *edges, uint32_t block)
{
	uint32_t group = block / EDGE_GROUP, mask = edges->masks[group];
	uint32_t before = mask & ((UINT32_C(1) << block % EDGE_GROUP) - 1);
	const uint32_t *at;
	int n_before;

	if (!(mask >> block % EDGE_GROUP & 1))
		return (struct edges_cursor){NULL};
	at = edges->has_long[group] ? edges_past_long(edges, block, &before) : edges->lists[group];
	n_before = __builtin_popcount(before);
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
