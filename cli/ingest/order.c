#include "cli/ingest/order.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* Of memory that empty queues keep: all together, and each at least. */
#define KEEP_WORDS       ((size_t)1 << 20)
#define KEEP_WORDS_LEAST 8192u

/* A payload, in the words of a queue. */
struct cut {
	size_t from; /* what is before was delivered earlier */
	size_t end;
	bool whole; /* as of struct decode_payload */
};

struct queue {
	struct decode_state decode; /* its time is that of the record at the head */
	uint64_t *words;
	size_t begin, head, tail, cap; /* begin: of the payload that head is in */
	struct cut *cuts;              /* a bad record costs the rest of its payload, not more */
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

/* Delivers from word `at` up to the limit; returns where it stopped: at the end if the rest is bad. */
static size_t deliver(struct order *order, uint32_t stream, const struct decode_payload *payload, size_t at,
		      uint64_t limit)
{
	bool bad;
	size_t end = decode_run(&order->queues[stream].decode, stream, payload, at, limit, &order->sink, &bad);

	if (bad) {
		order->bad_bytes += (payload->n_words - end) * 8;
		end = payload->n_words;
	}
	return end;
}

/* Moves what is left of a queue, with the whole of the payload that is being decoded, to the begin of its memory. */
static void move_up(struct queue *q)
{
	memmove(q->words, q->words + q->begin, (q->tail - q->begin) * sizeof(*q->words));
	for (size_t i = q->first_cut; i < q->n_cuts; i++)
		q->cuts[i - q->first_cut] =
			(struct cut){q->cuts[i].from - q->begin, q->cuts[i].end - q->begin, q->cuts[i].whole};
	q->n_cuts -= q->first_cut;
	q->first_cut = 0;
	q->head -= q->begin;
	q->tail -= q->begin;
	q->begin = 0;
}

void order_push(struct order *order, uint32_t stream, const struct decode_payload *payload, size_t from)
{
	struct queue *q = queue_of(order, stream);
	size_t n_words = payload->n_words;
	bool was_empty = q->head == q->tail;

	if (n_words <= from)
		return;
	if (q->begin > 0 && q->tail + n_words > q->cap)
		move_up(q);
	q->words = xgrow(q->words, &q->cap, q->tail + n_words, sizeof(*q->words));
	memcpy(q->words + q->tail, payload->words, n_words * sizeof(*payload->words));
	q->cuts = xgrow(q->cuts, &q->cap_cuts, q->n_cuts + 1, sizeof(*q->cuts));
	q->cuts[q->n_cuts++] = (struct cut){q->tail + from, q->tail + n_words, payload->whole};
	q->tail += n_words;
	order->backlog += (n_words - from) * 8;
	if (!was_empty)
		return;
	q->head = q->cuts[q->first_cut].from;
	heap_add(order, stream);
}

static void emptied(const struct order *order, struct queue *q)
{
	size_t keep = KEEP_WORDS / order->n_queues;

	q->begin = q->head = q->tail = 0;
	q->first_cut = q->n_cuts = 0;
	if (q->cap > (keep > KEEP_WORDS_LEAST ? keep : KEEP_WORDS_LEAST)) {
		free(q->words);
		q->words = NULL;
		q->cap = 0;
	}
}

static struct decode_payload payload_of(const struct queue *q)
{
	const struct cut *cut = &q->cuts[q->first_cut];

	return (struct decode_payload){q->words + q->begin, cut->end - q->begin, cut->whole};
}

/* Delivers what the queue has up to the limit, payload by payload. */
static void run_queue(struct order *order, uint32_t stream, uint64_t limit)
{
	struct queue *q = &order->queues[stream];

	while (q->head < q->tail && q->decode.time <= limit) {
		struct decode_payload payload = payload_of(q);
		size_t from = q->head - q->begin, to = deliver(order, stream, &payload, from, limit);

		q = &order->queues[stream];
		q->head += to - from;
		order->backlog -= (to - from) * 8;
		if (to < payload.n_words)
			continue;
		q->begin = q->head;
		if (++q->first_cut < q->n_cuts)
			q->head = q->cuts[q->first_cut].from;
	}
	if (q->head == q->tail)
		emptied(order, q);
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
	for (size_t i = 0; i < order->n_heap; i++) {
		struct queue *q = &order->queues[order->heap[i]];
		struct decode_payload payload = payload_of(q);

		decode_drop(&q->decode, order->heap[i], &payload, &order->sink);
		emptied(order, q);
	}
	order->n_heap = 0;
	order->backlog = 0;
}

void order_through(struct order *order, uint32_t stream, const struct decode_payload *payload, size_t from)
{
	if (order->n_heap > 0)
		order_flush(order);
	queue_of(order, stream);
	deliver(order, stream, payload, from, UINT64_MAX);
}

size_t order_backlog(const struct order *order)
{
	return order->backlog;
}

uint64_t order_bad_bytes(const struct order *order)
{
	return order->bad_bytes;
}
