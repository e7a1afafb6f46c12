#include "cli/scan/scan.h"

#include "cli/base/xalloc.h"
#include "cli/model/process.h"
#include "cli/scan/blocks.h"
#include "cli/scan/components.h"
#include "cli/scan/graph.h"
#include "cli/scan/maps.h"
#include "cli/scan/mark.h"
#include "cli/scan/memory.h"
#include "cli/scan/result.h"
#include "cli/scan/roots.h"
#include "cli/scan/stop.h"
#include "cli/scan/sweep.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct scan {
	const struct scan_request *request;
	struct scan_result *result;
	struct stop stop;
	struct maps maps;
	struct live_memory live;
	uint64_t probe; /* an address that can be read while the process lives */
	struct graph *graph;
	uint64_t pause_begin_ns;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- standing still */

/* A thread that waits for us needs no stopping, if it is the only one. */
static bool stands_still(const struct scan *scan)
{
	int tid;

	return scan->request->scan_tid && stop_count_threads(scan->request->pid, &tid) == 1 &&
	       tid == scan->request->scan_tid;
}

static void explain_no_trace(struct scan *scan)
{
	int pid = scan->request->pid, tracer = stop_tracer_of(pid);

	if (tracer)
		result_why_not(scan->result, "process %d is being traced by process %d, so its threads cannot be stopped",
			       pid, tracer);
	else
		result_why_not(scan->result,
			       "the threads of process %d cannot be stopped: ptrace is not permitted here "
			       "(kernel.yama.ptrace_scope, a container's seccomp rules, or a process of another user)",
			       pid);
}

/* False if the process cannot be made to stand still. */
static bool hold(struct scan *scan)
{
	scan->pause_begin_ns = now_ns();
	if (scan->request->scan_fs_base && stands_still(scan))
		return true;
	if (stop_begin(&scan->stop, scan->request->pid) == 0)
		return true;
	/* Without the thread pointer its TLS is not known, which will be said. */
	stop_end(&scan->stop);
	memset(&scan->stop, 0, sizeof(scan->stop));
	if (stands_still(scan))
		return true;
	explain_no_trace(scan);
	return false;
}

static void let_go(struct scan *scan)
{
	if (scan->stop.running)
		stop_resume(&scan->stop);
	scan->result->pause_ns = now_ns() - scan->pause_begin_ns;
	if (scan->request->released)
		scan->request->released(scan->request->ctx);
}

/* ---- the blocks */

enum stack_origin {
	ORIGIN_UNKNOWN,
	ORIGIN_PROGRAM,
	ORIGIN_LOADER,
};

struct load {
	const struct scan *scan;
	struct blocks *blocks;
	struct blocks_item items[BLOCKS_BATCH];
	size_t n_items;
	uint8_t *origins; /* by stack id: enum stack_origin */
	uint32_t max_stack;
	uint64_t n_fine; /* blocks at odd multiples of 8 */
	uint64_t n_odd; /* blocks at addresses that no allocator gives */
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
	process_each_block(load->scan->request->process, see_block, load);
	blocks_see(load->blocks, load->items, load->n_items);
	load->n_items = 0;
}

/* Whether the dynamic loader called the allocation function. */
static bool is_loaders(struct load *load, uint32_t stack)
{
	uint8_t *origin = &load->origins[stack <= load->max_stack ? stack : 0];
	const struct object *object = NULL;
	struct stack_frame frame;

	if (*origin == ORIGIN_UNKNOWN) {
		if (stacks_walk(load->scan->request->process->stacks, stack, &frame, 1, NULL) == 1)
			object = maps_object(&load->scan->maps, frame.ip - 1);
		*origin = object && object->role == OBJECT_LOADER ? ORIGIN_LOADER : ORIGIN_PROGRAM;
	}
	return *origin == ORIGIN_LOADER;
}

static void put_block(void *ctx, const struct process_block *block)
{
	struct load *load = ctx;
	unsigned flags = 0;

	if (is_odd(load, block->addr))
		return;
	if (block->kind == WIRE_KIND_NEW_ARRAY)
		flags |= BLOCK_NEW_ARRAY;
	if (block->inherited)
		flags |= BLOCK_INHERITED;
	if (is_loaders(load, block->stack))
		flags |= BLOCK_ROOT;
	load->items[load->n_items++] = (struct blocks_item){block->addr, block->size_bytes, flags};
	if (load->n_items < BLOCKS_BATCH)
		return;
	blocks_put(load->blocks, load->items, BLOCKS_BATCH);
	load->n_items = 0;
}

static bool load_blocks(struct scan *scan)
{
	const struct process *process = scan->request->process;
	struct load load = {.scan = scan, .max_stack = stacks_max(process->stacks)};

	see_blocks(&load, 4);
	if (load.n_fine) {
		blocks_free(load.blocks);
		see_blocks(&load, 3);
	}
	scan->result->blocks = load.blocks;
	if (!blocks_number(load.blocks)) {
		result_why_not(scan->result, "there are more live blocks than can be told apart");
		return false;
	}
	load.origins = xcalloc((size_t)load.max_stack + 1, 1);
	process_each_block(process, put_block, &load);
	blocks_put(load.blocks, load.items, load.n_items);
	blocks_seal(load.blocks);
	free(load.origins);
	scan->result->n_blocks = load.blocks->n;
	if (load.n_odd)
		result_problem(scan->result, "%llu blocks are at addresses that cannot be; they were left out.",
			       (unsigned long long)load.n_odd);
	return true;
}

/* ---- reading */

static bool find_maps(struct scan *scan)
{
	struct err err = {""};

	if (maps_read(&scan->maps, scan->request->pid, &err)) {
		result_why_not(scan->result, "%s", err.text);
		return false;
	}
	for (size_t i = 0; i < scan->maps.n && !scan->probe; i++)
		if (scan->maps.items[i].readable)
			scan->probe = scan->maps.items[i].start;
	if (live_memory_open(&scan->live, scan->request->pid, scan->probe, &err)) {
		result_why_not(scan->result, "%s", err.text);
		return false;
	}
	maps_find_objects(&scan->maps, &scan->live.memory);
	return true;
}

static bool uses_glibc(const struct maps *maps)
{
	bool libc = false;

	for (size_t i = 0; i < maps->n_objects; i++) {
		if (maps->objects[i].role == OBJECT_ALLOCATOR)
			return false;
		libc |= maps->objects[i].role == OBJECT_LIBC;
	}
	return libc;
}

/* All that needs the process. */
static bool read_process(struct scan *scan)
{
	struct scan_result *result = scan->result;
	uint64_t word;

	if (!find_maps(scan) || !load_blocks(scan))
		return false;
	roots_find(scan->request, &scan->maps, &scan->stop, result);
	scan->graph = graph_new(&scan->live.memory, &scan->maps, result, uses_glibc(&scan->maps));
	sweep_heap(scan->graph);
	sweep_roots(scan->graph);
	if (memory_read_at(&scan->live.memory, scan->probe, &word, sizeof(word))) {
		result_why_not(result, "process %d ended while it was read", scan->request->pid);
		return false;
	}
	if (result->unreadable_root_bytes)
		result_problem(result, "%llu bytes of the program's data could not be read.",
			       (unsigned long long)result->unreadable_root_bytes);
	return true;
}

int scan_run(const struct scan_request *request, struct scan_result *result, struct err *err)
{
	struct scan scan = {.request = request, .result = result, .live = {.mem_fd = -1, .pagemap_fd = -1}};
	uint64_t begin_ns = now_ns();
	bool done;

	memset(result, 0, sizeof(*result));
	if (request->pid <= 0 || !request->process)
		return err_set(err, "a scan needs a process");
	done = hold(&scan);
	if (done && request->stopped)
		request->stopped(request->ctx);
	done = done && read_process(&scan);
	let_go(&scan);
	if (done) {
		mark_reached(scan.graph);
		components_find(scan.graph);
		mark_tagged(scan.graph);
		result_totals(result);
		result->scanned = true;
	}
	graph_free(scan.graph);
	maps_clear(&scan.maps);
	live_memory_close(&scan.live);
	if (scan.stop.n_threads)
		stop_end(&scan.stop);
	result->scan_ns = now_ns() - begin_ns;
	return 0;
}
