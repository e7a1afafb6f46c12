/*
 * The roots are read by several threads, in pieces. What a word holds is only listed there; then the lists are gone
 * through in the order of the words, so that the outcome is that of one thread: the first to hold a block is the one
 * that is told of.
 */
#include "cli/base/xalloc.h"
#include "cli/scan/heuristics.h"
#include "cli/scan/sweep.h"
#include "cli/scan/sweeper.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define HOLDS_AHEAD 16

/* Of a range, or the blocks that are roots by nature. */
struct piece {
	uint32_t range;
	uint64_t addr;
	size_t n_bytes; /* 0: those blocks */
};

struct hold {
	uint64_t addr;
	uint32_t target;
	uint32_t piece : 31, strong : 1;
};

/* By one thread. */
struct holds {
	struct hold *items; /* ascending by piece */
	size_t n, cap, n_done;
	uint64_t *strong, *weak; /* bits by block: is in the list, and need not be there again */
	struct sweeper *sweeper;
};

struct roots_sweep {
	struct graph *graph;
	struct piece *pieces;
	size_t n_pieces, cap_pieces;
	_Atomic size_t next;
	struct holds holds[CREW_MAX];
};

/* ---- by each thread */

static bool set_bit(uint64_t *bits, uint32_t i)
{
	uint64_t bit = UINT64_C(1) << i % 64;
	bool was = bits[i / 64] & bit;

	bits[i / 64] |= bit;
	return was;
}

static void note_hold(const struct graph *graph, struct holds *holds, const struct edge *edge, uint64_t addr,
		      uint32_t piece)
{
	bool strong;

	if (holds->strong[edge->target / 64] >> edge->target % 64 & 1)
		return;
	strong = heuristics_strong(graph, edge);
	if (set_bit(strong ? holds->strong : holds->weak, edge->target))
		return;
	holds->items = xgrow(holds->items, &holds->cap, holds->n + 1, sizeof(*holds->items));
	holds->items[holds->n++] =
		(struct hold){.addr = addr, .target = edge->target, .piece = piece & INT32_MAX, .strong = strong};
}

static void sweep_words(struct sweeper *sweeper, struct holds *holds, const struct source *source, size_t n_words,
			uint32_t piece)
{
	uint16_t at[PICK_WORDS];
	struct edge edge = {0};

	for (size_t first = 0; first < n_words; first += PICK_WORDS) {
		const uint64_t *words = sweeper->buf + first;
		size_t n = n_words - first < PICK_WORDS ? n_words - first : PICK_WORDS;

		n = sweeper->pick(sweeper->graph->blocks, words, n, at);
		for (size_t k = 0; k < n; k++) {
			uint64_t word = words[at[k]], addr = source->addr + (first + at[k]) * 8;

			if (sweeper_may_be_pointer(sweeper, source, word) &&
			    sweeper_resolve(sweeper->graph, source, addr, word, &edge))
				note_hold(sweeper->graph, holds, &edge, addr, piece);
		}
	}
}

static void sweep_piece(struct sweeper *sweeper, struct holds *holds, const struct piece *piece, uint32_t number)
{
	const struct graph *graph = sweeper->graph;
	const struct scan_range *range = &graph->result->ranges[piece->range];
	const struct source source = {.block = UINT32_MAX,
				      .addr = piece->addr,
				      .allocator_words_end = range->allocator_words ? UINT64_MAX : 0,
				      .trust_last_word = true};
	size_t n_unreadable = 0;

	if (range->bytes)
		memcpy(sweeper->buf, range->bytes + piece->addr, piece->n_bytes);
	else
		n_unreadable = memory_read_at(graph->memory, piece->addr, sweeper->buf, piece->n_bytes);
	if (!range->of_file)
		sweeper->n_unreadable += n_unreadable;
	sweeper->n_bytes += piece->n_bytes;
	sweep_words(sweeper, holds, &source, piece->n_bytes / 8, number);
}

static void take_pieces(void *ctx, unsigned member)
{
	struct roots_sweep *sweep = ctx;
	struct holds *holds = &sweep->holds[member];
	struct sweeper *sweeper = holds->sweeper = sweeper_new(sweep->graph);
	size_t n_words = sweep->graph->blocks->n / 64 + 1, i;

	holds->strong = xcalloc(n_words, sizeof(*holds->strong));
	holds->weak = xcalloc(n_words, sizeof(*holds->weak));
	while ((i = atomic_fetch_add(&sweep->next, 1)) < sweep->n_pieces)
		if (sweep->pieces[i].n_bytes)
			sweep_piece(sweeper, holds, &sweep->pieces[i], (uint32_t)i);
	free(holds->strong);
	free(holds->weak);
}

/* ---- before, and after */

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

static enum scan_root_kind kind_of(const struct graph *graph, uint32_t range)
{
	return graph->result->ranges[range].kind;
}

static bool is_by_nature(enum scan_root_kind kind)
{
	return kind == SCAN_ROOT_LOADER || kind == SCAN_ROOT_ALLOCATOR || kind == SCAN_ROOT_INHERITED;
}

static void add_piece(struct roots_sweep *sweep, struct piece piece)
{
	sweep->pieces = xgrow(sweep->pieces, &sweep->cap_pieces, sweep->n_pieces + 1, sizeof(*sweep->pieces));
	sweep->pieces[sweep->n_pieces++] = piece;
}

static uint64_t add_range(struct roots_sweep *sweep, uint32_t number)
{
	const struct scan_range *range = &sweep->graph->result->ranges[number];
	uint64_t addr = (range->start + 7) & ~UINT64_C(7), end = range->end & ~UINT64_C(7), sum = 0;

	while (addr < end) {
		uint64_t from = range->touched_only ? memory_touched(sweep->graph->memory, addr, end) : addr;
		size_t n_bytes = end - from < SWEEPER_BYTES ? end - from : SWEEPER_BYTES;

		addr = from + n_bytes;
		if (n_bytes == 0)
			break;
		add_piece(sweep, (struct piece){number, from, n_bytes});
		sum += n_bytes;
	}
	return sum;
}

/* How much there is to read. */
static uint64_t add_pieces(struct roots_sweep *sweep)
{
	const struct graph *graph = sweep->graph;
	uint64_t n_bytes = 0;

	for (uint32_t i = 0; graph->blocks->n && i < graph->result->n_ranges; i++) {
		if (is_by_nature(kind_of(graph, i)))
			add_piece(sweep, (struct piece){.range = i});
		else if (kind_of(graph, i) != SCAN_ROOT_IGNORED)
			n_bytes += add_range(sweep, i);
	}
	return n_bytes;
}

static void prefetch_hold(const struct graph *graph, const struct holds *holds)
{
	uint32_t target;

	if (holds->n - holds->n_done <= HOLDS_AHEAD)
		return;
	target = holds->items[holds->n_done + HOLDS_AHEAD].target;
	__builtin_prefetch(&graph->blocks->state[target], 1);
	__builtin_prefetch(&graph->blocks->link[target], 1);
	__builtin_prefetch(&graph->edges.masks[target / EDGE_GROUP]);
}

/* What a piece holds is all in one list. */
static void apply(struct roots_sweep *sweep, unsigned n_threads, uint32_t number)
{
	const struct piece *piece = &sweep->pieces[number];
	struct graph *graph = sweep->graph;

	if (piece->n_bytes == 0)
		hold_by_nature(graph, piece->range, kind_of(graph, piece->range));
	for (unsigned t = 0; t < n_threads; t++) {
		struct holds *holds = &sweep->holds[t];

		for (; holds->n_done < holds->n && holds->items[holds->n_done].piece == number; holds->n_done++) {
			const struct hold *hold = &holds->items[holds->n_done];

			prefetch_hold(graph, holds);
			graph_hold(graph, hold->target, hold->strong, piece->range, hold->addr);
		}
	}
}

void sweep_roots(struct graph *graph)
{
	struct roots_sweep sweep = {.graph = graph};
	const struct crew crew = graph_crew(graph, add_pieces(&sweep));

	for (uint32_t i = 0; i < graph->result->n_ranges; i++)
		if (kind_of(graph, i) == SCAN_ROOT_IGNORED)
			hold_ignored(graph, i);
	crew_run(&crew, take_pieces, &sweep);
	for (size_t i = 0; i < sweep.n_pieces; i++)
		apply(&sweep, crew.n, (uint32_t)i);
	for (unsigned t = 0; t < crew.n; t++) {
		struct holds *holds = &sweep.holds[t];

		graph_add_tags(graph, &holds->sweeper->tags);
		graph->result->root_bytes += holds->sweeper->n_bytes;
		graph->result->unreadable_root_bytes += holds->sweeper->n_unreadable;
		sweeper_free(holds->sweeper);
		free(holds->items);
	}
	free(sweep.pieces);
}
