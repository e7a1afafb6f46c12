/* A scan in the making: the blocks, what points to what, and what is known of the insides of blocks. */
#ifndef CLI_SCAN_GRAPH_H
#define CLI_SCAN_GRAPH_H

#include "cli/base/crew.h"
#include "cli/scan/blocks.h"
#include "cli/scan/edges.h"
#include "cli/scan/maps.h"
#include "cli/scan/memory.h"
#include "cli/scan/queue.h"
#include "cli/scan/scan.h"

/* A place inside of an object that points to a vtable, as the object's start does: multiple inheritance. */
struct inner {
	uint32_t block;
	uint32_t offset;
};

/* A word that would be a pointer to the start of `target` but for its tag bits. */
struct tag {
	uint32_t source; /* UINT32_MAX = a root */
	uint32_t target;
};

/* By block, then offset. */
struct inners {
	struct inner *items;
	size_t n, cap;
};

/* By source. */
struct tags {
	struct tag *items;
	size_t n, cap;
};

struct graph {
	const struct scan_memory *memory;
	const struct maps *maps;
	struct scan_result *result; /* its blocks; roots are added to it */
	struct blocks *blocks;
	struct edges edges;
	bool glibc; /* the allocator is */
	struct inners inners;
	struct tags tags;
	struct queue strong, weak; /* blocks whose edges are to be followed */
	struct queue ignored;      /* … after those */
	uint32_t leader;
	uint64_t vtable_low, vtable_high; /* where files are mapped */
	struct crew_wait beside;          /* what is to be done while other threads read */
};

/* Takes the result's blocks, sealed. All pointers are borrowed. */
struct graph *graph_new(const struct scan_memory *memory, const struct maps *maps, struct scan_result *result,
			bool glibc);
void graph_free(struct graph *graph);

/* Who is to read so much. */
struct crew graph_crew(const struct graph *graph, uint64_t n_bytes);

/* Behind what there is. The lists are freed. */
void graph_add_inners(struct graph *graph, struct inners *inners);
void graph_add_tags(struct graph *graph, struct tags *tags);

/* Marks a block that the program wants ignored, before any other; `range` stands for all of them. */
void graph_ignore(struct graph *graph, uint32_t block, uint32_t range);

/* Marks a block that a root holds. */
void graph_hold(struct graph *graph, uint32_t block, bool strong, uint32_t range, uint64_t addr);

#endif
