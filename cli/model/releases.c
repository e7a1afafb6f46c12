/*
 * A release of an address that is not live may be in order: of a block that is older than the watching, or that the
 * shim did not record. So it is told of only when there is proof: the address was freed before; it lies within a live
 * block or an object file; or the program was aborted by its allocator for it, which is when a thread's last event was
 * that release and it has not called abort() itself.
 */
#include "cli/model/releases.h"

#define SEARCHES_MAX 32 /* walks through all blocks */

/* In stream_state.last_addr: the last event but for frees was the release of an unknown address. */
#define SUSPECT (UINT64_C(1) << 63)

void release_announced(struct process *process, uint32_t stream, uint64_t addr, uint32_t stack)
{
	struct stream_state *state = state_stream(process, stream);

	if (!stacks_plausible(process->stacks, stack)) {
		process->state->malformed++;
		return;
	}
	process->state->n_announced += !state->announced_addr;
	state->announced_addr = addr;
	state->announced_stack = stack;
}

static void forget(struct process *process, struct stream_state *stream)
{
	process->state->n_announced -= stream->announced_addr != 0;
	stream->announced_addr = 0;
}

static void remember(struct process *process, uint64_t addr, uint32_t stack)
{
	if (!process->state->freed)
		process->state->freed = freed_new();
	freed_put(process->state->freed, addr, stack);
}

void release_settle(struct process *process, struct stream_state *stream)
{
	if (stream->announced_addr)
		remember(process, stream->announced_addr, stream->announced_stack);
	forget(process, stream);
}

static uint32_t take_stack(struct process *process, struct stream_state *stream, uint64_t addr)
{
	uint32_t stack = stream->announced_addr == addr ? stream->announced_stack : 0;

	forget(process, stream);
	return stack;
}

/* Of the block's allocation; the parent's numbers of stacks mean nothing here. */
static void describe(struct mismatch *m, const struct live_entry *e)
{
	m->alloc_kind = (uint8_t)live_entry_kind(e);
	m->alloc_stack = live_entry_inherited(e) ? 0 : e->stack;
	m->bytes = live_entry_size(e);
}

void release_mismatched(struct process *process, struct stream_state *stream, const struct live_entry *e,
			const struct mem_event *ev)
{
	struct mismatch m = {.type = MISMATCH_OF_FAMILY, .free_kind = ev->kind, .count = 1};

	m.free_stack = take_stack(process, stream, ev->addr);
	if (m.free_stack)
		remember(process, ev->addr, m.free_stack);
	describe(&m, e);
	mismatches_add(&process->mismatches, &m);
}

struct search {
	uint64_t addr;
	struct live_entry found; /* key 0: nothing */
};

static void search_entry(void *ctx, const struct live_entry *e)
{
	struct search *search = ctx;

	if (search->addr - live_entry_addr(e) < live_entry_size(e))
		search->found = *e;
}

static bool within_block(struct process *process, uint64_t addr, struct live_entry *found)
{
	struct search search = {.addr = addr};

	if (process->state->n_searches >= SEARCHES_MAX)
		return false;
	process->state->n_searches++;
	live_each(process->state->live, search_entry, &search);
	*found = search.found;
	return found->key != 0;
}

void release_unknown(struct process *process, struct stream_state *stream, const struct mem_event *ev)
{
	struct mismatch m = {.type = MISMATCH_NOT_A_BLOCK, .free_kind = ev->kind, .count = 1};
	struct live_entry e;

	m.free_stack = take_stack(process, stream, ev->addr);
	if (live_was_freed(process->state->live, ev->addr, &e)) {
		m.type = MISMATCH_FREED_AGAIN;
		m.first_free_stack = process->state->freed ? freed_get(process->state->freed, ev->addr) : 0;
		describe(&m, &e);
	} else if (within_block(process, ev->addr, &e)) {
		describe(&m, &e);
	} else if (!modules_find(process->modules, ev->addr)) {
		stream->last_addr = ev->addr | SUSPECT;
		stream->suspect_kind = ev->kind;
		stream->suspect_stack = m.free_stack;
		return;
	}
	process->state->n_explained += !process->foreign_operators; /* else perhaps not told */
	mismatches_add(&process->mismatches, &m);
}

void release_excused(struct stream_state *stream)
{
	if (stream->last_addr & SUSPECT)
		stream->last_addr = 0;
}

void release_aborted(struct process *process)
{
	struct process_state *state = process->state;

	for (size_t i = 0; i < state->n_streams; i++) {
		const struct stream_state *stream = &state->streams[i];
		struct mismatch m = {.type = MISMATCH_NOT_A_BLOCK, .count = 1};

		if (!(stream->last_addr & SUSPECT))
			continue;
		m.free_kind = stream->suspect_kind;
		m.free_stack = stream->suspect_stack;
		state->n_explained++;
		mismatches_add(&process->mismatches, &m);
	}
}
