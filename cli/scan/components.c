#include "cli/scan/components.h"

#include "cli/scan/mark.h"

#define REACHED (STATE_REACHABLE | STATE_POSSIBLE)

static bool visit_seen(struct graph *graph, uint32_t from, const struct edge *edge)
{
	uint8_t *state = &graph->blocks->state[edge->target];

	(void)from;
	if (*state & (REACHED | STATE_SEEN))
		return false;
	*state |= STATE_SEEN;
	return true;
}

static bool visit_led(struct graph *graph, uint32_t from, const struct edge *edge)
{
	uint8_t *state = &graph->blocks->state[edge->target];

	(void)from;
	if (*state & (REACHED | STATE_DEFINITE | STATE_INDIRECT))
		return false;
	*state |= STATE_INDIRECT;
	graph->blocks->link[edge->target] = graph->leader;
	return true;
}

void components_find(struct graph *graph)
{
	uint8_t *state = graph->blocks->state;

	for (uint32_t b = 0; b < graph->blocks->n; b++) {
		if (state[b] & (REACHED | STATE_SEEN))
			continue;
		state[b] |= STATE_SEEN | STATE_ORIGIN;
		queue_push(&graph->strong, b);
		mark_flood(graph, &graph->strong, visit_seen);
	}
	for (uint32_t b = (uint32_t)graph->blocks->n; b-- > 0;) {
		if (!(state[b] & STATE_ORIGIN) || state[b] & STATE_INDIRECT)
			continue;
		state[b] |= STATE_DEFINITE;
		graph->leader = b;
		queue_push(&graph->strong, b);
		mark_flood(graph, &graph->strong, visit_led);
	}
}
