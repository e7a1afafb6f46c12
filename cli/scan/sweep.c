#include "cli/scan/sweep.h"

#include "cli/base/xalloc.h"
#include "cli/scan/heuristics.h"
#include "cli/scan/sweeper.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define LARGE_BYTES ((size_t)128 << 10) /* a block of this size is read by itself */
#define MERGE_BYTES 512u                /* a gap between blocks that costs less to read than another piece */
#define SEGMENTS    4u                  /* for each thread: some take longer than others */

static void sweep_block(struct sweeper *sweeper, const struct source *source, const uint64_t *words, size_t n_words)
{
	struct edge edge = {0}, last = {.target = source->block};

	for (size_t i = 0; i < n_words; i++) {
		if (!sweeper_may_be_pointer(sweeper, source, words[i]) ||
		    !sweeper_resolve(sweeper->graph, source, source->addr + i * 8, words[i], &edge) ||
		    edge.target == source->block ||
		    (edge.target == last.target && edge.where == last.where && edge.where != CLASS_INSIDE))
			continue;
		edges_add(&sweeper->edges, edge);
		last = edge;
	}
}

/* How much of a block is read: whole words. */
static uint64_t block_bytes(const struct blocks *blocks, uint32_t block)
{
	uint64_t size = blocks_size(blocks, block);

	if (block + 1 < blocks->n && size > blocks_addr(blocks, block + 1) - blocks_addr(blocks, block))
		size = blocks_addr(blocks, block + 1) - blocks_addr(blocks, block);
	return size & ~UINT64_C(7);
}

static struct source block_source(const struct blocks *blocks, uint32_t block)
{
	uint64_t addr = blocks_addr(blocks, block);

	/* Large free chunks have four list words, others two. */
	return (struct source){.block = block,
			       .addr = addr,
			       .allocator_words_end = addr + (blocks_size(blocks, block) >= 1000 ? 32 : 16)};
}

static void sweep_large(struct sweeper *sweeper, uint32_t block)
{
	const struct graph *graph = sweeper->graph;
	struct source source = block_source(graph->blocks, block);
	uint64_t start = source.addr, end = start + block_bytes(graph->blocks, block), addr = start;

	edges_begin(&sweeper->edges, block);
	while (addr < end) {
		uint64_t from = memory_touched(graph->memory, addr, end);
		size_t n_bytes = end - from < SWEEPER_BYTES ? end - from : SWEEPER_BYTES;

		addr = from + n_bytes;
		if (n_bytes == 0)
			break;
		sweeper->n_unreadable += memory_read_at(graph->memory, from, sweeper->buf, n_bytes);
		sweeper->n_bytes += n_bytes;
		heuristics_note(sweeper, block, sweeper->buf, n_bytes / 8, (from - start) / 8);
		source.addr = from;
		sweep_block(sweeper, &source, sweeper->buf, n_bytes / 8);
	}
	edges_end(&sweeper->edges);
}

/* Consecutive small blocks, read with one call. */
struct batch {
	uint32_t first, end;
	struct iovec pieces[MEMORY_PIECES_MAX];
	size_t n_pieces, n_bytes;
	uint64_t piece_end; /* address */
};

/* Where in the buffer this block comes, if it fits; SIZE_MAX if it does not. Adds a piece, or to the last one. */
static size_t batch_add(struct batch *batch, uint64_t addr, size_t n_bytes)
{
	uint64_t gap = batch->n_pieces ? addr - batch->piece_end : UINT64_MAX;
	struct iovec *piece;
	size_t at;

	if (n_bytes == 0)
		return batch->n_bytes;
	if (gap > MERGE_BYTES) {
		if (batch->n_pieces == MEMORY_PIECES_MAX || batch->n_bytes + n_bytes > SWEEPER_BYTES)
			return SIZE_MAX;
		batch->pieces[batch->n_pieces++] = (struct iovec){(void *)(uintptr_t)addr, 0};
		gap = 0;
	} else if (batch->n_bytes + gap + n_bytes > SWEEPER_BYTES) {
		return SIZE_MAX;
	}
	piece = &batch->pieces[batch->n_pieces - 1];
	piece->iov_len += gap + n_bytes;
	at = batch->n_bytes + gap;
	batch->n_bytes = at + n_bytes;
	batch->piece_end = addr + n_bytes;
	return at;
}

static void sweep_batch(struct sweeper *sweeper, struct batch *batch)
{
	const struct blocks *blocks = sweeper->graph->blocks;
	struct batch again = {.first = batch->first};

	sweeper->n_unreadable += memory_read(sweeper->graph->memory, batch->pieces, batch->n_pieces, sweeper->buf);
	sweeper->n_bytes += batch->n_bytes;
	for (uint32_t b = batch->first; b < batch->end; b++) {
		struct source source = block_source(blocks, b);
		size_t n_bytes = block_bytes(blocks, b);
		const uint64_t *words = sweeper->buf + batch_add(&again, source.addr, n_bytes) / 8;

		edges_begin(&sweeper->edges, b);
		heuristics_note(sweeper, b, words, n_bytes / 8, 0);
		sweep_block(sweeper, &source, words, n_bytes / 8);
		edges_end(&sweeper->edges);
	}
}

static void sweep_blocks(struct sweeper *sweeper, uint32_t b, uint32_t end)
{
	const struct blocks *blocks = sweeper->graph->blocks;

	while (b < end) {
		struct batch batch = {.first = b};

		for (; b < end; b++) {
			uint64_t n_bytes = block_bytes(blocks, b);

			if (n_bytes > LARGE_BYTES || batch_add(&batch, blocks_addr(blocks, b), n_bytes) == SIZE_MAX)
				break;
		}
		batch.end = b;
		if (batch.end > batch.first)
			sweep_batch(sweeper, &batch);
		if (b < end && block_bytes(blocks, b) > LARGE_BYTES)
			sweep_large(sweeper, b++);
	}
}

/* ---- by several threads, each of which takes the next segment when it is done with one */

/* Whole groups of blocks, and what was found in them. */
struct segment {
	uint32_t first, end;
	struct edges_part edges;
	struct inners inners;
	struct tags tags;
};

struct heap_sweep {
	struct graph *graph;
	struct segment segments[CREW_MAX * SEGMENTS];
	unsigned n_segments;
	_Atomic unsigned next;
	struct sweeper *sweepers[CREW_MAX];
};

static void take_segments(void *ctx, unsigned member)
{
	struct heap_sweep *sweep = ctx;
	struct sweeper *sweeper = sweep->sweepers[member] = sweeper_new(sweep->graph);
	unsigned i;

	while ((i = atomic_fetch_add(&sweep->next, 1)) < sweep->n_segments) {
		struct segment *segment = &sweep->segments[i];

		edges_part(&sweeper->edges, &sweep->graph->edges);
		sweep_blocks(sweeper, segment->first, segment->end);
		segment->edges = sweeper->edges;
		segment->inners = sweeper->inners;
		segment->tags = sweeper->tags;
		sweeper->inners = (struct inners){0};
		sweeper->tags = (struct tags){0};
	}
}

static void join(struct graph *graph, struct segment *segment)
{
	edges_join(&graph->edges, &segment->edges, segment->first, segment->end);
	graph_add_inners(graph, &segment->inners);
	graph_add_tags(graph, &segment->tags);
}

/* As they were asked for. */
static uint64_t sum_bytes(const struct blocks *blocks, uint32_t first, uint32_t end)
{
	uint64_t sum = 0;

	for (uint32_t b = first; b < end; b++)
		sum += blocks->size[b]; /* where that says that it is a big one, it is big enough */
	return sum;
}

/* As many bytes in each segment as in the others, about. */
static void cut(struct heap_sweep *sweep, uint64_t n_bytes, unsigned n_segments)
{
	const uint32_t n = (uint32_t)sweep->graph->blocks->n;
	uint64_t done = 0;
	uint32_t first = 0;

	for (uint32_t b = 0; b < n; b += EDGE_GROUP) {
		uint32_t end = b + EDGE_GROUP < n ? b + EDGE_GROUP : n;

		done += sum_bytes(sweep->graph->blocks, b, end);
		if (end < n &&
		    (sweep->n_segments + 1 == n_segments || done < n_bytes / n_segments * (sweep->n_segments + 1)))
			continue;
		sweep->segments[sweep->n_segments++] = (struct segment){.first = first, .end = end};
		first = end;
	}
}

void sweep_heap(struct graph *graph)
{
	struct heap_sweep sweep = {.graph = graph};
	uint64_t n_bytes = sum_bytes(graph->blocks, 0, (uint32_t)graph->blocks->n);
	const struct crew crew = graph_crew(graph, n_bytes);

	cut(&sweep, n_bytes, crew.n > 1 ? crew.n * SEGMENTS : 1);
	crew_run(&crew, take_segments, &sweep);
	for (unsigned i = 0; i < sweep.n_segments; i++)
		join(graph, &sweep.segments[i]);
	for (unsigned i = 0; i < crew.n; i++) {
		graph->result->heap_bytes += sweep.sweepers[i]->n_bytes;
		graph->result->unreadable_heap_bytes += sweep.sweepers[i]->n_unreadable;
		sweeper_free(sweep.sweepers[i]);
	}
}
