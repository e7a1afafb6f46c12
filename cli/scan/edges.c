#include "cli/scan/edges.h"

void edges_init(struct edges *edges, size_t n_blocks)
{
	size_t n_groups = n_blocks / EDGE_GROUP + 1;

	*edges = (struct edges){0};
	edges->words = pages_alloc(&edges->pages[0], 4096);
	edges->begins = pages_alloc(&edges->pages[1], n_groups * sizeof(*edges->begins));
	edges->masks = pages_alloc(&edges->pages[2], n_groups * sizeof(*edges->masks));
}

void edges_free(struct edges *edges)
{
	for (int i = 0; i < 3; i++)
		pages_free(&edges->pages[i]);
	*edges = (struct edges){0};
}
