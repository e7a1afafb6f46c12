#include "cli/analysis/functions.h"

#include "cli/base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sum {
	const char *name; /* of the pool: equal names are one pointer */
	struct report_amount live, allocated;
};

struct summing {
	struct functions *functions;
	struct names *names;
	struct sum *items;
	size_t n, cap;
};

static const char *name_stack(struct functions *functions, struct names *names, uint32_t id)
{
	struct report_stack stack = names_stack(names, id, 0);
	const struct report_frame *frame = stack.n_frames ? stack.frames[report_stack_project(&stack)] : NULL;
	const char *slash = frame && frame->module ? strrchr(frame->module, '/') : NULL;
	char text[256];

	if (frame && frame->function)
		return string_pool_add(&functions->names, frame->function);
	snprintf(text, sizeof(text), "[%s]", slash ? slash + 1 : frame && frame->module ? frame->module : "unknown");
	return string_pool_add(&functions->names, text);
}

static const char *name_of(struct functions *functions, struct names *names, uint32_t id)
{
	if (id >= functions->n_stacks) {
		size_t n = functions->n_stacks * 2 > id ? functions->n_stacks * 2 : (size_t)id + 64;

		functions->of_stack = xreallocarray(functions->of_stack, n, sizeof(*functions->of_stack));
		memset(functions->of_stack + functions->n_stacks, 0,
		       (n - functions->n_stacks) * sizeof(*functions->of_stack));
		functions->n_stacks = n;
	}
	if (!functions->of_stack[id])
		functions->of_stack[id] = name_stack(functions, names, id);
	return functions->of_stack[id];
}

static void add_use(void *ctx, uint32_t stack, const struct process_use *use)
{
	struct summing *summing = ctx;

	summing->items = xgrow(summing->items, &summing->cap, summing->n + 1, sizeof(*summing->items));
	summing->items[summing->n++] = (struct sum){
		name_of(summing->functions, summing->names, stack),
		{use->live_blocks, use->live_bytes},
		{use->allocations, use->allocated_bytes},
	};
}

static int by_name(const void *a, const void *b)
{
	const struct sum *x = a, *y = b;

	return ((uintptr_t)x->name > (uintptr_t)y->name) - ((uintptr_t)x->name < (uintptr_t)y->name);
}

static int larger_first(const void *a, const void *b)
{
	const struct report_function *x = a, *y = b;

	if (x->live.bytes != y->live.bytes)
		return x->live.bytes < y->live.bytes ? 1 : -1;
	return strcmp(x->name, y->name);
}

void functions_build(struct functions *functions, const struct process *process, struct names *names,
		     struct store *store, struct report_process *out)
{
	struct summing summing = {.functions = functions, .names = names};
	struct report_function *items;
	size_t n = 0;

	process_each_use(process, add_use, &summing);
	if (summing.n)
		qsort(summing.items, summing.n, sizeof(*summing.items), by_name);
	items = store_alloc(store, summing.n, sizeof(*items));
	for (size_t i = 0; i < summing.n; i++) {
		const struct sum *sum = &summing.items[i];

		if (i == 0 || sum->name != summing.items[i - 1].name)
			items[n++].name = store_string(store, sum->name);
		items[n - 1].live.blocks += sum->live.blocks;
		items[n - 1].live.bytes += sum->live.bytes;
		items[n - 1].allocated.blocks += sum->allocated.blocks;
		items[n - 1].allocated.bytes += sum->allocated.bytes;
	}
	free(summing.items);
	if (n)
		qsort(items, n, sizeof(*items), larger_first);
	out->functions = items;
	out->n_functions = n;
}

void functions_release(struct functions *functions)
{
	string_pool_release(&functions->names);
	free(functions->of_stack);
	*functions = (struct functions){0};
}
