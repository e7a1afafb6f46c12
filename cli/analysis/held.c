#include "cli/analysis/held.h"

#include "cli/analysis/origin.h"
#include "cli/base/xalloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define CHAIN_MAX 12 /* holders that are told; of a longer way the first ones */

#define LINE_BYTES 512
#define NEAR       4 /* frames */

struct telling {
	const struct process *process;
	const struct scan_result *scan;
	struct names *names;
	struct symbols *symbols;
};

/* The program's own function of a stack, else its innermost one; NULL if there is no name. It is most often near. */
static const char *site_function(const struct telling *telling, uint32_t stack)
{
	struct report_stack frames = names_stack(telling->names, stack, NEAR);
	size_t project = report_stack_project(&frames);

	if (frames.truncated && project < frames.n_frames && frames.frames[project]->system) {
		frames = names_stack(telling->names, stack, 0);
		project = report_stack_project(&frames);
	}
	if (project < frames.n_frames && frames.frames[project]->function)
		return frames.frames[project]->function;
	return frames.n_frames ? frames.frames[0]->function : NULL;
}

static void tell_global(const struct telling *telling, const struct scan_range *range, uint64_t addr, char *line)
{
	const struct symbols_object object = {.path = range->module ? range->module : ""};
	const char *module = origin_basename(object.path);
	uint64_t offset = 0, vaddr = addr - range->bias;
	const char *name = symbols_variable(telling->symbols, &object, vaddr, &offset);

	if (name && offset)
		snprintf(line, LINE_BYTES, "global %s+%" PRIu64 " in %s", name, offset, module);
	else if (name)
		snprintf(line, LINE_BYTES, "global %s in %s", name, module);
	else
		snprintf(line, LINE_BYTES, "data of %s at 0x%" PRIx64, module, vaddr);
}

static void tell_root(const struct telling *telling, const struct scan_root *root, char *line)
{
	const struct scan_range *range = &telling->scan->ranges[root->range];
	const char *function;

	switch (range->kind) {
	case SCAN_ROOT_GLOBAL:
		tell_global(telling, range, root->addr, line);
		return;
	case SCAN_ROOT_STACK:
		snprintf(line, LINE_BYTES, "stack of thread %d", range->tid);
		return;
	case SCAN_ROOT_REGISTER:
		snprintf(line, LINE_BYTES, "register of thread %d", range->tid);
		return;
	case SCAN_ROOT_TLS:
		snprintf(line, LINE_BYTES, "thread-local storage of thread %d", range->tid);
		return;
	case SCAN_ROOT_MAPPING:
		function = site_function(telling, range->stack);
		snprintf(line, LINE_BYTES, "mapping made by %s", function ? function : "mmap");
		return;
	case SCAN_ROOT_LOADER:
		snprintf(line, LINE_BYTES, "the dynamic loader");
		return;
	case SCAN_ROOT_REGION:
		snprintf(line, LINE_BYTES, "root region registered by the program");
		return;
	case SCAN_ROOT_IGNORED:
		snprintf(line, LINE_BYTES, "ignored by the program");
		return;
	case SCAN_ROOT_ALLOCATOR:
		snprintf(line, LINE_BYTES, "the allocator");
		return;
	case SCAN_ROOT_INHERITED:
		snprintf(line, LINE_BYTES, "memory of the parent process");
		return;
	case SCAN_ROOT_ENDED_THREAD:
		snprintf(line, LINE_BYTES, "value of a thread that has ended and was not joined");
		return;
	case N_SCAN_ROOT_KINDS:
		break;
	}
	line[0] = '\0';
}

static void tell_block(const struct telling *telling, uint32_t index, char *line)
{
	struct scan_block scanned = scan_block_get(telling->scan, index);
	struct process_block block;
	const char *function = NULL;

	if (process_find_block(telling->process, scanned.addr, &block))
		function = site_function(telling, block.stack);
	if (function)
		snprintf(line, LINE_BYTES, "block of %" PRIu64 " bytes from %s", scanned.size_bytes, function);
	else
		snprintf(line, LINE_BYTES, "block of %" PRIu64 " bytes", scanned.size_bytes);
}

const char *const *held_by(const struct process *process, const struct scan_result *scan, uint32_t index,
			   struct names *names, struct symbols *symbols, struct store *store, size_t *n)
{
	const struct telling telling = {process, scan, names, symbols};
	uint32_t chain[CHAIN_MAX], root = SCAN_NONE;
	size_t n_chain = scan_chain(scan, index, chain, CHAIN_MAX, &root), n_told = 0;
	const char **lines;
	char line[LINE_BYTES];

	*n = 0;
	if (n_chain == 0)
		return NULL;
	lines = store_alloc(store, CHAIN_MAX + 2, sizeof(*lines));
	if (root != SCAN_NONE) {
		tell_root(&telling, &scan->roots[root], line);
		lines[n_told++] = store_string(store, line);
	}
	/* the last of the chain is the block itself */
	for (size_t i = 0; i + 1 < n_chain && i < CHAIN_MAX; i++) {
		tell_block(&telling, chain[i], line);
		lines[n_told++] = store_string(store, line);
	}
	if (n_chain > CHAIN_MAX + 1) {
		snprintf(line, sizeof(line), "%zu more blocks", n_chain - 1 - CHAIN_MAX);
		lines[n_told++] = store_string(store, line);
	}
	*n = n_told;
	return lines;
}
