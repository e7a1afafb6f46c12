#include "cli/scan/roots.h"

#include "cli/base/xalloc.h"
#include "cli/model/process.h"
#include "cli/model/state.h"
#include "cli/scan/blocks.h"
#include "cli/scan/pthreads.h"
#include "cli/scan/result.h"
#include "common/compiler.h"

#include <stdlib.h>
#include <string.h>

#define RED_ZONE           128u /* x86-64: a leaf function may use it without moving the stack pointer */
#define SHARED_WHOLE_BYTES ((uint64_t)16 << 20) /* shared mappings up to this are read whole */
#define FRAMES             4                    /* of an mmap's stack that tell whether an allocator made it */

/* A thread, as far as its roots go. */
struct thread_roots {
	int tid;
	bool main;
	uint64_t sp, fs_base;                /* 0 = not known */
	const struct stop_thread *registers; /* NULL: do not count */
};

struct finder {
	const struct scan_request *request;
	const struct maps *maps;
	struct scan_result *result;
	struct thread_roots *threads;
	size_t n_threads, cap_threads;
	bool unstoppable;
};

static struct scan_range *add_range(struct finder *finder, enum scan_root_kind kind, uint64_t start, uint64_t end)
{
	return result_range(finder->result, kind, start, end);
}

/* ---- globals and mappings */

static void add_globals(struct finder *finder)
{
	for (size_t i = 0; i < finder->maps->n_objects; i++) {
		const struct object *object = &finder->maps->objects[i];
		const char *path;

		if (object->role == OBJECT_SHIM || object->role == OBJECT_ALLOCATOR || object->n_writable == 0)
			continue;
		path = result_string(finder->result, object->path);
		for (size_t s = 0; s < object->n_writable; s++) {
			struct scan_range *range =
				add_range(finder, SCAN_ROOT_GLOBAL, object->writable[s].start, object->writable[s].end);

			range->module = path;
			range->bias = object->bias;
			range->allocator_words = object->role == OBJECT_LIBC || object->role == OBJECT_LOADER;
		}
	}
}

static bool made_by_allocator(const struct finder *finder, uint32_t stack)
{
	struct stack_frame frames[FRAMES];
	size_t n = stacks_walk(finder->request->process->stacks, stack, frames, FRAMES, NULL);

	for (size_t i = 0; i < n; i++) {
		const struct object *object = maps_object(finder->maps, frames[i].ip - 1);

		/* the shim is also between main and its caller: there it says nothing */
		if (object && (object->role == OBJECT_ALLOCATOR || (i == 0 && object->role == OBJECT_SHIM)))
			return true;
	}
	return false;
}

static bool is_device(const struct map *map)
{
	return strncmp(map->path, "/dev/", 5) == 0 && strncmp(map->path, "/dev/shm/", 9) != 0 &&
	       strncmp(map->path, "/dev/zero", 9) != 0;
}

/*
 * Whether pages that the process has not touched may be left out. What it wrote to private memory, also to its copy of
 * a file, is in pages of its own. Shared memory the kernel may have taken out of its page table, and it holds its
 * pointers still; but to read what is not there makes it be there: gigabytes, where little of a large mapping is used.
 */
static bool only_touched_counts(const struct map *map, uint64_t start, uint64_t end)
{
	return !map->shared || end - start > SHARED_WHOLE_BYTES;
}

/* The part of a mapping that lies in one of the kernel's, without what is below a stack pointer in it. */
static void add_mapped(struct finder *finder, const struct map *map, uint64_t start, uint64_t end, uint32_t stack)
{
	struct scan_range *range;

	if (!map->readable || !map->writable || is_device(map))
		return;
	for (size_t i = 0; i < finder->n_threads; i++) {
		uint64_t sp = finder->threads[i].sp;

		/* Where a mapping holds the thread's record, it is that thread's stack. */
		if (sp > start && sp < end && finder->threads[i].fs_base > sp && finder->threads[i].fs_base <= end)
			start = sp;
	}
	range = add_range(finder, SCAN_ROOT_MAPPING, start, end);
	range->stack = stack;
	range->of_file = map->inode != 0;
	range->touched_only = only_touched_counts(map, start, end);
}

static void add_mappings(struct finder *finder)
{
	const struct mappings *mappings = finder->request->process->state->mappings;

	for (size_t i = 0; i < mappings_count(mappings); i++) {
		const struct mapping *mapping = mappings_get(mappings, i);
		const struct map *map;

		if (made_by_allocator(finder, mapping->stack))
			continue;
		for (uint64_t at = mapping->start; at < mapping->end; at = map->end) {
			map = maps_find(finder->maps, at);
			if (!map)
				break;
			add_mapped(finder, map, at, map->end < mapping->end ? map->end : mapping->end, mapping->stack);
		}
	}
}

/* What of the program's own regions can be read. */
static void add_regions(struct finder *finder)
{
	const struct process_region *regions;
	size_t n = process_regions(finder->request->process, &regions);

	for (size_t i = 0; i < n; i++) {
		for (size_t m = 0; m < finder->maps->n; m++) {
			const struct map *map = &finder->maps->items[m];

			uint64_t start = map->start > regions[i].start ? map->start : regions[i].start;
			uint64_t end = map->end < regions[i].end ? map->end : regions[i].end;

			if (start < end && map->readable && !is_device(map))
				add_range(finder, SCAN_ROOT_REGION, start, end);
		}
	}
}

/* ---- threads */

static uint64_t static_tls_bytes(const struct maps *maps)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < maps->n_objects; i++) {
		const struct object *object = &maps->objects[i];

		if (object->tls_bytes && object->tls_align <= 4096)
			sum += object->tls_bytes + object->tls_align;
	}
	return sum;
}

static void add_tls_part(struct finder *finder, const struct thread_roots *thread, uint64_t start, uint64_t end)
{
	struct scan_range *range;

	if (start >= end)
		return;
	range = add_range(finder, SCAN_ROOT_TLS, start, end);
	range->tid = thread->tid;
	range->bias = thread->fs_base;
	range->allocator_words = true;
}

static void add_tls(struct finder *finder, const struct thread_roots *thread)
{
	const struct map *map = maps_find(finder->maps, thread->fs_base);
	uint64_t start, end, shim_start, shim_end;

	if (!thread->fs_base || !map) {
		result_problem(finder->result, "The thread-local storage of thread %d could not be found.",
			       thread->tid);
		return;
	}
	start = thread->fs_base - static_tls_bytes(finder->maps);
	end = thread->fs_base + PTHREADS_RECORD_BYTES;
	if (start < map->start || start > thread->fs_base)
		start = map->start;
	if (end > map->end)
		end = map->end;
	shim_start = thread->fs_base - finder->request->shim_tls_offset;
	shim_end = shim_start + finder->request->shim_tls_bytes;
	if (!finder->request->shim_tls_bytes || shim_start < start || shim_end > end) {
		add_tls_part(finder, thread, start, end);
		return;
	}
	add_tls_part(finder, thread, start, shim_start);
	add_tls_part(finder, thread, shim_end, end);
}

static void add_stack_part(struct finder *finder, const struct thread_roots *thread, uint64_t start, uint64_t end)
{
	struct scan_range *range = add_range(finder, SCAN_ROOT_STACK, start, end);

	range->tid = thread->tid;
	range->allocator_words = true;
}

/* What the stack pointer lies in if that is not the thread's own stack: [*start, *end) is its mapping on entry. */
static void narrow(const struct finder *finder, uint64_t addr, uint64_t *start, uint64_t *end)
{
	const struct blocks *blocks = finder->result->blocks;
	const struct mappings *mappings = finder->request->process->state->mappings;
	uint32_t block = blocks_around(blocks, addr);

	if (block != UINT32_MAX) {
		*start = blocks_addr(blocks, block);
		*end = *start + blocks_size(blocks, block);
		return;
	}
	for (size_t i = 0; i < mappings_count(mappings); i++) {
		const struct mapping *mapping = mappings_get(mappings, i);

		if (addr < mapping->start || addr >= mapping->end)
			continue;
		*start = mapping->start > *start ? mapping->start : *start;
		*end = mapping->end < *end ? mapping->end : *end;
	}
}

/* The thread's own stack, whole: the kernel's for the main thread, else what its record is at the end of. */
static bool own_stack(const struct finder *finder, const struct thread_roots *thread, uint64_t *start, uint64_t *end)
{
	const struct map *map = NULL;

	for (size_t i = 0; thread->main && i < finder->maps->n; i++)
		if (strcmp(finder->maps->items[i].path, "[stack]") == 0)
			map = &finder->maps->items[i];
	if (!thread->main && thread->fs_base)
		map = maps_find(finder->maps, thread->fs_base);
	if (!map)
		return false;
	*start = map->start;
	*end = map->end;
	if (thread->main)
		return true;
	narrow(finder, thread->fs_base, start, end);
	if (thread->fs_base + PTHREADS_RECORD_BYTES < *end)
		*end = thread->fs_base + PTHREADS_RECORD_BYTES;
	return true;
}

static void add_stack(struct finder *finder, const struct thread_roots *thread)
{
	const struct map *map = maps_find(finder->maps, thread->sp);
	uint64_t start, end, own_start = 0, own_end = 0;
	bool has_own = own_stack(finder, thread, &own_start, &own_end);

	if (has_own && thread->sp >= own_start && thread->sp < own_end) {
		add_stack_part(finder, thread, thread->sp, own_end);
		return;
	}
	if (has_own) /* it is on a signal's stack, or a coroutine's, or where it is is not known */
		add_stack_part(finder, thread, own_start, own_end);
	if (has_own && !thread->sp)
		return;
	if (!map || !thread->sp) {
		result_problem(finder->result, "The stack of thread %d could not be found.", thread->tid);
		return;
	}
	start = map->start;
	end = map->end;
	narrow(finder, thread->sp, &start, &end);
	add_stack_part(finder, thread, thread->sp, end);
}

static void add_registers(struct finder *finder, const struct thread_roots *thread)
{
	const struct stop_thread *from = thread->registers;
	size_t n_general = sizeof(from->regs), n = n_general + from->n_vector_bytes;
	uint8_t *bytes = result_buffer(finder->result, n);
	struct scan_range *range = add_range(finder, SCAN_ROOT_REGISTER, 0, n);

	memcpy(bytes, &from->regs, n_general);
	if (from->n_vector_bytes)
		memcpy(bytes + n_general, from->vector, from->n_vector_bytes);
	range->bytes = bytes;
	range->tid = thread->tid;
	range->allocator_words = true;
}

/* Where the thread's live frames begin, and whether its registers count. */
static void describe(struct finder *finder, int tid, const struct stop_thread *from)
{
	const struct scan_request *request = finder->request;
	struct thread_roots thread = {.tid = tid, .main = tid == request->pid};

	if (from && from->stopped) {
		thread.sp = from->regs.rsp - RED_ZONE;
		thread.fs_base = from->regs.fs_base;
		thread.registers = from;
	} else if (from) {
		thread.sp = from->sp ? from->sp - RED_ZONE : 0;
		thread.fs_base = from->fs_base;
		thread.registers = from->has_args ? from : NULL;
		if (!finder->unstoppable)
			result_problem(finder->result, "Thread %d could not be stopped; its registers are not known.",
				       tid);
	}
	if (tid == request->scan_tid) {
		thread.sp = request->scan_sp;
		thread.registers = NULL;
		if (request->scan_fs_base)
			thread.fs_base = request->scan_fs_base;
	}
	if (tid == request->boundary_tid && request->boundary_sp) {
		thread.sp = request->boundary_sp;
		thread.registers = NULL;
	}
	finder->threads = xgrow(finder->threads, &finder->cap_threads, finder->n_threads + 1, sizeof(*finder->threads));
	finder->threads[finder->n_threads++] = thread;
}

static void describe_threads(struct finder *finder, const struct stop *stop)
{
	for (size_t i = 0; i < stop->n_threads; i++)
		if (!stop->threads[i].gone)
			describe(finder, stop->threads[i].tid, &stop->threads[i]);
	if (stop->n_threads == 0)
		describe(finder, finder->request->scan_tid, NULL);
}

void roots_find(const struct scan_request *request, const struct maps *maps, const struct stop *stop,
		struct scan_result *result)
{
	struct finder finder = {.request = request, .maps = maps, .result = result, .unstoppable = stop->unstoppable};

	describe_threads(&finder, stop);
	add_globals(&finder);
	add_mappings(&finder);
	add_regions(&finder);
	for (size_t i = 0; i < finder.n_threads; i++)
		add_tls(&finder, &finder.threads[i]);
	for (size_t i = 0; i < finder.n_threads; i++)
		add_stack(&finder, &finder.threads[i]);
	for (size_t i = 0; i < finder.n_threads; i++)
		if (finder.threads[i].registers)
			add_registers(&finder, &finder.threads[i]);
	add_range(&finder, SCAN_ROOT_LOADER, 0, 0);
	add_range(&finder, SCAN_ROOT_ALLOCATOR, 0, 0);
	add_range(&finder, SCAN_ROOT_INHERITED, 0, 0);
	add_range(&finder, SCAN_ROOT_IGNORED, 0, 0);
	free(finder.threads);
}
