#include "cli/scan/edges.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>

void edges_init(struct edges *edges, size_t n_blocks)
{
	size_t n_groups = n_blocks / EDGE_GROUP + 1;

	*edges = (struct edges){0};
	edges->lists = pages_alloc(&edges->pages[0], n_groups * sizeof(*edges->lists));
	edges->begins = pages_alloc(&edges->pages[1], n_groups * sizeof(*edges->begins));
	edges->masks = pages_alloc(&edges->pages[2], n_groups * sizeof(*edges->masks));
	edges->has_long = pages_alloc(&edges->pages[3], n_groups * sizeof(*edges->has_long));
}

void edges_free(struct edges *edges)
{
	for (size_t i = 0; i < edges->n_runs; i++)
		pages_free(&edges->runs[i].pages);
	for (int i = 0; i < 4; i++)
		pages_free(&edges->pages[i]);
	free(edges->runs);
	free(edges->longs.items);
	*edges = (struct edges){0};
}

/* ---- making them */

static void add_long(struct edges_longs *longs, struct edges_long item)
{
	longs->items = xgrow(longs->items, &longs->cap, longs->n + 1, sizeof(*longs->items));
	longs->items[longs->n++] = item;
}

void edges_part(struct edges_part *part, const struct edges *whole)
{
	*part = (struct edges_part){.whole = whole};
}

void edges_add_long(struct edges_part *part, uint32_t block, uint64_t end)
{
	add_long(&part->longs, (struct edges_long){end, block});
	part->whole->has_long[block / EDGE_GROUP] = 1;
}

void edges_join(struct edges *whole, struct edges_part *part, size_t first, size_t end)
{
	for (size_t group = first / EDGE_GROUP; group * EDGE_GROUP < end; group++) {
		if (whole->masks[group])
			whole->lists[group] = part->run.words + whole->begins[group];
		whole->begins[group] += whole->n_words;
	}
	for (size_t i = 0; i < part->longs.n; i++)
		add_long(&whole->longs,
			 (struct edges_long){whole->n_words + part->longs.items[i].end, part->longs.items[i].block});
	free(part->longs.items);
	if (part->run.n_words == 0) {
		pages_free(&part->run.pages);
	} else {
		whole->runs = xgrow(whole->runs, &whole->cap_runs, whole->n_runs + 1, sizeof(*whole->runs));
		whole->runs[whole->n_runs++] = part->run;
		whole->n_words += part->run.n_words;
	}
	*part = (struct edges_part){0};
}

/* ---- finding them */

/* How many of the long lists are of blocks before `block`. */
static size_t longs_before(const struct edges_longs *longs, uint32_t block)
{
	size_t low = 0, high = longs->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (longs->items[middle].block < block)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const uint32_t *edges_past_long(const struct edges *edges, uint32_t block, uint32_t *before)
{
	uint32_t group = block / EDGE_GROUP;
	size_t n = longs_before(&edges->longs, block);
	const struct edges_long *last = n > 0 ? &edges->longs.items[n - 1] : NULL;

	if (!last || last->block / EDGE_GROUP != group)
		return edges->lists[group];
	*before &= ~((UINT32_C(2) << last->block % EDGE_GROUP) - 1);
	return edges->lists[group] + (last->end - edges->begins[group]);
}
