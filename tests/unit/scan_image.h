/* A picture of a process's memory for tests of the scan: a heap laid out as glibc would, one page of globals, one of
 * libc's data, a stack, a file with two vtables. No process is needed. */
#ifndef TESTS_UNIT_SCAN_IMAGE_H
#define TESTS_UNIT_SCAN_IMAGE_H

#include "cli/base/xalloc.h"
#include "cli/scan/components.h"
#include "cli/scan/graph.h"
#include "cli/scan/mark.h"
#include "cli/scan/result.h"
#include "cli/scan/sweep.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define HEAP       UINT64_C(0x555500000000)
#define HEAP_BYTES ((uint64_t)4 << 20)
#define DATA       UINT64_C(0x7f0000000000) /* globals, libc's data, stack: a page each */
#define LIBC_DATA  (DATA + 4096)
#define STACK      (DATA + 8192)
#define CODE       UINT64_C(0x7f1000000000)
#define TABLES     UINT64_C(0x7f1000010000)
#define VTABLE_A   (TABLES + 64)
#define VTABLE_B   (TABLES + 128)
#define NO_BLOCK   UINT32_MAX

struct image {
	uint8_t heap[HEAP_BYTES], data[3 * 4096], tables[4096];
	uint64_t hole, hole_end; /* cannot be read */
	struct blocks_item items[4096];
	size_t n_items;
	uint64_t top;     /* of the heap, that is used */
	unsigned spacing; /* 0 = as glibc */
	bool jemalloc;
	struct scan_result result;
	struct maps maps;
};

static struct image image;

static uint8_t *image_at(uint64_t addr)
{
	if (addr >= image.hole && addr < image.hole_end)
		return NULL;
	if (addr >= HEAP && addr < HEAP + HEAP_BYTES)
		return image.heap + (addr - HEAP);
	if (addr >= DATA && addr < DATA + sizeof(image.data))
		return image.data + (addr - DATA);
	if (addr >= TABLES && addr < TABLES + sizeof(image.tables))
		return image.tables + (addr - TABLES);
	return NULL;
}

static size_t image_read(void *ctx, const struct iovec *pieces, size_t n_pieces, void *buf)
{
	uint8_t *to = buf;

	(void)ctx;
	for (size_t i = 0; i < n_pieces; i++) {
		for (size_t b = 0; b < pieces[i].iov_len; b++) {
			const uint8_t *from = image_at((uint64_t)(uintptr_t)pieces[i].iov_base + b);

			if (!from)
				return (size_t)(to - (uint8_t *)buf);
			*to++ = *from;
		}
	}
	return (size_t)(to - (uint8_t *)buf);
}

static inline void put_word(uint64_t addr, uint64_t word)
{
	memcpy(image_at(addr), &word, 8);
}

static inline void image_reset(void)
{
	scan_result_clear(&image.result);
	maps_clear(&image.maps);
	memset(&image, 0, sizeof(image));
	image.top = HEAP + 16;
	for (uint64_t table = VTABLE_A; table <= VTABLE_B; table += 64)
		for (int i = 0; i < 3; i++)
			put_word(table + (uint64_t)i * 8, CODE + 16);
}

/* A new live block; also of a flag. */
static inline uint64_t add_flagged(uint64_t size, unsigned flags)
{
	uint64_t addr = image.top, chunk = (size + 8 + 15) & ~UINT64_C(15);

	image.top += image.spacing ? image.spacing : chunk < 32 ? 32 : chunk;
	cr_assert(image.top < HEAP + HEAP_BYTES);
	image.items[image.n_items++] = (struct blocks_item){addr, size, flags};
	return addr;
}

static inline uint64_t add_block(uint64_t size)
{
	return add_flagged(size, 0);
}

static inline void add_global(unsigned slot, uint64_t word)
{
	put_word(DATA + slot * 8, word);
}

static inline void image_range(enum scan_root_kind kind, uint64_t start, uint64_t end, bool allocator_words)
{
	struct scan_result *r = &image.result;

	r->ranges = xgrow(r->ranges, &r->cap_ranges, r->n_ranges + 1, sizeof(*r->ranges));
	r->ranges[r->n_ranges++] =
		(struct scan_range){.kind = kind, .start = start, .end = end, .allocator_words = allocator_words};
}

static inline void image_scan(void)
{
	struct scan_memory memory = {.read = image_read, .by_many = true};
	struct scan_result *r = &image.result;
	struct graph *graph;

	maps_parse(&image.maps, xasprintf("%lx-%lx r-xp 00000000 08:01 7 /lib/x.so\n"
					  "%lx-%lx r--p 00001000 08:01 7 /lib/x.so\n",
					  CODE, CODE + 4096, TABLES, TABLES + 4096));
	r->blocks = blocks_new(image.spacing % 16 ? 3 : 4);
	for (size_t i = 0; i < image.n_items; i++)
		blocks_see(r->blocks, &image.items[i], 1);
	cr_assert(blocks_number(r->blocks));
	for (size_t i = image.n_items; i-- > 0;)
		blocks_put(r->blocks, &image.items[i], 1);
	blocks_seal(r->blocks);
	r->n_blocks = r->blocks->n;
	image_range(SCAN_ROOT_GLOBAL, DATA, DATA + 4096, false);
	image_range(SCAN_ROOT_GLOBAL, LIBC_DATA, LIBC_DATA + 4096, true);
	image_range(SCAN_ROOT_STACK, STACK, STACK + 4096, true);
	image_range(SCAN_ROOT_LOADER, 0, 0, false);
	image_range(SCAN_ROOT_INHERITED, 0, 0, false);
	image_range(SCAN_ROOT_IGNORED, 0, 0, false);
	graph = graph_new(&memory, &image.maps, r, !image.jemalloc);
	sweep_heap(graph);
	sweep_roots(graph);
	mark_reached(graph);
	components_find(graph);
	mark_tagged(graph);
	result_totals(r);
	r->edges = xmalloc(sizeof(*r->edges)); /* kept, as scan_run() does when asked to */
	*r->edges = graph->edges;
	graph->edges = (struct edges){0};
	graph_free(graph);
}

static inline struct scan_block block_at(uint64_t addr)
{
	uint32_t index = scan_find(&image.result, addr);

	cr_assert_neq(index, SCAN_NONE);
	return scan_block_get(&image.result, index);
}

static inline enum scan_verdict verdict_at(uint64_t addr)
{
	return block_at(addr).verdict;
}

/* Number of blocks: definite, indirect, possible, reachable. */
static inline void assert_totals(unsigned d, unsigned i, unsigned p, unsigned r)
{
	const struct scan_amount *t = image.result.totals;

	cr_assert(t[SCAN_DEFINITE].blocks == d && t[SCAN_INDIRECT].blocks == i && t[SCAN_POSSIBLE].blocks == p &&
			  t[SCAN_REACHABLE].blocks == r,
		  "%lu definite, %lu indirect, %lu possible, %lu reachable", t[SCAN_DEFINITE].blocks,
		  t[SCAN_INDIRECT].blocks, t[SCAN_POSSIBLE].blocks, t[SCAN_REACHABLE].blocks);
}

#endif
