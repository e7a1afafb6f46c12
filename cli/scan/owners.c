/*
 * Who the lost blocks hang on when some are cut out. The order of the floods is that of components.c, so that without
 * a cut everything hangs on its leader.
 */
#include "cli/base/xalloc.h"
#include "cli/scan/blocks.h"
#include "cli/scan/edges.h"
#include "cli/scan/queue.h"
#include "cli/scan/scan.h"

#define REACHED (STATE_REACHABLE | STATE_POSSIBLE)

struct owners {
	const struct scan_result *result;
	const bool *cut;
	uint32_t *owner;
	struct queue queue;
};

static void own_all(struct owners *owners, uint32_t owner)
{
	const struct edges *edges = owners->result->edges;
	const uint8_t *state = owners->result->blocks->state;

	owners->owner[owner] = owner;
	queue_push(&owners->queue, owner);
	while (owners->queue.n) {
		struct edges_cursor cursor = edges_of(edges, queue_pop(&owners->queue));

		while (cursor.at) {
			uint32_t target = edges_next(&cursor).target;

			if (state[target] & REACHED || owners->cut[target] || owners->owner[target] != SCAN_NONE)
				continue;
			owners->owner[target] = owner;
			queue_push(&owners->queue, target);
		}
	}
}

uint32_t *scan_owners(const struct scan_result *result, const bool *cut)
{
	struct owners owners = {.result = result, .cut = cut};
	const uint8_t *state = result->blocks->state;

	owners.owner = xreallocarray(NULL, result->n_blocks + 1, sizeof(*owners.owner));
	for (size_t b = 0; b < result->n_blocks; b++)
		owners.owner[b] = SCAN_NONE;
	for (uint32_t b = (uint32_t)result->n_blocks; b-- > 0;)
		if (state[b] & STATE_DEFINITE && !cut[b])
			own_all(&owners, b);
	for (uint32_t b = (uint32_t)result->n_blocks; b-- > 0;)
		if (!(state[b] & REACHED) && cut[b])
			own_all(&owners, b);
	queue_free(&owners.queue);
	return owners.owner;
}
