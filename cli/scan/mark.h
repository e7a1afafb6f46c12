/* Follows the pointers from what the roots hold. */
#ifndef CLI_SCAN_MARK_H
#define CLI_SCAN_MARK_H

#include "cli/scan/graph.h"

/* Takes each block out of the queue and calls `visit` for each of its edges; true = its target's are to follow. */
void mark_flood(struct graph *graph, struct queue *queue,
		bool (*visit)(struct graph *graph, uint32_t from, const struct edge *edge));

/* After sweep_roots(): all that is reachable, then what is possibly so. */
void mark_reached(struct graph *graph);

/* After components_find(): lost blocks that tagged pointers in roots, in what is reached, or in such blocks lead to. */
void mark_tagged(struct graph *graph);

#endif
