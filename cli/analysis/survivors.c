#include "cli/analysis/survivors.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

struct counting {
	struct survivors_set *set;
	const struct windows *windows;
	double seconds, bytes; /* now */
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

static inline void add(struct survivors_bins *bins, double part, uint64_t n_bytes)
{
	size_t i = part > 0 ? (size_t)(part * SURVIVORS_BINS) : 0;

	if (i >= SURVIVORS_BINS)
		i = SURVIVORS_BINS - 1;
	bins->blocks[i]++;
	bins->bytes[i] += (float)n_bytes;
}

static void count_block(void *ctx, const struct process_block *block)
{
	const struct counting *c = ctx;
	double born = (double)block->birth_ns / 1e9;
	double part[N_CLOCKS] = {born / c->seconds, windows_bytes_at(c->windows, born) / c->bytes};
	bool later = born >= c->seconds / 2;
	struct survivors *s;

	if (block->inherited || block->ignored)
		return;
	for (int clock = 0; clock < N_CLOCKS; clock++)
		add(&c->set->all[clock], part[clock], block->size_bytes);
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
		add(&s->bins[clock], part[clock], block->size_bytes);
}

void survivors_count(struct survivors_set *set, const struct process *process, const struct windows *windows)
{
	const struct windows_tick *now = &windows->ticks[windows->n_ticks - 1];
	struct counting counting = {set, windows, now->seconds, now->bytes};

	if (set->n && now->seconds > 0 && now->bytes > 0)
		process_each_block(process, count_block, &counting);
}

void survivors_release(struct survivors_set *set)
{
	free(set->items);
	free(set->index_of);
	*set = (struct survivors_set){0};
}
