#include "cli/scan/keep.h"

#include "cli/base/xalloc.h"
#include "cli/scan/blocks.h"
#include "cli/scan/edges.h"
#include "cli/scan/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAVES_MAX (1u << 18) /* each takes 64 KiB of memory: as many hold 8 TiB of dense heap */

/* ---- to bytes */

static void pack_amount(struct pack *to, struct scan_amount amount)
{
	pack_u64(to, amount.blocks);
	pack_u64(to, amount.bytes);
}

/* Column by column, which compresses better. */
static void pack_blocks(const struct scan_result *result, struct pack *to)
{
	const struct blocks *blocks = result->blocks;

	pack_u64(to, blocks->n);
	for (uint32_t i = 0; i < blocks->n; i++)
		pack_u64(to, blocks_addr(blocks, i));
	for (uint32_t i = 0; i < blocks->n; i++)
		pack_u64(to, blocks_size(blocks, i));
	pack_bytes(to, blocks->flags, blocks->n);
	pack_bytes(to, blocks->state, blocks->n);
	pack_bytes(to, blocks->link, blocks->n * sizeof(*blocks->link));
}

static void pack_edges(const struct edges *edges, size_t n_blocks, struct pack *to)
{
	size_t n_groups = n_blocks / EDGE_GROUP + 1;

	pack_u64(to, edges->n_words);
	for (size_t i = 0; i < edges->n_runs; i++)
		pack_bytes(to, edges->runs[i].words, edges->runs[i].n_words * sizeof(*edges->runs[i].words));
	pack_bytes(to, edges->begins, n_groups * sizeof(*edges->begins));
	pack_bytes(to, edges->masks, n_groups * sizeof(*edges->masks));
}

static void pack_roots(const struct scan_result *result, struct pack *to)
{
	pack_u64(to, result->n_ranges);
	for (size_t i = 0; i < result->n_ranges; i++) {
		const struct scan_range *range = &result->ranges[i];

		pack_u8(to, (uint8_t)range->kind);
		pack_u64(to, range->start);
		pack_u64(to, range->end);
		pack_u32(to, (uint32_t)range->tid);
		pack_string(to, range->module);
		pack_u64(to, range->bias);
		pack_u32(to, range->stack);
	}
	pack_u64(to, result->n_roots);
	for (size_t i = 0; i < result->n_roots; i++) {
		pack_u64(to, result->roots[i].addr);
		pack_u32(to, result->roots[i].range);
	}
}

void scan_pack(const struct scan_result *result, bool blocks, struct pack *to)
{
	pack_u8(to, result->scanned);
	pack_string(to, result->why_not);
	pack_u64(to, result->pause_ns);
	pack_u64(to, result->scan_ns);
	pack_u64(to, result->at_ns);
	for (int i = 0; i < N_SCAN_VERDICTS; i++)
		pack_amount(to, result->totals[i]);
	pack_amount(to, result->ignored);
	pack_u64(to, result->n_problems);
	for (size_t i = 0; i < result->n_problems; i++)
		pack_string(to, result->problems[i]);
	blocks = blocks && result->scanned && result->blocks;
	pack_u8(to, blocks);
	if (!blocks)
		return;
	pack_roots(result, to);
	pack_blocks(result, to);
	pack_u8(to, result->edges != NULL);
	if (result->edges)
		pack_edges(result->edges, result->n_blocks, to);
}

/* ---- from bytes */

static struct scan_amount unpack_amount(struct unpack *from)
{
	struct scan_amount amount;

	amount.blocks = unpack_u64(from);
	amount.bytes = unpack_u64(from);
	return amount;
}

static void unpack_roots(struct unpack *from, struct scan_result *result)
{
	uint64_t n = unpack_count(from, 1);
	const char *module;

	for (uint64_t i = 0; i < n && !from->bad; i++) {
		struct scan_range range = {0};

		range.kind = (enum scan_root_kind)unpack_u8(from);
		range.start = unpack_u64(from);
		range.end = unpack_u64(from);
		range.tid = (int)unpack_u32(from);
		module = unpack_string(from);
		range.module = module ? result_string(result, module) : NULL;
		range.bias = unpack_u64(from);
		range.stack = unpack_u32(from);
		from->bad |= range.kind >= N_SCAN_ROOT_KINDS;
		result->ranges =
			xgrow(result->ranges, &result->cap_ranges, result->n_ranges + 1, sizeof(*result->ranges));
		result->ranges[result->n_ranges++] = range;
	}
	n = unpack_count(from, 12);
	result->roots = xcalloc(n + 1, sizeof(*result->roots));
	result->n_roots = result->cap_roots = n;
	for (uint64_t i = 0; i < n; i++) {
		result->roots[i].addr = unpack_u64(from);
		result->roots[i].range = unpack_u32(from);
		from->bad |= result->roots[i].range >= result->n_ranges;
	}
}

static uint64_t item64(const uint8_t *column, uint64_t i)
{
	uint64_t value;

	memcpy(&value, column + i * 8, sizeof(value));
	return value;
}

/* Whether these can be the addresses of blocks; *granule_bits as blocks_new() wants it. */
static bool addresses_fit(const uint8_t *addrs, uint64_t n, unsigned *granule_bits)
{
	uint64_t last = 0, leaf = UINT64_MAX, n_leaves = 0;

	*granule_bits = 4;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t addr = item64(addrs, i);

		if (addr <= last || addr >> BLOCKS_ADDR_BITS || addr & 7)
			return false;
		if (addr & 15)
			*granule_bits = 3;
		n_leaves += addr >> BLOCKS_LEAF_SHIFT != leaf;
		leaf = addr >> BLOCKS_LEAF_SHIFT;
		last = addr;
	}
	return n <= BLOCKS_MAX && n_leaves <= LEAVES_MAX;
}

static void put_blocks(struct blocks *blocks, const uint8_t *addrs, const uint8_t *sizes, const uint8_t *flags,
		       uint64_t n, bool see)
{
	struct blocks_item items[BLOCKS_BATCH];

	for (uint64_t i = 0; i < n; i += BLOCKS_BATCH) {
		size_t n_items = n - i < BLOCKS_BATCH ? (size_t)(n - i) : BLOCKS_BATCH;

		for (size_t j = 0; j < n_items; j++)
			items[j] = (struct blocks_item){item64(addrs, i + j), item64(sizes, i + j), flags[i + j]};
		if (see)
			blocks_see(blocks, items, n_items);
		else
			blocks_put(blocks, items, n_items);
	}
}

static bool is_held(const struct blocks *blocks, uint32_t b)
{
	return blocks->state[b] & (STATE_REACHABLE | STATE_POSSIBLE);
}

/* Whether each link leads to something, and each held block to a root in the end. */
static bool links_fit(const struct blocks *blocks, size_t n_roots)
{
	uint32_t n = (uint32_t)blocks->n;
	uint32_t *seen = xcalloc((size_t)n + 1, sizeof(*seen)); /* the round in which it was come to */
	bool fit = true;

	for (uint32_t b = 0; b < n && fit; b++) {
		uint32_t at = b;

		if (!is_held(blocks, b)) {
			fit = !(blocks->state[b] & STATE_INDIRECT) || blocks->link[b] < n;
			continue;
		}
		while (!(blocks->state[at] & STATE_BY_ROOT) && !seen[at]) {
			seen[at] = b + 1;
			at = blocks->link[at];
			if (at >= n || !is_held(blocks, at) || seen[at] == b + 1) {
				fit = false;
				break;
			}
		}
		if (fit && blocks->state[at] & STATE_BY_ROOT)
			fit = blocks->link[at] < n_roots;
	}
	free(seen);
	return fit;
}

static void unpack_blocks(struct unpack *from, struct scan_result *result)
{
	uint64_t n = unpack_count(from, 8 + 8 + 1 + 1 + 4);
	const uint8_t *addrs = unpack_bytes(from, n * 8);
	const uint8_t *sizes = unpack_bytes(from, n * 8);
	const uint8_t *flags = unpack_bytes(from, n);
	const uint8_t *state = unpack_bytes(from, n);
	const uint8_t *link = unpack_bytes(from, n * 4);
	unsigned granule_bits;

	if (from->bad || !addresses_fit(addrs, n, &granule_bits)) {
		from->bad = true;
		return;
	}
	result->blocks = blocks_new(granule_bits);
	put_blocks(result->blocks, addrs, sizes, flags, n, true);
	blocks_number(result->blocks); /* no more than BLOCKS_MAX */
	put_blocks(result->blocks, addrs, sizes, flags, n, false);
	if (n) {
		memcpy(result->blocks->state, state, n);
		memcpy(result->blocks->link, link, n * 4);
	}
	/* Not sealed: that is for finding blocks by what is inside of them. */
	result->n_blocks = n;
	from->bad |= !links_fit(result->blocks, result->n_roots);
}

/* Whether a block's list at word *at is one, and goes to blocks; *at is behind it then. */
static bool list_fits(const struct edges_run *run, uint64_t *at, size_t n_blocks)
{
	for (;;) {
		uint32_t word;

		if (*at >= run->n_words)
			return false;
		word = run->words[(*at)++];
		if ((word & ((UINT32_C(1) << EDGE_INDEX_BITS) - 1)) >= n_blocks)
			return false;
		if ((word >> EDGE_INDEX_BITS & 3) == CLASS_INSIDE) {
			if (word & EDGE_LAST || *at >= run->n_words)
				return false;
			word = run->words[(*at)++];
		}
		if (word & EDGE_LAST)
			return true;
	}
}

static bool edges_fit(struct edges_part *part, size_t n_blocks)
{
	for (size_t group = 0; group <= n_blocks / EDGE_GROUP; group++) {
		uint64_t at = part->whole->begins[group];

		for (uint32_t mask = part->whole->masks[group]; mask; mask &= mask - 1) {
			uint64_t begin = at;

			if (!list_fits(&part->run, &at, n_blocks))
				return false;
			if (at - begin >= EDGE_LONG)
				edges_add_long(part, (uint32_t)(group * EDGE_GROUP) + (uint32_t)__builtin_ctz(mask),
					       at);
		}
	}
	return true;
}

static void unpack_edges(struct unpack *from, struct scan_result *result)
{
	size_t n_groups = result->n_blocks / EDGE_GROUP + 1;
	uint64_t n_words = unpack_count(from, 4);
	const void *words = unpack_bytes(from, n_words * 4);
	const void *begins = unpack_bytes(from, n_groups * 8);
	const void *masks = unpack_bytes(from, n_groups * 4);
	struct edges_part part;
	struct edges *edges;

	if (from->bad)
		return;
	edges = result->edges = xcalloc(1, sizeof(*edges));
	edges_init(edges, result->n_blocks);
	memcpy(edges->begins, begins, n_groups * 8);
	memcpy(edges->masks, masks, n_groups * 4);
	edges_part(&part, edges);
	part.run.words = pages_grow(&part.run.pages, (n_words + 1) * 4);
	part.run.n_words = n_words;
	if (n_words)
		memcpy(part.run.words, words, n_words * 4);
	if (!edges_fit(&part, result->n_blocks)) {
		from->bad = true;
		memset(edges->masks, 0, n_groups * 4);
	}
	edges_join(edges, &part, 0, result->n_blocks);
}

bool scan_unpack(struct unpack *from, struct scan_result *result)
{
	const char *text;
	uint64_t n;
	bool blocks;

	*result = (struct scan_result){0};
	result->scanned = unpack_u8(from);
	text = unpack_string(from);
	snprintf(result->why_not, sizeof(result->why_not), "%s", text ? text : "");
	result->pause_ns = unpack_u64(from);
	result->scan_ns = unpack_u64(from);
	result->at_ns = unpack_u64(from);
	for (int i = 0; i < N_SCAN_VERDICTS; i++)
		result->totals[i] = unpack_amount(from);
	result->ignored = unpack_amount(from);
	n = unpack_count(from, 4);
	for (uint64_t i = 0; i < n && !from->bad; i++) {
		text = unpack_string(from);
		if (text)
			result_problem(result, "%s", text);
	}
	blocks = unpack_u8(from);
	if (blocks) {
		unpack_roots(from, result);
		unpack_blocks(from, result);
	}
	if (blocks && unpack_u8(from))
		unpack_edges(from, result);
	return !from->bad && from->at == from->end;
}
