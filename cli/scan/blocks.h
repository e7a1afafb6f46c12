/*
 * The live blocks by address: which block a word points into, in two memory accesses or three, and 14 bytes for each.
 *
 * An index is a block's rank by address. The address space is cut into pages of 256 granules of 16 bytes, or of 8 if
 * blocks begin at odd multiples of 8. A page in which blocks begin has a line, a cache line, with a bit for each
 * granule that a block begins at, and the number of blocks before: a rank is a population count. A page that is wholly
 * inside of one block names that block. Building takes two passes over all blocks, in any order and in batches, which
 * hide the memory's latency: blocks_see(), then blocks_number(), blocks_put(), then blocks_seal().
 */
#ifndef CLI_SCAN_BLOCKS_H
#define CLI_SCAN_BLOCKS_H

#include "cli/scan/pages.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCKS_MAX        ((1u << 29) - 2) /* an edge has 29 bits for the index */
#define BLOCKS_ADDR_BITS  48
#define BLOCKS_LEAF_BITS  14 /* pages per leaf: 64 MiB, or 32 MiB; all of it is read, few as its blocks may be */
#define BLOCKS_LEAF_SHIFT (8 + 3 + BLOCKS_LEAF_BITS) /* address bits within a leaf, of the smaller granules */
#define BLOCKS_COVERED    (UINT32_C(1) << 31)
#define BLOCKS_BATCH      64

/* What is known of a block as it is. */
enum block_flag {
	BLOCK_NEW_ARRAY = 1,
	/* One of these, or none: by nature not lost. */
	BLOCK_ROOT = 2,        /* of the dynamic loader */
	BLOCK_INHERITED = 4,   /* of the parent process */
	BLOCK_IGNORED = 128,   /* the program said that it is no leak */
	BLOCK_ALLOCATOR = 130, /* of an allocator that takes the place of glibc's */
	BLOCK_NATURE = 134,    /* their mask */

	BLOCK_START_8 = 8,   /* a pointer to its 9th byte is as good as one to its start: length64, newarray */
	BLOCK_START_24 = 16, /* stdstring */
	BLOCK_VTABLE = 32,   /* its first word points to a vtable */
	BLOCK_VTABLE_8 = 64, /* … and so does the second */
};

/* What the scan has found out. LINK tells what `link` is. */
enum block_state {
	STATE_POSSIBLE = 1,
	STATE_REACHABLE = 2,
	STATE_BY_ROOT = 4, /* link: index of a root */
	STATE_SEEN = 8,    /* of use within one pass, for blocks that are lost */
	STATE_IGNORED = 8, /* of one that is reachable: ignored, or held by ignored ones only */
	STATE_DEFINITE = 16,
	STATE_INDIRECT = 32, /* link: the leader */
	STATE_TAGGED = 64,
	STATE_ORIGIN = 128, /* of use within one pass */
};

struct blocks_line {
	uint64_t bits[4];
	uint32_t before; /* blocks that begin below the page */
	uint8_t sums[4]; /* those that begin in it before each word of bits */
	uint8_t reserved[24];
};
_Static_assert(sizeof(struct blocks_line) == 64, "a cache line");

struct blocks_item {
	uint64_t addr, size_bytes;
	unsigned flags; /* enum block_flag */
};

struct blocks_big {
	uint32_t index;
	uint64_t size_bytes;
};

/* Where the addresses' upper 32 bits change: a handful of places. */
struct blocks_high {
	uint32_t first; /* index */
	uint32_t addr_high;
};

/* [low, low + n_bytes] */
struct blocks_span {
	uint64_t low, n_bytes;
};

struct blocks {
	size_t n;
	unsigned granule_bits;       /* 3 or 4 */
	struct blocks_span spans[2]; /* all pointers to blocks are in these; once sealed */

	/* by block */
	uint32_t *addr_low;
	uint8_t *flags; /* enum block_flag */
	uint8_t *state; /* enum block_state */
	uint32_t *size; /* UINT32_MAX: see `bigs` */
	uint32_t *link;
	struct blocks_high *highs; /* by index */
	size_t n_highs, cap_highs;
	struct blocks_big *bigs; /* by index, once sealed */
	size_t n_bigs, cap_bigs;

	/* by page */
	uint32_t **leaves;     /* NULL = no block; items: 0 = none, a line's number + 1, or COVERED | a block */
	uint32_t *used_leaves; /* those that are not NULL, ascending once numbered: the table is far larger than most
				  use */
	size_t n_used_leaves, cap_used_leaves;
	struct blocks_line *lines;
	size_t n_lines;

	struct pages pages[7];
};

/* `granule_bits`: 4, or 3 if there are blocks at addresses that 16 does not divide. */
struct blocks *blocks_new(unsigned granule_bits);
void blocks_free(struct blocks *blocks);

/* Addresses below 2^48, multiples of the granule; at most BLOCKS_BATCH. Seeing one twice makes one block. */
void blocks_see(struct blocks *blocks, const struct blocks_item *items, size_t n);

/* False if there are more than BLOCKS_MAX. */
bool blocks_number(struct blocks *blocks);
void blocks_put(struct blocks *blocks, const struct blocks_item *items, size_t n);
void blocks_seal(struct blocks *blocks);

/* Index of the block that starts at `addr`; UINT32_MAX if there is none. */
uint32_t blocks_at(const struct blocks *blocks, uint64_t addr);

/* Index of the block that `addr` lies in, zero-size ones being one byte long; UINT32_MAX: in none. */
uint32_t blocks_around(const struct blocks *blocks, uint64_t addr);

uint64_t blocks_big_size(const struct blocks *blocks, uint32_t index);

static inline uint64_t blocks_addr(const struct blocks *blocks, uint32_t index)
{
	const struct blocks_high *high = blocks->highs;
	size_t n = blocks->n_highs;

	while (n > 1) {
		size_t half = n / 2;

		high += high[half].first <= index ? half : 0;
		n -= half;
	}
	return (uint64_t)high->addr_high << 32 | blocks->addr_low[index];
}

static inline uint64_t blocks_size(const struct blocks *blocks, uint32_t index)
{
	uint32_t size = blocks->size[index];

	return size == UINT32_MAX ? blocks_big_size(blocks, index) : size;
}

/* Whether `word` may be a pointer to a block. A heap from brk and one from mmap lie terabytes apart, and what is
 * between them is what text and pairs of integers look like: hence two spans. */
static inline bool blocks_may_hold(const struct blocks *blocks, uint64_t word)
{
	const struct blocks_span *spans = blocks->spans;

	return word - spans[0].low <= spans[0].n_bytes || word - spans[1].low <= spans[1].n_bytes;
}

/* `word` without the bits above those of an address, which may be a tag. */
static inline uint64_t blocks_untagged(uint64_t word)
{
	return word & ((UINT64_C(1) << BLOCKS_ADDR_BITS) - 1);
}

/* The leaf's item for an address: see `leaves`. */
static inline uint32_t blocks_page(const struct blocks *blocks, uint64_t addr)
{
	uint64_t page = addr >> 8 >> blocks->granule_bits;
	const uint32_t *leaf = blocks->leaves[page >> BLOCKS_LEAF_BITS];

	return leaf ? leaf[page & ((1u << BLOCKS_LEAF_BITS) - 1)] : 0;
}

static inline unsigned blocks_slot(const struct blocks *blocks, uint64_t addr)
{
	return addr >> blocks->granule_bits & 255;
}

/* Whether a block begins exactly at `addr`, which is in the line's page. */
static inline bool blocks_begins(const struct blocks *blocks, const struct blocks_line *line, uint64_t addr)
{
	unsigned slot = blocks_slot(blocks, addr);

	return line->bits[slot / 64] >> slot % 64 & 1 && !(addr & ((1u << blocks->granule_bits) - 1));
}

/* Number of bits set; x86-64 as such has no instruction for it, and the compiler's function looks into a table. */
static inline uint32_t blocks_popcount(uint64_t x)
{
	x -= x >> 1 & UINT64_C(0x5555555555555555);
	x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
	x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (uint32_t)(x * UINT64_C(0x0101010101010101) >> 56);
}

/* Number of blocks that begin at or below this slot of the line's page, in all. */
static inline uint32_t blocks_rank(const struct blocks_line *line, unsigned slot)
{
	return line->before + line->sums[slot / 64] + blocks_popcount(line->bits[slot / 64] << (63 - slot % 64));
}

#endif
