/* What the stacks of a process have allocated, and had live at its peak: read from the counters of apply.c. */
#include "cli/model/process.h"

#include "cli/model/state.h"

struct process_use process_stack_use(const struct process *process, uint32_t stack)
{
	const struct process_use *use = state_known_use(process->state, stack);

	return use ? *use : (struct process_use){0};
}

void process_each_use(const struct process *process,
		      void (*visit)(void *ctx, uint32_t stack, const struct process_use *use), void *ctx)
{
	const struct process_state *state = process->state;

	for (size_t at = 0; at < state->n_uses; at++)
		for (uint32_t i = 0; state->uses[at] && i < USES_CHUNK; i++)
			if (state->uses[at][i].allocations)
				visit(ctx, (uint32_t)(at * USES_CHUNK) + i, &state->uses[at][i]);
}

uint32_t process_next_use(const struct process *process, uint32_t from)
{
	const struct process_state *state = process->state;

	from += from == 0;
	for (size_t at = from / USES_CHUNK; at < state->n_uses; at++, from = (uint32_t)(at * USES_CHUNK))
		for (uint32_t i = from % USES_CHUNK; state->uses[at] && i < USES_CHUNK; i++)
			if (state->uses[at][i].allocations)
				return (uint32_t)(at * USES_CHUNK) + i;
	return 0;
}

static void visit_peak(const struct process_state *state, size_t at,
		       void (*visit)(void *ctx, uint32_t stack, uint64_t n_blocks, uint64_t n_bytes), void *ctx)
{
	for (uint32_t i = 0; i < USES_CHUNK; i++) {
		const struct process_use *use = &state->uses[at][i];
		bool kept = use->peak_epoch == state->peak_epoch;
		uint64_t n_blocks = kept ? use->peak_blocks : use->live_blocks;

		if (n_blocks)
			visit(ctx, (uint32_t)(at * USES_CHUNK) + i, n_blocks, kept ? use->peak_bytes : use->live_bytes);
	}
}

void process_each_peak(const struct process *process,
		       void (*visit)(void *ctx, uint32_t stack, uint64_t n_blocks, uint64_t n_bytes), void *ctx)
{
	const struct process_state *state = process->state;

	for (size_t at = 0; state->peak_epoch && at < state->n_uses; at++)
		if (state->uses[at])
			visit_peak(state, at, visit, ctx);
}
