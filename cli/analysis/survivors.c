#include "cli/analysis/survivors.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define CELLS 2048u
#define MIXED UINT8_MAX

struct counting {
	struct survivors_set *set;
	const struct windows *windows;
	double seconds, bytes; /* now */
	/* Of each of so many equal parts of the time: the bin on the other clock of all that was born in it; MIXED:
	 * there are several. Millions of blocks are looked up. */
	uint8_t bytes_bin[CELLS];
};

size_t survivors_want(struct survivors_set *set, uint32_t id, size_t index)
{
	if (id >= set->n_ids) {
		size_t old = set->n_ids;

		set->index_of = xgrow(set->index_of, &set->n_ids, (size_t)id + 1, sizeof(*set->index_of));
		memset(set->index_of + old, 0, (set->n_ids - old) * sizeof(*set->index_of));
	}
	if (index == SURVIVORS_NEW) {
		set->items = xgrow(set->items, &set->cap, set->n + 1, sizeof(*set->items));
		index = set->n++;
		set->items[index] = (struct survivors){0};
	}
	set->index_of[id] = (uint32_t)index + 1;
	return index;
}

static inline size_t bin_of(double part)
{
	size_t i = part > 0 ? (size_t)(part * SURVIVORS_BINS) : 0;

	return i < SURVIVORS_BINS ? i : SURVIVORS_BINS - 1;
}

static size_t find_bytes_bin(const struct counting *c, double born)
{
	return bin_of(windows_bytes_at(c->windows, born) / c->bytes);
}

static inline size_t bytes_bin(const struct counting *c, double born)
{
	size_t cell = (size_t)(born / c->seconds * CELLS);

	return cell < CELLS && c->bytes_bin[cell] != MIXED ? c->bytes_bin[cell] : find_bytes_bin(c, born);
}

static void fill_cells(struct counting *c)
{
	for (size_t i = 0; i < CELLS; i++) {
		size_t first = find_bytes_bin(c, (double)i * c->seconds / CELLS);
		size_t last = find_bytes_bin(c, (double)(i + 1) * c->seconds / CELLS);

		c->bytes_bin[i] = first == last ? (uint8_t)first : MIXED;
	}
}

static inline void add(struct survivors_bins *bins, size_t i, uint64_t n_bytes)
{
	bins->blocks[i]++;
	bins->bytes[i] += (float)n_bytes;
}

static void count_block(void *ctx, const struct process_block *block)
{
	const struct counting *c = ctx;
	double born = (double)block->birth_ns / 1e9;
	size_t bin[N_CLOCKS] = {bin_of(born / c->seconds), bytes_bin(c, born)};
	bool later = born >= c->seconds / 2;
	struct survivors *s;

	if (block->inherited || block->ignored)
		return;
	for (int clock = 0; clock < N_CLOCKS; clock++)
		add(&c->set->all[clock], bin[clock], block->size_bytes);
	if (block->stack >= c->set->n_ids || !c->set->index_of[block->stack])
		return;
	s = &c->set->items[c->set->index_of[block->stack] - 1];
	if (s->n_blocks == 0 || born < s->first_seconds)
		s->first_seconds = born;
	if (s->n_blocks == 0 || (later == (s->sample_seconds >= c->seconds / 2) ? born < s->sample_seconds : later)) {
		s->sample = block->addr;
		s->sample_seconds = born;
	}
	if (s->n_blocks < SURVIVORS_FEW)
		s->births[s->n_blocks] = born;
	s->n_blocks++;
	for (int clock = 0; clock < N_CLOCKS; clock++)
		add(&s->bins[clock], bin[clock], block->size_bytes);
}

void survivors_count(struct survivors_set *set, const struct process *process, const struct windows *windows)
{
	const struct windows_tick *now = &windows->ticks[windows->n_ticks - 1];
	struct counting counting = {.set = set, .windows = windows, .seconds = now->seconds, .bytes = now->bytes};

	if (!set->n || now->seconds <= 0 || now->bytes <= 0)
		return;
	fill_cells(&counting);
	process_each_block(process, count_block, &counting);
}

void survivors_release(struct survivors_set *set)
{
	free(set->items);
	free(set->index_of);
	*set = (struct survivors_set){0};
}
