#include "cli/scan/queue.h"

void queue_grow(struct queue *queue)
{
	size_t cap = queue->items ? (queue->mask + 1) * 2 : 1024;
	struct pages pages;
	uint32_t *items = pages_alloc(&pages, cap * sizeof(*items));

	for (size_t i = 0; i < queue->n; i++)
		items[i] = queue->items[(queue->head + i) & queue->mask];
	pages_free(&queue->pages);
	*queue = (struct queue){items, 0, queue->n, cap - 1, pages};
}

void queue_free(struct queue *queue)
{
	pages_free(&queue->pages);
	*queue = (struct queue){0};
}
