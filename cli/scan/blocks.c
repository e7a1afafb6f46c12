#include "cli/scan/blocks.h"

#include "cli/base/xalloc.h"
#include "common/compiler.h"

#include <stdlib.h>

#define N_LEAVES  ((size_t)1 << (BLOCKS_ADDR_BITS - BLOCKS_LEAF_SHIFT))
#define LEAF_SIZE ((size_t)1 << BLOCKS_LEAF_BITS)

enum array {
	ARRAY_LINES,
	ARRAY_ADDR_LOW,
	ARRAY_FLAGS,
	ARRAY_STATE,
	ARRAY_SIZE,
	ARRAY_LINK,
	ARRAY_LEAVES,
};

struct blocks *blocks_new(unsigned granule_bits)
{
	struct blocks *blocks = xcalloc(1, sizeof(*blocks));

	blocks->leaves = pages_alloc_sparse(&blocks->pages[ARRAY_LEAVES], N_LEAVES * sizeof(*blocks->leaves));
	blocks->granule_bits = granule_bits;
	return blocks;
}

void blocks_free(struct blocks *blocks)
{
	if (!blocks)
		return;
	for (size_t i = 0; i < blocks->n_used_leaves; i++)
		free(blocks->leaves[blocks->used_leaves[i]]);
	free(blocks->used_leaves);
	for (size_t i = 0; i < sizeof(blocks->pages) / sizeof(blocks->pages[0]); i++)
		pages_free(&blocks->pages[i]);
	free(blocks->bigs);
	free(blocks->highs);
	free(blocks);
}

static MW_NOINLINE uint32_t *new_leaf(struct blocks *blocks, size_t number)
{
	blocks->used_leaves = xgrow(blocks->used_leaves, &blocks->cap_used_leaves, blocks->n_used_leaves + 1,
				    sizeof(*blocks->used_leaves));
	blocks->used_leaves[blocks->n_used_leaves++] = (uint32_t)number;
	return xcalloc(LEAF_SIZE, sizeof(uint32_t));
}

static uint32_t *page_item(struct blocks *blocks, uint64_t addr)
{
	uint64_t page = addr >> 8 >> blocks->granule_bits;
	uint32_t **leaf = &blocks->leaves[page >> BLOCKS_LEAF_BITS];

	if (!*leaf)
		*leaf = new_leaf(blocks, page >> BLOCKS_LEAF_BITS);
	return *leaf + (page & (LEAF_SIZE - 1));
}

static uint32_t line_of(struct blocks *blocks, uint64_t addr)
{
	uint32_t *item = page_item(blocks, addr);

	if (!*item) {
		*item = (uint32_t)++blocks->n_lines;
		blocks->lines = pages_grow(&blocks->pages[ARRAY_LINES], blocks->n_lines * sizeof(*blocks->lines));
	}
	return *item - 1;
}

void blocks_see(struct blocks *blocks, const struct blocks_item *items, size_t n)
{
	uint32_t lines[BLOCKS_BATCH];

	for (size_t i = 0; i < n; i++) {
		lines[i] = line_of(blocks, items[i].addr);
		__builtin_prefetch(&blocks->lines[lines[i]], 1);
	}
	for (size_t i = 0; i < n; i++) {
		unsigned slot = blocks_slot(blocks, items[i].addr);

		blocks->lines[lines[i]].bits[slot / 64] |= UINT64_C(1) << slot % 64;
	}
}

static void number_leaf(struct blocks *blocks, const uint32_t *leaf)
{
	for (size_t i = 0; i < LEAF_SIZE; i++) {
		struct blocks_line *line;
		uint32_t sum = 0;

		if (!leaf[i])
			continue;
		line = &blocks->lines[leaf[i] - 1];
		line->before = (uint32_t)blocks->n;
		for (int w = 0; w < 4; w++) {
			line->sums[w] = (uint8_t)sum;
			sum += blocks_popcount(line->bits[w]);
		}
		blocks->n += sum;
	}
}

/* Writes down the addresses of the blocks that begin in a page. */
static void spell_line(struct blocks *blocks, const struct blocks_line *line, uint64_t page_addr)
{
	uint32_t index = line->before, high = (uint32_t)(page_addr >> 32);

	if (blocks->n_highs == 0 || blocks->highs[blocks->n_highs - 1].addr_high != high) {
		blocks->highs = xgrow(blocks->highs, &blocks->cap_highs, blocks->n_highs + 1, sizeof(*blocks->highs));
		blocks->highs[blocks->n_highs++] = (struct blocks_high){index, high};
	}
	for (unsigned w = 0; w < 4; w++) {
		for (uint64_t bits = line->bits[w]; bits; bits &= bits - 1) {
			unsigned slot = w * 64 + (unsigned)__builtin_ctzll(bits);
			uint64_t addr = page_addr + ((uint64_t)slot << blocks->granule_bits);

			blocks->addr_low[index++] = (uint32_t)addr;
		}
	}
}

static void spell_leaf(struct blocks *blocks, size_t number)
{
	const uint32_t *leaf = blocks->leaves[number];

	for (size_t i = 0; i < LEAF_SIZE; i++)
		if (leaf[i])
			spell_line(blocks, &blocks->lines[leaf[i] - 1],
				   (uint64_t)(number * LEAF_SIZE + i) << blocks->granule_bits << 8);
}

static int compare_leaves(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

bool blocks_number(struct blocks *blocks)
{
	if (blocks->n_used_leaves)
		qsort(blocks->used_leaves, blocks->n_used_leaves, sizeof(*blocks->used_leaves), compare_leaves);
	for (size_t i = 0; i < blocks->n_used_leaves; i++)
		number_leaf(blocks, blocks->leaves[blocks->used_leaves[i]]);
	if (blocks->n > BLOCKS_MAX)
		return false;
	blocks->addr_low = pages_alloc(&blocks->pages[ARRAY_ADDR_LOW], blocks->n * sizeof(*blocks->addr_low));
	blocks->flags = pages_alloc(&blocks->pages[ARRAY_FLAGS], blocks->n);
	blocks->state = pages_alloc(&blocks->pages[ARRAY_STATE], blocks->n);
	blocks->size = pages_alloc(&blocks->pages[ARRAY_SIZE], blocks->n * sizeof(*blocks->size));
	blocks->link = pages_alloc(&blocks->pages[ARRAY_LINK], blocks->n * sizeof(*blocks->link));
	for (size_t i = 0; i < blocks->n_used_leaves; i++)
		spell_leaf(blocks, blocks->used_leaves[i]);
	return true;
}

uint32_t blocks_at(const struct blocks *blocks, uint64_t addr)
{
	uint32_t item = addr >> BLOCKS_ADDR_BITS ? 0 : blocks_page(blocks, addr);

	if (!item || item & BLOCKS_COVERED || !blocks_begins(blocks, &blocks->lines[item - 1], addr))
		return UINT32_MAX;
	return blocks_rank(&blocks->lines[item - 1], blocks_slot(blocks, addr)) - 1;
}

void blocks_put(struct blocks *blocks, const struct blocks_item *items, size_t n)
{
	uint32_t at[BLOCKS_BATCH]; /* lines, then indices */

	for (size_t i = 0; i < n; i++) {
		at[i] = blocks_page(blocks, items[i].addr) - 1;
		__builtin_prefetch(&blocks->lines[at[i]]);
	}
	for (size_t i = 0; i < n; i++) {
		at[i] = blocks_rank(&blocks->lines[at[i]], blocks_slot(blocks, items[i].addr)) - 1;
		__builtin_prefetch(&blocks->size[at[i]], 1);
	}
	for (size_t i = 0; i < n; i++) {
		uint64_t size = items[i].size_bytes;

		blocks->size[at[i]] = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
		if (items[i].flags)
			blocks->flags[at[i]] = (uint8_t)items[i].flags;
		if (size < UINT32_MAX)
			continue;
		blocks->bigs = xgrow(blocks->bigs, &blocks->cap_bigs, blocks->n_bigs + 1, sizeof(*blocks->bigs));
		blocks->bigs[blocks->n_bigs++] = (struct blocks_big){at[i], size};
	}
}

static int compare_bigs(const void *a, const void *b)
{
	const struct blocks_big *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

uint64_t blocks_big_size(const struct blocks *blocks, uint32_t index)
{
	struct blocks_big key = {.index = index};
	const struct blocks_big *big = bsearch(&key, blocks->bigs, blocks->n_bigs, sizeof(*blocks->bigs), compare_bigs);

	return big ? big->size_bytes : UINT32_MAX;
}

/* Names the block [addr, end) in the pages that it reaches and in which no block begins. */
static void cover(struct blocks *blocks, uint32_t index, uint64_t addr, uint64_t end)
{
	uint64_t n_bytes = UINT64_C(256) << blocks->granule_bits; /* of a page */

	for (uint64_t page = (addr | (n_bytes - 1)) + 1; page < end; page += n_bytes) {
		uint32_t *item = page_item(blocks, page);

		if (!*item)
			*item = BLOCKS_COVERED | index;
	}
}

/* Both spans are that of all blocks, or each is of those on one side of the widest gap. */
static void set_spans(struct blocks *blocks, uint64_t first, uint64_t gap, uint64_t behind_gap, uint64_t end)
{
	blocks->spans[0] = blocks->spans[1] = (struct blocks_span){first, end - first};
	if (behind_gap) {
		blocks->spans[0].n_bytes = gap - first;
		blocks->spans[1] = (struct blocks_span){behind_gap, end - behind_gap};
	}
}

void blocks_seal(struct blocks *blocks)
{
	uint64_t addr = blocks->n ? blocks_addr(blocks, 0) : 0, first = addr, gap = 0, behind_gap = 0, end = 0;

	if (blocks->n_bigs)
		qsort(blocks->bigs, blocks->n_bigs, sizeof(*blocks->bigs), compare_bigs);
	for (uint32_t i = 0; i < blocks->n; i++) {
		bool last = i + 1 == blocks->n;
		uint64_t next = last ? UINT64_C(1) << BLOCKS_ADDR_BITS : blocks_addr(blocks, i + 1);

		end = addr + blocks_size(blocks, i);
		if (end > next)
			end = next; /* a size that cannot be */
		cover(blocks, i, addr, end);
		if (!last && next - end > behind_gap - gap) {
			gap = end;
			behind_gap = next;
		}
		addr = next;
	}
	if (blocks->n)
		set_spans(blocks, first, gap, behind_gap, end);
}

uint32_t blocks_around(const struct blocks *blocks, uint64_t addr)
{
	uint32_t item = addr >> BLOCKS_ADDR_BITS ? 0 : blocks_page(blocks, addr), index;
	uint64_t size;

	if (!item)
		return UINT32_MAX;
	if (item & BLOCKS_COVERED)
		index = item & ~BLOCKS_COVERED;
	else
		index = blocks_rank(&blocks->lines[item - 1], blocks_slot(blocks, addr)) - 1;
	if (index == UINT32_MAX)
		return UINT32_MAX;
	size = blocks_size(blocks, index);
	return addr - blocks_addr(blocks, index) < (size ? size : 1) ? index : UINT32_MAX;
}
