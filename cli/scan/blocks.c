#include "cli/scan/blocks.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>

#define N_LEAVES  ((size_t)1 << (BLOCKS_ADDR_BITS - 12 - BLOCKS_LEAF_BITS))
#define LEAF_SIZE ((size_t)1 << BLOCKS_LEAF_BITS)

enum array {
	ARRAY_LINES,
	ARRAY_BEFORE,
	ARRAY_ADDR_LOW,
	ARRAY_ADDR_HIGH,
	ARRAY_FLAGS,
	ARRAY_STATE,
	ARRAY_SIZE,
	ARRAY_LINK,
	ARRAY_LEAVES,
};

struct blocks *blocks_new(void)
{
	struct blocks *blocks = xcalloc(1, sizeof(*blocks));

	blocks->leaves = pages_alloc(&blocks->pages[ARRAY_LEAVES], N_LEAVES * sizeof(*blocks->leaves));
	blocks->low = UINT64_MAX;
	return blocks;
}

void blocks_free(struct blocks *blocks)
{
	if (!blocks)
		return;
	for (size_t i = 0; i < N_LEAVES; i++)
		free(blocks->leaves[i]);
	for (size_t i = 0; i < sizeof(blocks->pages) / sizeof(blocks->pages[0]); i++)
		pages_free(&blocks->pages[i]);
	free(blocks->bigs);
	free(blocks);
}

static uint32_t *page_item(struct blocks *blocks, uint64_t addr)
{
	uint32_t **leaf = &blocks->leaves[addr >> (12 + BLOCKS_LEAF_BITS)];

	if (!*leaf)
		*leaf = xcalloc(LEAF_SIZE, sizeof(**leaf));
	return *leaf + (addr >> 12 & (LEAF_SIZE - 1));
}

static unsigned slot_of(uint64_t addr)
{
	return addr >> 3 & 511;
}

void blocks_see(struct blocks *blocks, uint64_t addr)
{
	uint32_t *item = page_item(blocks, addr);

	if (!*item) {
		*item = (uint32_t)++blocks->n_lines;
		blocks->lines = pages_grow(&blocks->pages[ARRAY_LINES], blocks->n_lines * sizeof(*blocks->lines));
	}
	blocks->lines[*item - 1].bits[slot_of(addr) / 64] |= UINT64_C(1) << slot_of(addr) % 64;
}

/* Calls with each leaf's item that is in use, by address. */
static void number_leaf(struct blocks *blocks, const uint32_t *leaf)
{
	for (size_t i = 0; i < LEAF_SIZE; i++) {
		if (!leaf[i])
			continue;
		blocks->before[leaf[i] - 1] = (uint32_t)blocks->n;
		blocks->n += blocks_rank(&blocks->lines[leaf[i] - 1], 511);
	}
}

bool blocks_number(struct blocks *blocks)
{
	if (blocks->n_lines > BLOCKS_MAX / 8)
		return false;
	blocks->before = pages_alloc(&blocks->pages[ARRAY_BEFORE], blocks->n_lines * sizeof(*blocks->before));
	for (size_t i = 0; i < N_LEAVES; i++)
		if (blocks->leaves[i])
			number_leaf(blocks, blocks->leaves[i]);
	if (blocks->n > BLOCKS_MAX)
		return false;
	blocks->addr_low = pages_alloc(&blocks->pages[ARRAY_ADDR_LOW], blocks->n * sizeof(*blocks->addr_low));
	blocks->addr_high = pages_alloc(&blocks->pages[ARRAY_ADDR_HIGH], blocks->n * sizeof(*blocks->addr_high));
	blocks->flags = pages_alloc(&blocks->pages[ARRAY_FLAGS], blocks->n);
	blocks->state = pages_alloc(&blocks->pages[ARRAY_STATE], blocks->n);
	blocks->size = pages_alloc(&blocks->pages[ARRAY_SIZE], blocks->n * sizeof(*blocks->size));
	blocks->link = pages_alloc(&blocks->pages[ARRAY_LINK], blocks->n * sizeof(*blocks->link));
	return true;
}

uint32_t blocks_at(const struct blocks *blocks, uint64_t addr)
{
	uint32_t item = addr >> BLOCKS_ADDR_BITS || addr % 8 ? 0 : blocks_page(blocks, addr);
	const struct blocks_line *line;

	if (!item || item & BLOCKS_COVERED)
		return UINT32_MAX;
	line = &blocks->lines[item - 1];
	if (!(line->bits[slot_of(addr) / 64] >> slot_of(addr) % 64 & 1))
		return UINT32_MAX;
	return blocks->before[item - 1] + blocks_rank(line, slot_of(addr)) - 1;
}

void blocks_put(struct blocks *blocks, uint64_t addr, uint64_t size_bytes, unsigned flags)
{
	uint32_t index = blocks_at(blocks, addr);

	blocks->addr_low[index] = (uint32_t)addr;
	blocks->addr_high[index] = (uint16_t)(addr >> 32);
	blocks->flags[index] = (uint8_t)flags;
	blocks->size[index] = size_bytes < UINT32_MAX ? (uint32_t)size_bytes : UINT32_MAX;
	if (size_bytes < UINT32_MAX)
		return;
	blocks->bigs = xgrow(blocks->bigs, &blocks->cap_bigs, blocks->n_bigs + 1, sizeof(*blocks->bigs));
	blocks->bigs[blocks->n_bigs++] = (struct blocks_big){index, size_bytes};
}

static int compare_bigs(const void *a, const void *b)
{
	const struct blocks_big *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

uint64_t blocks_big_size(const struct blocks *blocks, uint32_t index)
{
	struct blocks_big key = {.index = index};
	const struct blocks_big *big =
		bsearch(&key, blocks->bigs, blocks->n_bigs, sizeof(*blocks->bigs), compare_bigs);

	return big ? big->size_bytes : UINT32_MAX;
}

/* Names the block in the pages that it reaches and in which no block begins. */
static void cover(struct blocks *blocks, uint32_t index)
{
	uint64_t addr = blocks_addr(blocks, index), end = addr + blocks_size(blocks, index);
	uint64_t limit = index + 1 < blocks->n ? blocks_addr(blocks, index + 1) : UINT64_C(1) << BLOCKS_ADDR_BITS;

	if (end > limit)
		end = limit; /* a size that cannot be */
	for (uint64_t page = (addr | 4095) + 1; page < end; page += 4096) {
		uint32_t *item = page_item(blocks, page);

		if (!*item)
			*item = BLOCKS_COVERED | index;
	}
}

void blocks_seal(struct blocks *blocks)
{
	if (blocks->n_bigs)
		qsort(blocks->bigs, blocks->n_bigs, sizeof(*blocks->bigs), compare_bigs);
	for (uint32_t i = 0; i < blocks->n; i++)
		if (blocks->size[i] > 8)
			cover(blocks, i);
	if (blocks->n == 0)
		return;
	blocks->low = blocks_addr(blocks, 0);
	blocks->span = blocks_addr(blocks, (uint32_t)blocks->n - 1) +
		       blocks_size(blocks, (uint32_t)blocks->n - 1) - blocks->low;
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
		index = blocks->before[item - 1] + blocks_rank(&blocks->lines[item - 1], slot_of(addr)) - 1;
	if (index == UINT32_MAX)
		return UINT32_MAX;
	size = blocks_size(blocks, index);
	return addr - blocks_addr(blocks, index) < (size ? size : 1) ? index : UINT32_MAX;
}
