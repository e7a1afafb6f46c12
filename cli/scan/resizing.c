#include "cli/scan/resizing.h"

#include "cli/base/xalloc.h"
#include "cli/model/process.h"
#include "cli/scan/blocks.h"
#include "cli/scan/result.h"

#include <string.h>

#define FRAME_WORDS    2048u /* of the stack: the allocator's frames and ours */
#define CANDIDATES_MAX 64u   /* for one block */
#define HEADER_BYTES   64u   /* an allocator's own words before a block */

struct resizing {
	const struct maps *maps;
	const struct stop *stop;
	const struct scan_memory *memory;
	struct scan_result *result;
};

static struct scan_range *add_range(struct scan_result *result, enum scan_root_kind kind, uint64_t start, uint64_t end,
				    int tid)
{
	struct scan_range *range = result_range(result, kind, start, end);

	range->tid = tid;
	range->allocator_words = true;
	return range;
}

/* Whether memory of an allocator's begins there that is no block's: never mapped from a file. */
static const struct map *may_be_new(const struct resizing *resizing, uint64_t word)
{
	const struct map *map = word % 16 ? NULL : maps_find(resizing->maps, word);

	if (!map || !map->readable || !map->writable || map->inode || !strcmp(map->path, "[stack]"))
		return NULL;
	return blocks_around(resizing->result->blocks, word) == UINT32_MAX ? map : NULL;
}

static void add_candidates(struct resizing *resizing, const uint64_t *words, size_t n,
			   const struct process_block *block, int tid)
{
	uint64_t seen[CANDIDATES_MAX];
	size_t n_seen = 0;

	for (size_t i = 0; i < n && n_seen < CANDIDATES_MAX; i++) {
		const struct map *map = may_be_new(resizing, words[i]);
		uint64_t end;
		size_t k = 0;

		while (map && k < n_seen && seen[k] != words[i])
			k++;
		if (!map || k < n_seen)
			continue;
		seen[n_seen++] = words[i];
		end = words[i] + block->size_bytes + HEADER_BYTES;
		add_range(resizing->result, SCAN_ROOT_STACK, words[i], end < map->end ? end & ~UINT64_C(7) : map->end,
			  tid);
	}
}

static void see_resizing(void *ctx, const struct process_block *block, uint32_t tid)
{
	struct resizing *resizing = ctx;
	uint8_t *bytes = result_buffer(resizing->result, sizeof(block->addr));
	const struct stop *stop = resizing->stop;
	size_t n_registers = sizeof(stop->threads->regs) / 8;

	memcpy(bytes, &block->addr, sizeof(block->addr));
	add_range(resizing->result, SCAN_ROOT_REGISTER, 0, sizeof(block->addr), (int)tid)->bytes = bytes;
	for (size_t i = 0; i < stop->n_threads; i++) {
		const struct stop_thread *thread = &stop->threads[i];
		const struct map *map = maps_find(resizing->maps, thread->regs.rsp);
		uint64_t words[sizeof(thread->regs) / 8 + FRAME_WORDS];
		uint64_t n_words;

		if (!thread->stopped || thread->tid != (int)tid || !map)
			continue;
		n_words = (map->end - thread->regs.rsp) / 8;
		if (n_words > FRAME_WORDS)
			n_words = FRAME_WORDS;
		memcpy(words, &thread->regs, sizeof(thread->regs));
		memory_read_at(resizing->memory, thread->regs.rsp, words + n_registers, n_words * 8);
		add_candidates(resizing, words, n_registers + n_words, block, (int)tid);
	}
}

void resizing_add_roots(const struct scan_request *request, const struct maps *maps, const struct stop *stop,
			const struct scan_memory *memory, struct scan_result *result)
{
	struct resizing resizing = {maps, stop, memory, result};

	process_each_resizing(request->process, see_resizing, &resizing);
}
