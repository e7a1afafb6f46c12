#include "cli/scan/mark.h"

#include "cli/scan/heuristics.h"

#define REACHED (STATE_REACHABLE | STATE_POSSIBLE)

/* How many blocks ahead the memory is asked for: first what tells where the edges are, then the edges. */
#define AHEAD_GROUP 24u
#define AHEAD_EDGES 12u

static void prefetch(const struct graph *graph, const struct queue *queue)
{
	const struct edges *edges = &graph->edges;

	if (queue->n > AHEAD_GROUP) {
		uint32_t group = queue_peek(queue, AHEAD_GROUP) / EDGE_GROUP;

		__builtin_prefetch(&edges->lists[group]);
		__builtin_prefetch(&edges->masks[group]);
	}
	if (queue->n > AHEAD_EDGES)
		__builtin_prefetch(edges->lists[queue_peek(queue, AHEAD_EDGES) / EDGE_GROUP]);
}

void mark_flood(struct graph *graph, struct queue *queue,
		bool (*visit)(struct graph *graph, uint32_t from, const struct edge *edge))
{
	while (queue->n) {
		uint32_t from;
		struct edges_cursor cursor;

		prefetch(graph, queue);
		from = queue_pop(queue);
		cursor = edges_of(&graph->edges, from);
		while (cursor.at) {
			struct edge edge = edges_next(&cursor);

			if (visit(graph, from, &edge) && edges_any(&graph->edges, edge.target))
				queue_push(queue, edge.target);
		}
	}
}

static bool visit_reachable(struct graph *graph, uint32_t from, const struct edge *edge)
{
	uint8_t *state = &graph->blocks->state[edge->target];
	bool strong;

	if (*state & STATE_REACHABLE)
		return false;
	strong = heuristics_strong(graph, edge);
	if (!strong && *state & STATE_POSSIBLE)
		return false;
	*state = strong ? STATE_REACHABLE : STATE_POSSIBLE;
	graph->blocks->link[edge->target] = from;
	if (!strong)
		queue_push(&graph->weak, edge->target);
	return strong;
}

static bool visit_possible(struct graph *graph, uint32_t from, const struct edge *edge)
{
	uint8_t *state = &graph->blocks->state[edge->target];

	if (*state & REACHED)
		return false;
	*state = STATE_POSSIBLE;
	graph->blocks->link[edge->target] = from;
	return true;
}

/* What was only possible becomes reachable by a pointer to its start; any pointer will do for what was lost. */
static bool visit_ignored(struct graph *graph, uint32_t from, const struct edge *edge)
{
	uint8_t *state = &graph->blocks->state[edge->target];

	if (*state & STATE_REACHABLE || (*state & STATE_POSSIBLE && !heuristics_strong(graph, edge)))
		return false;
	*state = STATE_REACHABLE | STATE_IGNORED;
	graph->blocks->link[edge->target] = from;
	return true;
}

void mark_reached(struct graph *graph)
{
	size_t n;

	mark_flood(graph, &graph->strong, visit_reachable);
	for (n = graph->weak.n; n > 0; n--) { /* what was found to be reachable since is done */
		uint32_t block = queue_pop(&graph->weak);

		if (!(graph->blocks->state[block] & STATE_REACHABLE))
			queue_push(&graph->weak, block);
	}
	mark_flood(graph, &graph->weak, visit_possible);
	mark_flood(graph, &graph->ignored, visit_ignored);
}

/* Takes note of a lost block that something leads to after all. */
static void reach_tagged(struct graph *graph, uint32_t block)
{
	uint8_t *state = &graph->blocks->state[block];

	if (*state & (REACHED | STATE_TAGGED))
		return;
	*state |= STATE_TAGGED;
	queue_push(&graph->strong, block);
}

/* Position of the first tagged pointer of this source or a later one; they are in order, those of roots last. */
static size_t first_tag(const struct graph *graph, uint32_t source)
{
	size_t low = 0, high = graph->tags.n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (graph->tags.items[mid].source < source)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void follow_tagged(struct graph *graph)
{
	while (graph->strong.n) {
		uint32_t from = queue_pop(&graph->strong);
		struct edges_cursor cursor = edges_of(&graph->edges, from);

		while (cursor.at)
			reach_tagged(graph, edges_next(&cursor).target);
		for (size_t i = first_tag(graph, from); i < graph->tags.n && graph->tags.items[i].source == from; i++)
			reach_tagged(graph, graph->tags.items[i].target);
	}
}

void mark_tagged(struct graph *graph)
{
	for (size_t i = 0; i < graph->tags.n; i++) {
		uint32_t source = graph->tags.items[i].source;

		if (source == UINT32_MAX || graph->blocks->state[source] & REACHED)
			reach_tagged(graph, graph->tags.items[i].target);
	}
	follow_tagged(graph);
}
