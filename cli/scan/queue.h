/* A queue of block indices, first in, first out. */
#ifndef CLI_SCAN_QUEUE_H
#define CLI_SCAN_QUEUE_H

#include "cli/scan/pages.h"

#include <stdint.h>

struct queue {
	uint32_t *items; /* a ring */
	size_t head, n, mask;
	struct pages pages;
};

void queue_grow(struct queue *queue);
void queue_free(struct queue *queue);

static inline void queue_push(struct queue *queue, uint32_t item)
{
	if (queue->n >= queue->mask)
		queue_grow(queue);
	queue->items[(queue->head + queue->n++) & queue->mask] = item;
}

/* Must not be empty. */
static inline uint32_t queue_pop(struct queue *queue)
{
	uint32_t item = queue->items[queue->head & queue->mask];

	queue->head++;
	queue->n--;
	return item;
}

/* The item that is `ahead` of the first; there must be so many. */
static inline uint32_t queue_peek(const struct queue *queue, size_t ahead)
{
	return queue->items[(queue->head + ahead) & queue->mask];
}

#endif
