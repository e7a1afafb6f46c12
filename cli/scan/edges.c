#include "cli/scan/edges.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>

void edges_init(struct edges *edges, size_t n_blocks)
{
	size_t n_groups = n_blocks / EDGE_GROUP + 1;

	*edges = (struct edges){0};
	edges->words = pages_alloc(&edges->pages[0], 4096);
	edges->begins = pages_alloc(&edges->pages[1], n_groups * sizeof(*edges->begins));
	edges->masks = pages_alloc(&edges->pages[2], n_groups * sizeof(*edges->masks));
	edges->has_long = pages_alloc(&edges->pages[3], n_groups * sizeof(*edges->has_long));
}

void edges_free(struct edges *edges)
{
	for (int i = 0; i < 4; i++)
		pages_free(&edges->pages[i]);
	free(edges->longs);
	*edges = (struct edges){0};
}

void edges_add_long(struct edges *edges, uint32_t block, uint64_t end)
{
	edges->longs = xgrow(edges->longs, &edges->cap_longs, edges->n_longs + 1, sizeof(*edges->longs));
	edges->longs[edges->n_longs++] = (struct edges_long){end, block};
	edges->has_long[block / EDGE_GROUP] = 1;
}

/* How many of the long lists are of blocks before `block`. */
static size_t longs_before(const struct edges *edges, uint32_t block)
{
	size_t low = 0, high = edges->n_longs;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (edges->longs[middle].block < block)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const uint32_t *edges_past_long(const struct edges *edges, uint32_t block, uint32_t *before)
{
	size_t n = longs_before(edges, block);
	const struct edges_long *last = n > 0 ? &edges->longs[n - 1] : NULL;

	if (!last || last->block / EDGE_GROUP != block / EDGE_GROUP)
		return edges->words + edges->begins[block / EDGE_GROUP];
	*before &= ~((UINT32_C(2) << last->block % EDGE_GROUP) - 1);
	return edges->words + last->end;
}
