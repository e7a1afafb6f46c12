#include "cli/scan/graph.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define SHARE_BYTES (2ul << 20) /* to read, for another thread */

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
	free(graph->inners.items);
	free(graph->tags.items);
	free(graph);
}

struct crew graph_crew(const struct graph *graph, uint64_t n_bytes)
{
	struct crew crew = {.n = 1};

	if (!graph->memory->by_many)
		return crew;
	crew.n = crew_size(n_bytes, SHARE_BYTES);
	if (n_bytes >= SHARE_BYTES)
		crew.wait = graph->beside;
	return crew;
}

/* Moves a list behind another one, which is returned. */
static void *moved(void *to, size_t *n, size_t *cap, void *from, size_t n_from, size_t item_bytes)
{
	if (n_from) {
		to = xgrow(to, cap, *n + n_from, item_bytes);
		memcpy((char *)to + *n * item_bytes, from, n_from * item_bytes);
		*n += n_from;
	}
	free(from);
	return to;
}

void graph_add_inners(struct graph *graph, struct inners *inners)
{
	struct inners *to = &graph->inners;

	to->items = moved(to->items, &to->n, &to->cap, inners->items, inners->n, sizeof(*to->items));
	*inners = (struct inners){0};
}

void graph_add_tags(struct graph *graph, struct tags *tags)
{
	struct tags *to = &graph->tags;

	to->items = moved(to->items, &to->n, &to->cap, tags->items, tags->n, sizeof(*to->items));
	*tags = (struct tags){0};
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
