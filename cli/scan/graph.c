#include "cli/scan/graph.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>

struct graph *graph_new(const struct scan_memory *memory, const struct maps *maps, struct scan_result *result,
			bool glibc)
{
	struct graph *graph = xcalloc(1, sizeof(*graph));

	graph->memory = memory;
	graph->maps = maps;
	graph->result = result;
	graph->blocks = result->blocks;
	graph->glibc = glibc;
	edges_init(&graph->edges, result->blocks->n);
	graph->vtable_low = UINT64_MAX;
	for (size_t i = 0; i < maps->n; i++) {
		if (maps->items[i].inode == 0)
			continue;
		if (graph->vtable_high == 0)
			graph->vtable_low = maps->items[i].start;
		graph->vtable_high = maps->items[i].end;
	}
	return graph;
}

void graph_free(struct graph *graph)
{
	if (!graph)
		return;
	edges_free(&graph->edges);
	queue_free(&graph->strong);
	queue_free(&graph->weak);
	queue_free(&graph->ignored);
	free(graph->inners);
	free(graph->tags);
	free(graph);
}

static void set_root(struct graph *graph, uint32_t block, uint32_t range, uint64_t addr)
{
	struct scan_result *result = graph->result;

	graph->blocks->link[block] = (uint32_t)result->n_roots;
	result->roots = xgrow(result->roots, &result->cap_roots, result->n_roots + 1, sizeof(*result->roots));
	result->roots[result->n_roots++] = (struct scan_root){addr, range};
}

void graph_ignore(struct graph *graph, uint32_t block, uint32_t range)
{
	graph->blocks->state[block] = STATE_BY_ROOT | STATE_REACHABLE | STATE_IGNORED;
	set_root(graph, block, range, 0);
	if (edges_any(&graph->edges, block))
		queue_push(&graph->ignored, block);
}

void graph_hold(struct graph *graph, uint32_t block, bool strong, uint32_t range, uint64_t addr)
{
	uint8_t *state = &graph->blocks->state[block];

	if (*state & STATE_REACHABLE || (!strong && *state & STATE_POSSIBLE))
		return;
	*state = (uint8_t)(STATE_BY_ROOT | (strong ? STATE_REACHABLE : STATE_POSSIBLE));
	set_root(graph, block, range, addr);
	if (edges_any(&graph->edges, block))
		queue_push(strong ? &graph->strong : &graph->weak, block);
}
