#include "cli/scan/result.h"

#include "cli/base/xalloc.h"
#include "cli/scan/blocks.h"
#include "cli/scan/edges.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *result_string(struct scan_result *result, const char *text)
{
	result->strings = xgrow(result->strings, &result->cap_strings, result->n_strings + 1, sizeof(char *));
	return result->strings[result->n_strings++] = xstrdup(text);
}

uint8_t *result_buffer(struct scan_result *result, size_t n_bytes)
{
	result->buffers = xgrow(result->buffers, &result->cap_buffers, result->n_buffers + 1, sizeof(uint8_t *));
	return result->buffers[result->n_buffers++] = xmalloc(n_bytes);
}

struct scan_range *result_range(struct scan_result *result, enum scan_root_kind kind, uint64_t start, uint64_t end)
{
	struct scan_range *range;

	result->ranges = xgrow(result->ranges, &result->cap_ranges, result->n_ranges + 1, sizeof(*result->ranges));
	range = &result->ranges[result->n_ranges++];
	*range = (struct scan_range){.kind = kind, .start = start, .end = end > start ? end : start};
	return range;
}

void result_problem(struct scan_result *result, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < result->n_problems; i++)
		if (strcmp(result->problems[i], text) == 0)
			return;
	result->problems = xgrow(result->problems, &result->cap_problems, result->n_problems + 1, sizeof(char *));
	result->problems[result->n_problems++] = xstrdup(text);
}

void result_why_not(struct scan_result *result, const char *fmt, ...)
{
	va_list ap;

	if (result->why_not[0])
		return;
	va_start(ap, fmt);
	vsnprintf(result->why_not, sizeof(result->why_not), fmt, ap);
	va_end(ap);
}

static void free_all(void **items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(items[i]);
	free(items);
}

void scan_result_clear(struct scan_result *result)
{
	blocks_free(result->blocks);
	if (result->edges)
		edges_free(result->edges);
	free(result->edges);
	free(result->ranges);
	free(result->roots);
	free_all((void **)result->problems, result->n_problems);
	free_all((void **)result->strings, result->n_strings);
	free_all((void **)result->buffers, result->n_buffers);
	*result = (struct scan_result){0};
}

static enum scan_verdict verdict_of(unsigned state)
{
	if (state & STATE_REACHABLE)
		return SCAN_REACHABLE;
	if (state & STATE_POSSIBLE)
		return SCAN_POSSIBLE;
	return state & STATE_INDIRECT ? SCAN_INDIRECT : SCAN_DEFINITE;
}

static bool is_ignored(unsigned state)
{
	return (state & (STATE_REACHABLE | STATE_IGNORED)) == (STATE_REACHABLE | STATE_IGNORED);
}

struct scan_block scan_block_get(const struct scan_result *result, uint32_t index)
{
	const struct blocks *blocks = result->blocks;
	unsigned state = blocks->state[index];
	struct scan_block block = {
		.addr = blocks_addr(blocks, index),
		.size_bytes = blocks_size(blocks, index),
		.verdict = verdict_of(state),
		.inherited = blocks->flags[index] & BLOCK_INHERITED,
		.ignored = is_ignored(state),
		.tagged = state & STATE_TAGGED,
		.leader = SCAN_NONE,
		.holder = SCAN_NONE,
		.root = SCAN_NONE,
	};

	if (block.verdict == SCAN_INDIRECT)
		block.leader = blocks->link[index];
	else if (state & STATE_BY_ROOT)
		block.root = blocks->link[index];
	else if (block.verdict != SCAN_DEFINITE)
		block.holder = blocks->link[index];
	return block;
}

uint32_t scan_find(const struct scan_result *result, uint64_t addr)
{
	return result->blocks ? blocks_at(result->blocks, addr) : SCAN_NONE;
}

size_t scan_chain(const struct scan_result *result, uint32_t index, uint32_t *chain, size_t max, uint32_t *root)
{
	const struct blocks *blocks = result->blocks;
	uint32_t at = index;
	size_t n = 1;

	*root = SCAN_NONE;
	if (!(blocks->state[index] & (STATE_REACHABLE | STATE_POSSIBLE)))
		return 0;
	while (!(blocks->state[at] & STATE_BY_ROOT)) {
		at = blocks->link[at];
		n++;
	}
	*root = blocks->link[at];
	at = index;
	for (size_t i = n; i-- > 0; at = blocks->link[at]) {
		if (i < max)
			chain[i] = at;
		if (i == 0)
			break;
	}
	return n;
}

void result_totals(struct scan_result *result)
{
	const struct blocks *blocks = result->blocks;

	memset(result->totals, 0, sizeof(result->totals));
	result->ignored = (struct scan_amount){0, 0};
	for (uint32_t b = 0; b < blocks->n; b++) {
		struct scan_amount *amount = &result->totals[verdict_of(blocks->state[b])];

		if (is_ignored(blocks->state[b]))
			amount = &result->ignored;
		if (blocks->flags[b] & BLOCK_INHERITED)
			continue;
		amount->blocks++;
		amount->bytes += blocks_size(blocks, b);
	}
}
