#include "cli/scan/sweep.h"

#include "cli/base/xalloc.h"
#include "cli/scan/heuristics.h"
#include "common/compiler.h"

#include <stdlib.h>
#include <string.h>

#define BUFFER_BYTES ((size_t)256 << 10) /* stays in the second-level cache */
#define LARGE_BYTES  ((size_t)128 << 10) /* a block of this size is read by itself */
#define MERGE_BYTES  512u                /* a gap between blocks that costs less to read than another piece */
#define TAG_SHIFT    48

/* Where words are read from. */
struct source {
	uint32_t block; /* UINT32_MAX = a root */
	uint32_t range; /* … this one */
	uint64_t addr;
	uint64_t allocator_words_end; /* words at addresses below may be of the allocator's making … */
	bool trust_last_word;         /* … and others are not, whatever comes behind the block that they point to */
};

/* Offset of the next chunk's header from a block's start, were it that of a glibc block of this size. */
static inline uint64_t next_header(uint64_t size)
{
	uint64_t chunk = (size + 8 + 15) & ~UINT64_C(15);

	return (chunk < 32 ? 32 : chunk) - 16;
}

static MW_NOINLINE bool is_allocator_word(const struct graph *graph, const struct source *source, uint64_t addr,
					  uint64_t word)
{
	if (addr < source->allocator_words_end)
		return true;
	return !source->trust_last_word && blocks_at(graph->blocks, word + 16) == UINT32_MAX;
}

/* The inside of a block: which, and where. */
static bool resolve_inside(const struct graph *graph, const struct source *source, uint64_t addr, uint64_t word,
			   struct edge *edge)
{
	const struct blocks *blocks = graph->blocks;
	uint64_t offset = word - blocks_addr(blocks, edge->target), size = blocks_size(blocks, edge->target);

	if (offset >= size) {
		/* new T[0] of a T with a destructor has a count of 8 bytes, and the pointer is behind it. */
		edge->where = CLASS_START;
		return offset == 8 && size == 8 && blocks->flags[edge->target] & BLOCK_NEW_ARRAY;
	}
	if (graph->glibc && offset == next_header(size) && is_allocator_word(graph, source, addr, word))
		return false;
	edge->where = offset == 8 ? CLASS_8 : offset == 24 ? CLASS_24 : CLASS_INSIDE;
	edge->offset = offset < EDGE_OFFSET_MAX ? (uint32_t)offset : EDGE_OFFSET_MAX;
	return true;
}

/* `word` is in the range of blocks' addresses. */
static inline bool resolve(const struct graph *graph, const struct source *source, uint64_t addr, uint64_t word,
			   struct edge *edge)
{
	const struct blocks *blocks = graph->blocks;
	uint32_t item = blocks_page(blocks, word);

	if (!item)
		return false;
	if (MW_UNLIKELY(item & BLOCKS_COVERED)) {
		edge->target = item & ~BLOCKS_COVERED;
	} else {
		const struct blocks_line *line = &blocks->lines[item - 1];

		edge->target = blocks_rank(line, blocks_slot(blocks, word)) - 1;
		if (MW_LIKELY(blocks_begins(blocks, line, word))) {
			edge->where = CLASS_START;
			return true;
		}
		if (edge->target == UINT32_MAX)
			return false; /* below the first block */
	}
	return resolve_inside(graph, source, addr, word, edge);
}

/* A word with tag bits in the upper 16; those in the lower 3 make it a pointer into the inside, which counts anyway. */
static MW_NOINLINE void note_tag(struct graph *graph, const struct source *source, uint64_t word)
{
	uint32_t target = blocks_at(graph->blocks, (word & ((UINT64_C(1) << TAG_SHIFT) - 1)) & ~UINT64_C(7));

	if (target == UINT32_MAX || target == source->block)
		return;
	graph->tags = xgrow(graph->tags, &graph->cap_tags, graph->n_tags + 1, sizeof(*graph->tags));
	graph->tags[graph->n_tags++] = (struct tag){source->block, target};
}

static inline bool may_be_pointer(struct graph *graph, const struct source *source, uint64_t word)
{
	const struct blocks *blocks = graph->blocks;

	if (blocks_may_hold(blocks, word))
		return true;
	if (MW_UNLIKELY(word >> TAG_SHIFT) && blocks_may_hold(blocks, word & ((UINT64_C(1) << TAG_SHIFT) - 1)))
		note_tag(graph, source, word);
	return false;
}

static void sweep_block(struct graph *graph, const struct source *source, const uint64_t *words, size_t n_words)
{
	struct edge edge = {0}, last = {.target = source->block};

	for (size_t i = 0; i < n_words; i++) {
		if (!may_be_pointer(graph, source, words[i]) ||
		    !resolve(graph, source, source->addr + i * 8, words[i], &edge) || edge.target == source->block ||
		    (edge.target == last.target && edge.where == last.where && edge.where != CLASS_INSIDE))
			continue;
		edges_add(&graph->edges, source->block, edge);
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

static void sweep_large(struct graph *graph, uint32_t block, uint64_t *buf)
{
	struct source source = block_source(graph->blocks, block);
	uint64_t start = source.addr, end = start + block_bytes(graph->blocks, block), addr = start;

	edges_begin(&graph->edges, block);
	while (addr < end) {
		uint64_t from = memory_touched(graph->memory, addr, end);
		size_t n_bytes = end - from < BUFFER_BYTES ? end - from : BUFFER_BYTES;

		addr = from + n_bytes;
		if (n_bytes == 0)
			break;
		graph->result->unreadable_heap_bytes += memory_read_at(graph->memory, from, buf, n_bytes);
		graph->result->heap_bytes += n_bytes;
		heuristics_note(graph, block, buf, n_bytes / 8, (from - start) / 8);
		source.addr = from;
		sweep_block(graph, &source, buf, n_bytes / 8);
	}
	edges_end(&graph->edges);
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
		if (batch->n_pieces == MEMORY_PIECES_MAX || batch->n_bytes + n_bytes > BUFFER_BYTES)
			return SIZE_MAX;
		batch->pieces[batch->n_pieces++] = (struct iovec){(void *)(uintptr_t)addr, 0};
		gap = 0;
	} else if (batch->n_bytes + gap + n_bytes > BUFFER_BYTES) {
		return SIZE_MAX;
	}
	piece = &batch->pieces[batch->n_pieces - 1];
	piece->iov_len += gap + n_bytes;
	at = batch->n_bytes + gap;
	batch->n_bytes = at + n_bytes;
	batch->piece_end = addr + n_bytes;
	return at;
}

static void sweep_batch(struct graph *graph, struct batch *batch, uint64_t *buf)
{
	const struct blocks *blocks = graph->blocks;
	struct batch again = {.first = batch->first};

	graph->result->unreadable_heap_bytes += memory_read(graph->memory, batch->pieces, batch->n_pieces, buf);
	graph->result->heap_bytes += batch->n_bytes;
	for (uint32_t b = batch->first; b < batch->end; b++) {
		struct source source = block_source(blocks, b);
		size_t n_bytes = block_bytes(blocks, b);
		const uint64_t *words = buf + batch_add(&again, source.addr, n_bytes) / 8;

		edges_begin(&graph->edges, b);
		heuristics_note(graph, b, words, n_bytes / 8, 0);
		sweep_block(graph, &source, words, n_bytes / 8);
		edges_end(&graph->edges);
	}
}

void sweep_heap(struct graph *graph)
{
	const struct blocks *blocks = graph->blocks;
	uint64_t *buf = xmalloc(BUFFER_BYTES);
	uint32_t b = 0;

	while (b < blocks->n) {
		struct batch batch = {.first = b};

		for (; b < blocks->n; b++) {
			uint64_t n_bytes = block_bytes(blocks, b);

			if (n_bytes > LARGE_BYTES || batch_add(&batch, blocks_addr(blocks, b), n_bytes) == SIZE_MAX)
				break;
		}
		batch.end = b;
		if (batch.end > batch.first)
			sweep_batch(graph, &batch, buf);
		if (b < blocks->n && block_bytes(blocks, b) > LARGE_BYTES)
			sweep_large(graph, b++, buf);
	}
	free(buf);
}

static void sweep_root_words(struct graph *graph, const struct source *source, const uint64_t *words, size_t n_words)
{
	struct edge edge = {0};

	for (size_t i = 0; i < n_words; i++) {
		uint64_t addr = source->addr + i * 8;

		if (may_be_pointer(graph, source, words[i]) && resolve(graph, source, addr, words[i], &edge))
			graph_hold(graph, edge.target, heuristics_strong(graph, &edge), source->range, addr);
	}
}

static void sweep_range(struct graph *graph, uint32_t number, uint64_t *buf)
{
	struct scan_range range = graph->result->ranges[number];
	struct source source = {.block = UINT32_MAX,
				.range = number,
				.allocator_words_end = range.allocator_words ? UINT64_MAX : 0,
				.trust_last_word = true};
	uint64_t addr = (range.start + 7) & ~UINT64_C(7), end = range.end & ~UINT64_C(7);

	while (addr < end) {
		uint64_t from = range.touched_only ? memory_touched(graph->memory, addr, end) : addr;
		size_t n_bytes = end - from < BUFFER_BYTES ? end - from : BUFFER_BYTES, n_unreadable = 0;

		addr = from + n_bytes;
		if (n_bytes == 0)
			break;
		if (range.bytes)
			memcpy(buf, range.bytes + from, n_bytes);
		else
			n_unreadable = memory_read_at(graph->memory, from, buf, n_bytes);
		if (!range.of_file)
			graph->result->unreadable_root_bytes += n_unreadable;
		graph->result->root_bytes += n_bytes;
		source.addr = from;
		sweep_root_words(graph, &source, buf, n_bytes / 8);
	}
}

/* Blocks that are roots themselves hang on a root that stands for all of their kind. */
static void hold_by_nature(struct graph *graph, uint32_t range, enum scan_root_kind kind)
{
	const struct blocks *blocks = graph->blocks;
	unsigned flag = kind == SCAN_ROOT_LOADER      ? BLOCK_ROOT
			: kind == SCAN_ROOT_ALLOCATOR ? BLOCK_ALLOCATOR
						      : BLOCK_INHERITED;

	for (uint32_t b = 0; b < blocks->n; b++)
		if ((blocks->flags[b] & BLOCK_NATURE) == flag)
			graph_hold(graph, b, true, range, 0);
}

/* Before all roots: these are done with, and what they hold is looked at last (mark_reached). */
static void hold_ignored(struct graph *graph, uint32_t range)
{
	struct blocks *blocks = graph->blocks;

	for (uint32_t b = 0; b < blocks->n; b++)
		if ((blocks->flags[b] & BLOCK_NATURE) == BLOCK_IGNORED)
			graph_ignore(graph, b, range);
}

void sweep_roots(struct graph *graph)
{
	uint64_t *buf = xmalloc(BUFFER_BYTES);

	for (uint32_t i = 0; i < graph->result->n_ranges; i++)
		if (graph->result->ranges[i].kind == SCAN_ROOT_IGNORED)
			hold_ignored(graph, i);
	for (uint32_t i = 0; graph->blocks->n && i < graph->result->n_ranges; i++) {
		enum scan_root_kind kind = graph->result->ranges[i].kind;

		if (kind == SCAN_ROOT_IGNORED)
			continue;
		if (kind == SCAN_ROOT_LOADER || kind == SCAN_ROOT_ALLOCATOR || kind == SCAN_ROOT_INHERITED)
			hold_by_nature(graph, i, kind);
		else
			sweep_range(graph, i, buf);
	}
	free(buf);
}
