#include "cli/analysis/event_stacks.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

struct gather {
	const struct process *process;
	struct names *names;
	struct store *store;
	uint32_t depth;
	struct report_event_stack *stacks;
	size_t n;
	size_t *known; /* by canonical id: index of the first stack of its frames + 1 */
};

static void count_use(void *ctx, uint32_t stack, const struct process_use *use)
{
	size_t *n = ctx;

	(void)stack, (void)use;
	++*n;
}

static void gather_use(void *ctx, uint32_t id, const struct process_use *use)
{
	struct gather *gather = ctx;
	uint32_t canonical = stacks_canonical(gather->process->stacks, id);
	uint32_t at = canonical <= stacks_max(gather->process->stacks) ? canonical : 0; /* 0: of no known frames */
	struct report_event_stack *to = &gather->stacks[gather->n++];

	(void)use;
	to->id = id;
	if (at && gather->known[at]) {
		to->stack = gather->stacks[gather->known[at] - 1].stack;
		return;
	}
	gather->known[at] = gather->n;
	to->stack = names_stack(gather->names, id, gather->depth);
	if (to->stack.n_frames)
		to->stack.frames = memcpy(store_alloc(gather->store, to->stack.n_frames, sizeof(*to->stack.frames)),
					  to->stack.frames, to->stack.n_frames * sizeof(*to->stack.frames));
}

void event_stacks_build(const struct process *process, struct names *names, struct store *store,
			const struct build_options *options, struct report_process *out)
{
	struct report_events *events = store_alloc(store, 1, sizeof(*events));
	struct gather gather = {.process = process, .names = names, .store = store, .depth = options->depth};
	size_t n = 0;

	process_each_use(process, count_use, &n);
	gather.stacks = store_alloc(store, n, sizeof(*gather.stacks));
	gather.known = xcalloc((size_t)stacks_max(process->stacks) + 1, sizeof(*gather.known));
	process_each_use(process, gather_use, &gather);
	free(gather.known);
	*events = (struct report_events){.log = options->events, .stacks = gather.stacks, .n_stacks = n};
	out->events = events;
}
