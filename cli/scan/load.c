#include "cli/scan/load.h"

#include "cli/base/xalloc.h"
#include "cli/model/process.h"
#include "cli/scan/blocks.h"
#include "cli/scan/result.h"

#include <stdlib.h>

enum stack_origin {
	ORIGIN_UNKNOWN,
	ORIGIN_PROGRAM,
	ORIGIN_LOADER,
	ORIGIN_ALLOCATOR,
};

struct load {
	const struct process *process;
	const struct maps *maps;
	struct blocks *blocks;
	struct blocks_item items[BLOCKS_BATCH];
	size_t n_items;
	uint8_t *origins; /* by stack id: enum stack_origin */
	uint32_t max_stack;
	uint64_t n_fine; /* blocks at odd multiples of 8 */
	uint64_t n_odd;  /* blocks at addresses that no allocator gives */
};

static bool is_odd(const struct load *load, uint64_t addr)
{
	return addr & ((1u << load->blocks->granule_bits) - 1) || addr >> BLOCKS_ADDR_BITS;
}

static void see_block(void *ctx, const struct process_block *block)
{
	struct load *load = ctx;

	if (is_odd(load, block->addr)) {
		load->n_odd++;
		load->n_fine += block->addr % 16 == 8;
		return;
	}
	load->items[load->n_items++].addr = block->addr;
	if (load->n_items < BLOCKS_BATCH)
		return;
	blocks_see(load->blocks, load->items, BLOCKS_BATCH);
	load->n_items = 0;
}

static void see_blocks(struct load *load, unsigned granule_bits)
{
	load->blocks = blocks_new(granule_bits);
	load->n_odd = load->n_fine = 0;
	process_each_block(load->process, see_block, load);
	blocks_see(load->blocks, load->items, load->n_items);
	load->n_items = 0;
}

/* Who called the allocation function. */
static enum stack_origin origin_of(struct load *load, uint32_t stack)
{
	uint8_t *origin = &load->origins[stack <= load->max_stack ? stack : 0];
	const struct object *object = NULL;
	struct stack_frame frame;

	if (*origin == ORIGIN_UNKNOWN) {
		if (stacks_walk(load->process->stacks, stack, &frame, 1, NULL) == 1)
			object = maps_object(load->maps, frame.ip - 1);
		*origin = !object                            ? ORIGIN_PROGRAM
			  : object->role == OBJECT_LOADER    ? ORIGIN_LOADER
			  : object->role == OBJECT_ALLOCATOR ? ORIGIN_ALLOCATOR
							     : ORIGIN_PROGRAM;
	}
	return (enum stack_origin) * origin;
}

static void put_block(void *ctx, const struct process_block *block)
{
	struct load *load = ctx;
	enum stack_origin origin;
	unsigned flags = 0;

	if (is_odd(load, block->addr))
		return;
	if (block->kind == WIRE_KIND_NEW_ARRAY)
		flags |= BLOCK_NEW_ARRAY;
	if (block->inherited)
		flags |= BLOCK_INHERITED;
	origin = origin_of(load, block->stack);
	if (origin != ORIGIN_PROGRAM)
		flags |= origin == ORIGIN_LOADER ? BLOCK_ROOT : BLOCK_ALLOCATOR;
	else if (block->ignored && !block->inherited)
		flags |= BLOCK_IGNORED;
	load->items[load->n_items++] = (struct blocks_item){block->addr, block->size_bytes, flags};
	if (load->n_items < BLOCKS_BATCH)
		return;
	blocks_put(load->blocks, load->items, BLOCKS_BATCH);
	load->n_items = 0;
}

bool load_blocks(const struct process *process, const struct maps *maps, struct scan_result *result)
{
	struct load load = {.process = process, .maps = maps, .max_stack = stacks_max(process->stacks)};

	see_blocks(&load, 4);
	if (load.n_fine) {
		blocks_free(load.blocks);
		see_blocks(&load, 3);
	}
	result->blocks = load.blocks;
	if (!blocks_number(load.blocks)) {
		result_why_not(result, "there are more live blocks than can be told apart");
		return false;
	}
	load.origins = xcalloc((size_t)load.max_stack + 1, 1);
	process_each_block(process, put_block, &load);
	blocks_put(load.blocks, load.items, load.n_items);
	blocks_seal(load.blocks);
	free(load.origins);
	result->n_blocks = load.blocks->n;
	if (load.n_odd)
		result_problem(result, "%llu blocks are at addresses that cannot be; they were left out.",
			       (unsigned long long)load.n_odd);
	return true;
}
