#include "cli/ingest/order.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define KEEP_WORDS 8192u /* a queue this small keeps its memory when it is empty */

struct queue {
	struct decode_state decode; /* its time is that of the record at the head */
	uint64_t *words;
	size_t head, tail, cap;
	size_t *cuts; /* ends of payloads: a bad record costs the rest of its payload, not more */
	size_t first_cut, n_cuts, cap_cuts;
};

struct order {
	struct decode_sink sink;
	struct queue *queues;
	size_t n_queues;
	uint32_t *heap; /* streams with records, by time: the least on top */
	size_t n_heap;
	size_t backlog;
	uint64_t bad_bytes;
};

struct order *order_new(const struct decode_sink *sink)
{
	struct order *order = xcalloc(1, sizeof(*order));

	order->sink = *sink;
	return order;
}

void order_free(struct order *order)
{
	if (!order)
		return;
	for (size_t i = 0; i < order->n_queues; i++) {
		free(order->queues[i].words);
		free(order->queues[i].cuts);
	}
	free(order->queues);
	free(order->heap);
	free(order);
}

static struct queue *queue_of(struct order *order, uint32_t stream)
{
	if (stream >= order->n_queues) {
		size_t old = order->n_queues, n = old ? old : 4;

		while (n <= stream)
			n *= 2;
		order->queues = xreallocarray(order->queues, n, sizeof(*order->queues));
		memset(order->queues + old, 0, (n - old) * sizeof(*order->queues));
		order->heap = xreallocarray(order->heap, n, sizeof(*order->heap));
		order->n_queues = n;
	}
	return &order->queues[stream];
}

static inline bool before(const struct order *order, uint32_t a, uint32_t b)
{
	uint64_t ta = order->queues[a].decode.time, tb = order->queues[b].decode.time;

	return ta < tb || (ta == tb && a < b);
}

static void heap_down(struct order *order, size_t at)
{
	uint32_t moving = order->heap[at];

	for (;;) {
		size_t child = at * 2 + 1;

		if (child + 1 < order->n_heap && before(order, order->heap[child + 1], order->heap[child]))
			child++;
		if (child >= order->n_heap || !before(order, order->heap[child], moving))
			break;
		order->heap[at] = order->heap[child];
		at = child;
	}
	order->heap[at] = moving;
}

static void heap_add(struct order *order, uint32_t stream)
{
	size_t at = order->n_heap++;

	while (at > 0 && before(order, stream, order->heap[(at - 1) / 2])) {
		order->heap[at] = order->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	order->heap[at] = stream;
}

static void heap_pop(struct order *order)
{
	order->heap[0] = order->heap[--order->n_heap];
	if (order->n_heap > 0)
		heap_down(order, 0);
}

/* Delivers from `words` up to the limit; returns the words used, bad ones included. */
static size_t deliver(struct order *order, uint32_t stream, const uint64_t *words, size_t n_words, uint64_t limit)
{
	bool bad;
	size_t used = decode_run(&order->queues[stream].decode, stream, words, n_words, limit, &order->sink, &bad);

	if (bad) {
		order->bad_bytes += (n_words - used) * 8;
		used = n_words;
	}
	return used;
}

void order_push(struct order *order, uint32_t stream, const uint64_t *words, size_t n_words)
{
	struct queue *q = queue_of(order, stream);
	size_t held = q->tail - q->head;

	if (n_words == 0)
		return;
	if (q->head > 0 && q->tail + n_words > q->cap) {
		memmove(q->words, q->words + q->head, held * sizeof(*q->words));
		for (size_t i = q->first_cut; i < q->n_cuts; i++)
			q->cuts[i - q->first_cut] = q->cuts[i] - q->head;
		q->n_cuts -= q->first_cut;
		q->first_cut = 0;
		q->head = 0;
		q->tail = held;
	}
	q->words = xgrow(q->words, &q->cap, q->tail + n_words, sizeof(*q->words));
	memcpy(q->words + q->tail, words, n_words * sizeof(*words));
	q->tail += n_words;
	q->cuts = xgrow(q->cuts, &q->cap_cuts, q->n_cuts + 1, sizeof(*q->cuts));
	q->cuts[q->n_cuts++] = q->tail;
	order->backlog += n_words * 8;
	if (held == 0)
		heap_add(order, stream);
}

static void emptied(struct queue *q)
{
	q->head = q->tail = 0;
	q->first_cut = q->n_cuts = 0;
	if (q->cap > KEEP_WORDS) {
		free(q->words);
		q->words = NULL;
		q->cap = 0;
	}
}

/* Delivers what the queue has up to the limit, payload by payload. */
static void run_queue(struct order *order, uint32_t stream, uint64_t limit)
{
	struct queue *q = &order->queues[stream];

	while (q->head < q->tail && q->decode.time <= limit) {
		size_t end = q->cuts[q->first_cut];
		size_t used = deliver(order, stream, q->words + q->head, end - q->head, limit);

		q = &order->queues[stream];
		q->head += used;
		order->backlog -= used * 8;
		if (q->head == end)
			q->first_cut++;
	}
	if (q->head == q->tail)
		emptied(q);
}

void order_merge(struct order *order, uint64_t watermark)
{
	if (watermark == 0)
		return;
	while (order->n_heap > 0) {
		uint32_t stream = order->heap[0];
		uint64_t limit = watermark - 1;

		if (order->queues[stream].decode.time > limit)
			break;
		/* It may go on until it has passed the next one, which is a child of the top. */
		for (size_t child = 1; child <= 2 && child < order->n_heap; child++)
			if (order->queues[order->heap[child]].decode.time < limit)
				limit = order->queues[order->heap[child]].decode.time;
		run_queue(order, stream, limit);
		if (order->queues[stream].head == order->queues[stream].tail)
			heap_pop(order);
		else
			heap_down(order, 0);
	}
}

void order_flush(struct order *order)
{
	order_merge(order, UINT64_MAX);
}

void order_discard(struct order *order)
{
	for (size_t i = 0; i < order->n_heap; i++)
		emptied(&order->queues[order->heap[i]]);
	order->n_heap = 0;
	order->backlog = 0;
}

void order_through(struct order *order, uint32_t stream, const uint64_t *words, size_t n_words)
{
	if (order->n_heap > 0)
		order_flush(order);
	queue_of(order, stream);
	deliver(order, stream, words, n_words, UINT64_MAX);
}

size_t order_backlog(const struct order *order)
{
	return order->backlog;
}

uint64_t order_bad_bytes(const struct order *order)
{
	return order->bad_bytes;
}
