/*
 * The live blocks by address: which block a word points into, in two or three memory accesses, and 12 bytes for each.
 *
 * An index is a block's rank by address. The address space is cut into pages of 4 KiB. A page in which blocks begin
 * has a line of 512 bits, one per 8 bytes, set where a block begins, and the number of blocks before it: a rank is
 * a population count. Pages wholly inside of one block name that block. Building takes two passes over the blocks:
 * blocks_see() for each, blocks_number(), blocks_put() for each, blocks_seal().
 */
#ifndef CLI_SCAN_BLOCKS_H
#define CLI_SCAN_BLOCKS_H

#include "cli/scan/pages.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCKS_MAX       ((1u << 29) - 2) /* an edge has 29 bits for the index */
#define BLOCKS_ADDR_BITS 48
#define BLOCKS_LEAF_BITS 18 /* pages per leaf: 1 GiB */
#define BLOCKS_COVERED   (UINT32_C(1) << 31)

/* What is known of a block as it is. */
enum block_flag {
	BLOCK_NEW_ARRAY = 1,
	BLOCK_ROOT = 2, /* reachable by itself: of the dynamic loader … */
	BLOCK_INHERITED = 4, /* … or of the parent process */
	BLOCK_START_8 = 8, /* a pointer to its 9th byte is as good as one to its start: length64, newarray */
	BLOCK_START_24 = 16, /* stdstring */
	BLOCK_VTABLE = 32, /* its first word points to a vtable */
	BLOCK_VTABLE_8 = 64, /* … and so does the second */
};

/* What the scan has found out. LINK tells what `link` is. */
enum block_state {
	STATE_POSSIBLE = 1,
	STATE_REACHABLE = 2,
	STATE_BY_ROOT = 4, /* link: index of a root */
	STATE_SEEN = 8, /* of use within one pass */
	STATE_DEFINITE = 16,
	STATE_INDIRECT = 32, /* link: the leader */
	STATE_TAGGED = 64,
	STATE_ORIGIN = 128, /* of use within one pass */
};

struct blocks_line {
	uint64_t bits[8];
};

struct blocks_big {
	uint32_t index;
	uint64_t size_bytes;
};

struct blocks {
	size_t n;
	uint64_t low, span; /* pointers are in [low, low + span] */

	/* by block */
	uint32_t *addr_low;
	uint16_t *addr_high;
	uint8_t *flags; /* enum block_flag */
	uint8_t *state; /* enum block_state */
	uint32_t *size; /* UINT32_MAX: see `bigs` */
	uint32_t *link;
	struct blocks_big *bigs; /* by index, once sealed */
	size_t n_bigs, cap_bigs;

	/* by page */
	uint32_t **leaves; /* per GiB, NULL = no block; items: 0 = none, a line's number + 1, or COVERED | a block */
	struct blocks_line *lines;
	uint32_t *before; /* by line: blocks that begin below the page */
	size_t n_lines;

	struct pages pages[9];
};

struct blocks *blocks_new(void);
void blocks_free(struct blocks *blocks);

/* `addr` below 2^48, a multiple of 8. Seeing one twice makes one block. */
void blocks_see(struct blocks *blocks, uint64_t addr);

/* False if there are more than BLOCKS_MAX. */
bool blocks_number(struct blocks *blocks);
void blocks_put(struct blocks *blocks, uint64_t addr, uint64_t size_bytes, unsigned flags);
void blocks_seal(struct blocks *blocks);

/* Index of the block that starts at `addr`; UINT32_MAX if there is none. */
uint32_t blocks_at(const struct blocks *blocks, uint64_t addr);

/* Index of the block that `addr` lies in, zero-size ones being one byte long; UINT32_MAX: in none. */
uint32_t blocks_around(const struct blocks *blocks, uint64_t addr);

uint64_t blocks_big_size(const struct blocks *blocks, uint32_t index);

static inline uint64_t blocks_addr(const struct blocks *blocks, uint32_t index)
{
	return (uint64_t)blocks->addr_high[index] << 32 | blocks->addr_low[index];
}

static inline uint64_t blocks_size(const struct blocks *blocks, uint32_t index)
{
	uint32_t size = blocks->size[index];

	return size == UINT32_MAX ? blocks_big_size(blocks, index) : size;
}

/* The leaf's item for an address: see `leaves`. */
static inline uint32_t blocks_page(const struct blocks *blocks, uint64_t addr)
{
	const uint32_t *leaf = blocks->leaves[addr >> (12 + BLOCKS_LEAF_BITS)];

	return leaf ? leaf[addr >> 12 & ((1u << BLOCKS_LEAF_BITS) - 1)] : 0;
}

/* Number of blocks that begin in the page up to and including 8-byte slot `slot`. */
static inline uint32_t blocks_rank(const struct blocks_line *line, unsigned slot)
{
	unsigned word = slot / 64;
	uint32_t n = (uint32_t)__builtin_popcountll(line->bits[word] << (63 - slot % 64));

	while (word-- > 0)
		n += (uint32_t)__builtin_popcountll(line->bits[word]);
	return n;
}

#endif
