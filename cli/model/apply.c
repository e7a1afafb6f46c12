/* Applies events on blocks, mappings and stack nodes to a process: what every record goes through. */
#include "cli/model/event.h"
#include "cli/model/state.h"

#include "cli/base/xalloc.h"
#include "cli/model/releases.h"

#include <stdlib.h>
#include <string.h>

#define PENDING_MAX 64 /* nested reallocs of one stream: signal handlers that never returned */

MW_COLD struct process_use *state_new_use(struct process *process, uint32_t *stack)
{
	struct process_state *state = process->state;
	size_t at, n_bytes = USES_CHUNK * sizeof(**state->uses);

	if (!stacks_plausible(process->stacks, *stack)) {
		state->malformed++;
		*stack = 0;
	}
	at = *stack / USES_CHUNK;
	if (at >= state->n_uses) {
		size_t n = state->n_uses * 2 > at ? state->n_uses * 2 : at + 1;

		state->uses = xreallocarray(state->uses, n, sizeof(*state->uses));
		memset(state->uses + state->n_uses, 0, (n - state->n_uses) * sizeof(*state->uses));
		state->n_uses = n;
	}
	if (!state->uses[at])
		state->uses[at] = memset(xaligned(sizeof(**state->uses), n_bytes), 0, n_bytes);
	return &state->uses[at][*stack % USES_CHUNK];
}

static MW_COLD struct stream_state *make_stream(struct process *process, uint32_t stream)
{
	struct process_state *state = process->state;
	size_t old = state->cap_streams;

	state->streams = xgrow(state->streams, &state->cap_streams, (size_t)stream + 1, sizeof(*state->streams));
	memset(state->streams + old, 0, (state->cap_streams - old) * sizeof(*state->streams));
	state->n_streams = (size_t)stream + 1;
	return &state->streams[stream];
}

struct stream_state *state_stream(struct process *process, uint32_t stream)
{
	if (MW_LIKELY(stream < process->state->n_streams))
		return &process->state->streams[stream];
	return make_stream(process, stream);
}

/* Before a change of a stack's counters that is no new peak: what it had at the peak is kept. */
static inline void keep_peak(const struct process_state *state, struct process_use *use)
{
	if (use->peak_epoch == state->peak_epoch)
		return;
	use->peak_epoch = state->peak_epoch;
	use->peak_bytes = use->live_bytes;
	use->peak_blocks = use->live_blocks;
}

/* Both when the block is counted. */
static inline void tell_alloc(const struct process_state *state, uint64_t addr, uint32_t stack, uint64_t size)
{
	const struct process_follower *follower = &state->follower;

	if (MW_UNLIKELY(follower->allocated))
		follower->allocated(follower->ctx, addr, stack, size, state->now_ms);
}

static inline void tell_free(const struct process_state *state, uint64_t addr, uint32_t stack, uint64_t size)
{
	const struct process_follower *follower = &state->follower;

	if (MW_UNLIKELY(follower->freed))
		follower->freed(follower->ctx, addr, stack, size, state->now_ms);
}

void process_follow(struct process *process, const struct process_follower *follower)
{
	process->state->follower = *follower;
}

/* Takes a block of this process out of the totals and out of the counters of its stack. */
static inline void count_free(struct process *process, struct process_use *use, uint64_t size, uint32_t age_ms)
{
	struct process_totals *totals = &process->totals;
	struct process_size_class *class = state_size_class(process->state, size);

	totals->frees++;
	totals->freed_bytes += size;
	totals->live_blocks--;
	totals->live_bytes -= size;
	class->frees++;
	class->live_bytes -= size;
	keep_peak(process->state, use);
	use->freed_ms += age_ms;
	use->live_blocks--;
	use->live_bytes -= size;
}

/* Takes a block, which is no longer in the table, out of the totals. */
static inline void count_out(struct process *process, struct live_entry *e)
{
	if (MW_UNLIKELY(live_entry_inherited(e))) {
		process->totals.inherited_live_blocks--;
		process->totals.inherited_live_bytes -= live_entry_size(e);
		return;
	}
	count_free(process, state_use(process, &e->stack), live_entry_size(e), process->state->now_ms - e->birth_ms);
	tell_free(process->state, live_entry_addr(e), e->stack, live_entry_size(e));
}

static inline void count_alloc(struct process *process, struct process_use *use, uint64_t size)
{
	struct process_totals *totals = &process->totals;
	struct process_state *state = process->state;
	struct process_size_class *class = state_size_class(process->state, size);

	totals->allocations++;
	totals->allocated_bytes += size;
	totals->live_blocks++;
	totals->live_bytes += size;
	class->allocations++;
	class->live_bytes += size;
	if (totals->live_bytes > state->high)
		state->high = totals->live_bytes;
	if (totals->live_bytes > totals->peak_live_bytes) {
		totals->peak_live_bytes = totals->live_bytes;
		totals->peak_ns = state->now_ns;
		state->peak_epoch++;
	} else {
		keep_peak(state, use);
	}
	use->allocations++;
	use->allocated_bytes += size;
	use->live_blocks++;
	use->live_bytes += size;
}

static inline void put_block(struct process *process, const struct stream_state *stream, const struct mem_event *ev,
			     uint32_t stack)
{
	struct process_state *state = process->state;
	struct live_entry e, old;

	live_entry_set(&e, ev->addr, ev->size_bytes, ev->kind & 31u, stream->thread);
	if (MW_UNLIKELY(stream->ignoring))
		e.key |= LIVE_IGNORED;
	e.stack = stack;
	e.birth_ms = state->now_ms;
	if (MW_LIKELY(live_insert(state->live, &e, &old) == LIVE_ADDED))
		return;
	process->completeness.unseen_frees += !live_entry_inherited(&old);
	count_out(process, &old);
}

static inline void add_block(struct process *process, struct stream_state *stream, const struct mem_event *ev)
{
	uint32_t stack = ev->stack;
	struct process_use *use = state_use(process, &stack);

	if (ev->near == MEM_FAR)
		put_block(process, stream, ev, stack);
	stream->last_addr = ev->addr;
	count_alloc(process, use, ev->size_bytes);
	tell_alloc(process->state, ev->addr, stack, ev->size_bytes);
}

/* Whether two events are all of one block's life, as it usually is of a temporary one. */
static inline bool is_life(const struct mem_event *alloc, const struct mem_event *end)
{
	return alloc->near == MEM_NEAR && alloc->op == WIRE_ALLOC && end->near == MEM_NEAR && end->op == WIRE_FREE &&
	       alloc->addr == end->addr && alloc->stack == end->stack && alloc->size_bytes == end->size_bytes &&
	       alloc->stream == end->stream;
}

/* The same as add_block() and remove_near() with the two events of a life; false: it is a case for those. */
static inline bool count_life(struct process *process, const struct mem_event *alloc, const struct mem_event *end)
{
	struct process_state *state = process->state;
	struct process_totals *totals = &process->totals;
	uint64_t size = alloc->size_bytes, live_bytes = totals->live_bytes + size;
	uint32_t stack = alloc->stack;
	struct process_size_class *class;
	struct process_use *use;

	if (live_bytes > totals->peak_live_bytes || !release_fits(end->result, end->kind))
		return false;
	use = state_use(process, &stack);
	class = state_size_class(state, size);
	totals->allocations++;
	totals->allocated_bytes += size;
	totals->frees++;
	totals->freed_bytes += size;
	totals->temporary_allocations++;
	if (live_bytes > state->high)
		state->high = live_bytes;
	class->allocations++;
	class->frees++;
	use->allocations++;
	use->allocated_bytes += size;
	tell_alloc(state, alloc->addr, stack, size);
	tell_free(state, alloc->addr, stack, size);
	state_stream(process, alloc->stream)->last_addr = 0;
	return true;
}

/* The free of a block that was not put into the table. */
static inline void remove_near(struct process *process, struct stream_state *stream, const struct mem_event *ev)
{
	uint32_t stack = ev->stack;
	struct process_use *use = state_use(process, &stack);

	if (MW_UNLIKELY(use->live_blocks == 0 || use->live_bytes < ev->size_bytes)) {
		stack = 0; /* it was not plausible yet when the block was allocated */
		use = state_use(process, &stack);
	}
	if (MW_UNLIKELY(!release_fits(ev->result, ev->kind))) {
		struct live_entry e;

		live_entry_set(&e, ev->addr, ev->size_bytes, ev->result & 31u, stream->thread);
		e.stack = stack;
		release_mismatched(process, stream, &e, ev);
	}
	count_free(process, use, ev->size_bytes, 0); /* it came in the same piece of the stream */
	tell_free(process->state, ev->addr, stack, ev->size_bytes);
	if (stream->last_addr == ev->addr) {
		process->totals.temporary_allocations++;
		stream->last_addr = 0;
	}
}

static inline void remove_block(struct process *process, struct stream_state *stream, const struct mem_event *ev)
{
	struct live_entry old;

	if (MW_UNLIKELY(!live_remove(process->state->live, ev->addr, &old))) {
		process->completeness.unknown_frees++;
		release_unknown(process, stream, ev);
		return;
	}
	if (MW_UNLIKELY(!release_fits(live_entry_kind(&old), ev->kind)))
		release_mismatched(process, stream, &old, ev);
	count_out(process, &old);
	if (stream->last_addr == ev->addr) {
		/* Another thread may have freed it and allocated here again since. */
		process->totals.temporary_allocations += live_entry_thread(&old) == stream->thread;
		stream->last_addr = 0;
	}
}

static void restore(struct process *process, struct live_entry *block)
{
	struct live_entry old;

	if (!block->key)
		return;
	if (live_insert(process->state->live, block, &old) == LIVE_ADDED)
		return;
	process->completeness.unseen_frees += !live_entry_inherited(&old);
	count_out(process, &old);
}

static void realloc_begin(struct process *process, struct stream_state *stream, const struct mem_event *ev)
{
	struct pending_realloc *pending;

	if (stream->n_pending >= PENDING_MAX) {
		process->state->malformed++;
		return;
	}
	pending = process->state->spare;
	if (pending)
		process->state->spare = pending->outer;
	else
		pending = xmalloc(sizeof(*pending));
	if (!live_remove(process->state->live, ev->addr, &pending->block)) {
		pending->block.key = 0;
		release_unknown(process, stream, ev);
	} else if (!release_fits(live_entry_kind(&pending->block), ev->kind)) {
		release_mismatched(process, stream, &pending->block, ev);
	}
	pending->outer = stream->pending;
	stream->pending = pending;
	stream->n_pending++;
}

static void realloc_end(struct process *process, struct stream_state *stream, const struct mem_event *ev)
{
	struct pending_realloc *pending = stream->pending;
	struct live_entry block = {0};

	if (pending) {
		block = pending->block;
		stream->pending = pending->outer;
		stream->n_pending--;
		pending->outer = process->state->spare;
		process->state->spare = pending;
	} else {
		process->state->malformed++;
	}
	if (ev->result == WIRE_REALLOC_FAILED) {
		process->totals.failed_allocations++;
		restore(process, &block);
		return;
	}
	if (block.key)
		count_out(process, &block);
	else
		process->completeness.unknown_frees++;
	if (ev->result == WIRE_REALLOC_DONE) {
		bool ignoring = stream->ignoring;

		process->totals.reallocations++;
		stream->ignoring |= block.key && live_entry_ignored(&block); /* so it stays */
		add_block(process, stream, ev);
		stream->ignoring = ignoring;
	}
}

void state_restore_pending(struct process *process)
{
	struct process_state *state = process->state;

	for (size_t i = 0; i < state->n_streams; i++) {
		while (state->streams[i].pending) {
			struct pending_realloc *pending = state->streams[i].pending;

			restore(process, &pending->block);
			state->streams[i].pending = pending->outer;
			free(pending);
		}
		state->streams[i].n_pending = 0;
	}
}

static void update_mappings(struct process *process, const struct mem_event *ev)
{
	struct process_mappings *totals = &process->mappings;
	struct mappings *mappings = process->state->mappings;
	uint64_t end = ev->addr + ev->size_bytes;

	if (end <= ev->addr || end > LIVE_ADDR_MAX) {
		process->state->malformed++;
		return;
	}
	if (ev->op == WIRE_MAP) {
		struct mapping mapping = {ev->addr, end, ev->stack, ev->kind};

		totals->maps++;
		totals->mapped_bytes += ev->size_bytes;
		totals->unmapped_bytes += mappings_add(mappings, &mapping);
	} else {
		totals->unmaps++;
		totals->unmapped_bytes += mappings_remove(mappings, ev->addr, end);
	}
	totals->live_maps = mappings_count(mappings);
	totals->live_bytes = totals->mapped_bytes - totals->unmapped_bytes;
}

const struct process_size_class *process_sizes(const struct process *process)
{
	return process->state->sizes;
}

static void define_node(struct process *process, const struct mem_event *ev)
{
	uint64_t at = ev->addr - !(ev->kind & WIRE_NODE_EXACT);
	struct stack_frame frame = {ev->addr, modules_find(process->modules, at), ev->kind};

	if (!stacks_define(process->stacks, ev->stack, (uint32_t)ev->size_bytes, &frame))
		process->state->malformed++;
}

static void apply_rare(struct process *process, struct stream_state *stream, const struct mem_event *ev)
{
	switch (ev->op) {
	case WIRE_REALLOC_BEGIN:
		realloc_begin(process, stream, ev);
		break;
	case WIRE_REALLOC_END:
		realloc_end(process, stream, ev);
		break;
	case WIRE_FAIL:
		process->totals.failed_allocations++;
		break;
	case WIRE_MAP:
	case WIRE_UNMAP:
		update_mappings(process, ev);
		break;
	case WIRE_NODE:
		define_node(process, ev);
		break;
	default:
		process->state->malformed++;
	}
}

/* Whether an event on blocks has an address and a size that can be. */
static inline bool sane(const struct mem_event *ev)
{
	return (ev->addr - 1 < LIVE_ADDR_MAX && ev->size_bytes <= LIVE_SIZE_MAX) || ev->op == WIRE_FAIL ||
	       ev->op == WIRE_NODE || (ev->op == WIRE_REALLOC_END && ev->result != WIRE_REALLOC_DONE);
}

/* A block that is counted already, of a stream that makes no sense. */
static MW_COLD void add_stray(struct process *process, const struct stream_state *stream, const struct mem_event *ev)
{
	uint32_t stack = ev->stack;

	state_use(process, &stack); /* as when it was counted: an id that cannot be is 0 */
	process->state->malformed++;
	put_block(process, stream, ev, stack);
}

/* Asks for the memory that a batch of events will need, so that they do not wait for it one after the other. */
static MW_ALWAYS_INLINE void ask_ahead(const struct process *process, const struct mem_event *events, size_t n)
{
	const struct process_state *state = process->state;
	struct live_leaf *const *places[MEM_EVENT_BATCH];
	uint8_t far[MEM_EVENT_BATCH];
	size_t n_far = 0;

	for (size_t i = 0; i < n; i++) {
		if (events[i].near == MEM_FAR) {
			places[n_far] = live_prefetch_place(state->live, events[i].addr);
			far[n_far] = (uint8_t)i;
			n_far += places[n_far] != NULL;
		}
		if (events[i].op == WIRE_ALLOC) /* a prefetch of NULL does nothing */
			__builtin_prefetch(state_known_use(state, events[i].stack), 1);
	}
	for (size_t i = 0; i < n_far; i++)
		live_prefetch_leaf(places[i]);
	for (size_t i = 0; i < n_far; i++)
		live_prefetch_value(places[i], events[far[i]].addr);
}

static inline void apply_one(struct process *process, struct stream_state *stream, const struct mem_event *ev)
{
	if (MW_UNLIKELY(!sane(ev)))
		process->state->malformed++;
	else if (MW_UNLIKELY(ev->near == MEM_STRAY))
		add_stray(process, stream, ev);
	else if (MW_LIKELY(ev->op == WIRE_ALLOC))
		add_block(process, stream, ev);
	else if (MW_LIKELY(ev->op == WIRE_FREE && ev->near))
		remove_near(process, stream, ev);
	else if (MW_LIKELY(ev->op == WIRE_FREE))
		remove_block(process, stream, ev);
	else
		apply_rare(process, stream, ev);
}

void process_apply(struct process *process, const struct mem_event *events, size_t n)
{
	for (size_t done = 0; done < n; done += MEM_EVENT_BATCH)
		ask_ahead(process, events + done, n - done < MEM_EVENT_BATCH ? n - done : MEM_EVENT_BATCH);
	for (size_t i = 0; i < n; i++) {
		const struct mem_event *ev = &events[i];

		if (i + 1 < n && is_life(ev, ev + 1) && sane(ev) && count_life(process, ev, ev + 1))
			i++;
		else
			apply_one(process, state_stream(process, ev->stream), ev);
	}
	process->completeness.records += n;
	/* A stack is announced just before its release, whose batch this was: all are of one stream. */
	if (MW_UNLIKELY(process->state->n_announced) && n > 0)
		release_settle(process, state_stream(process, events[0].stream));
}
