/*
 * What each thread of a sweep has for itself, and what it makes of a word. The graph is shared: nothing of it is
 * written but the flags of the blocks that a thread has been given.
 */
#ifndef CLI_SCAN_SWEEPER_H
#define CLI_SCAN_SWEEPER_H

#include "cli/scan/graph.h"
#include "cli/scan/pick.h"
#include "common/compiler.h"

#define SWEEPER_BYTES ((size_t)256 << 10) /* read at once: stays in the second-level cache */
#define VTABLE_CACHE  8192u

struct sweeper {
	struct graph *graph;
	pick_words *pick;
	uint64_t *buf;                  /* SWEEPER_BYTES */
	uint64_t n_bytes, n_unreadable; /* of what was to be read */
	struct edges_part edges;        /* of the blocks at hand */
	struct inners inners;           /* in them */
	struct tags tags;               /* among the words at hand */
	uint64_t vtables[VTABLE_CACHE]; /* address << 1 | whether it is one, direct-mapped */
};

/* Where words are read from. */
struct source {
	uint32_t block; /* UINT32_MAX = a root */
	uint64_t addr;
	uint64_t allocator_words_end; /* words at addresses below may be of the allocator's making … */
	bool trust_last_word;         /* … and others are not, whatever comes behind the block that they point to */
};

struct sweeper *sweeper_new(struct graph *graph);
void sweeper_free(struct sweeper *sweeper);

/* The inside of a block: which, and where. False: it is no pointer. */
bool sweeper_inside(const struct graph *graph, const struct source *source, uint64_t addr, uint64_t word,
		    struct edge *edge);

/* A word with tag bits in the upper 16; those in the lower 3 make it a pointer into the inside, which counts anyway. */
void sweeper_note_tag(struct sweeper *sweeper, const struct source *source, uint64_t word);

/* `word` is in the range of blocks' addresses. */
static inline bool sweeper_resolve(const struct graph *graph, const struct source *source, uint64_t addr, uint64_t word,
				   struct edge *edge)
{
	const struct blocks *blocks = graph->blocks;
	uint32_t item = blocks_page(blocks, word);

	if (!item)
		return false;
	if (MW_UNLIKELY(item & BLOCKS_COVERED)) {
		edge->target = item & ~BLOCKS_COVERED;
	} else {
		const struct blocks_line *line = &blocks->lines[item - 1];

		edge->target = blocks_rank(line, blocks_slot(blocks, word)) - 1;
		if (MW_LIKELY(blocks_begins(blocks, line, word))) {
			edge->where = CLASS_START;
			return true;
		}
		if (edge->target == UINT32_MAX)
			return false; /* below the first block */
	}
	return sweeper_inside(graph, source, addr, word, edge);
}

static inline bool sweeper_may_be_pointer(struct sweeper *sweeper, const struct source *source, uint64_t word)
{
	const struct blocks *blocks = sweeper->graph->blocks;

	if (blocks_may_hold(blocks, word))
		return true;
	if (MW_UNLIKELY(word >> BLOCKS_ADDR_BITS) && blocks_may_hold(blocks, blocks_untagged(word)))
		sweeper_note_tag(sweeper, source, word);
	return false;
}

#endif
