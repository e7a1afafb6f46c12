/* A sweep by several threads, if there are as many processors, finds what one thread finds. */
#include "cli/base/xalloc.h"
#include "cli/scan/components.h"
#include "cli/scan/graph.h"
#include "cli/scan/mark.h"
#include "cli/scan/result.h"
#include "cli/scan/sweep.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define HEAP        UINT64_C(0x555500000000)
#define BLOCK_BYTES 128u
#define N_BLOCKS    80000u
#define LARGE_BYTES (1u << 20) /* of one more block, behind them */
#define HEAP_WORDS  ((N_BLOCKS * BLOCK_BYTES + LARGE_BYTES) / 8)
#define ROOTS       UINT64_C(0x7f0000000000)
#define ROOT_WORDS  (1u << 20)
#define TABLE       UINT64_C(0x7f1000000000)
#define CODE        (TABLE + 4096)

static uint64_t heap[HEAP_WORDS], roots[ROOT_WORDS], table[512], seed;

static uint32_t draw(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

/* Mostly no pointer; else to a start, an inside, with a tag, or to the vtable. */
static uint64_t some_word(uint32_t of_starts)
{
	uint64_t block = HEAP + (uint64_t)draw(N_BLOCKS) * BLOCK_BYTES;
	uint32_t kind = draw(1000);

	return kind < of_starts ? block
	       : kind < 60      ? block + draw(BLOCK_BYTES)
	       : kind < 62      ? block | UINT64_C(0x1234) << 48
	       : kind < 70      ? TABLE + 64
				: kind;
}

static void fill(void)
{
	seed = 7;
	for (uint32_t i = 0; i < HEAP_WORDS; i++)
		heap[i] = some_word(40);
	for (uint32_t i = 0; i < ROOT_WORDS; i++)
		roots[i] = draw(16) ? draw(16) : some_word(30);
	for (uint32_t i = 8; i < 12; i++)
		table[i] = CODE + 16;
}

static const void *at(uint64_t addr)
{
	if (addr >= HEAP && addr < HEAP + sizeof(heap))
		return (const uint8_t *)heap + (addr - HEAP);
	if (addr >= ROOTS && addr < ROOTS + sizeof(roots))
		return (const uint8_t *)roots + (addr - ROOTS);
	return addr >= TABLE && addr < CODE ? (const uint8_t *)table + (addr - TABLE) : NULL;
}

static size_t copy(void *ctx, const struct iovec *pieces, size_t n_pieces, void *buf)
{
	size_t done = 0;

	(void)ctx;
	for (size_t i = 0; i < n_pieces; done += pieces[i++].iov_len)
		memcpy((uint8_t *)buf + done, at((uint64_t)(uintptr_t)pieces[i].iov_base), pieces[i].iov_len);
	return done;
}

static void add_range(struct scan_result *result, enum scan_root_kind kind, uint64_t start, uint64_t end)
{
	result->ranges = xgrow(result->ranges, &result->cap_ranges, result->n_ranges + 1, sizeof(*result->ranges));
	result->ranges[result->n_ranges++] = (struct scan_range){.kind = kind, .start = start, .end = end};
}

static void make_blocks(struct scan_result *result)
{
	struct blocks *blocks = result->blocks = blocks_new(4);
	struct blocks_item item = {0};

	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t i = 0; i <= N_BLOCKS; i++) {
			item.addr = HEAP + (uint64_t)i * BLOCK_BYTES;
			item.size_bytes = i < N_BLOCKS ? BLOCK_BYTES - 8 : LARGE_BYTES - 8;
			item.flags = i % 1000 == 999 ? BLOCK_INHERITED : i % 1000 == 499 ? BLOCK_IGNORED : 0;
			(pass == 0 ? blocks_see : blocks_put)(blocks, &item, 1);
		}
		if (pass == 0)
			cr_assert(blocks_number(blocks));
	}
	blocks_seal(blocks);
	result->n_blocks = blocks->n;
}

static void sweep(struct scan_result *result, struct maps *maps, bool by_many)
{
	struct scan_memory memory = {.read = copy, .by_many = by_many};
	struct graph *graph;

	memset(result, 0, sizeof(*result));
	make_blocks(result);
	add_range(result, SCAN_ROOT_GLOBAL, ROOTS, ROOTS + sizeof(roots) / 2);
	add_range(result, SCAN_ROOT_INHERITED, 0, 0);
	add_range(result, SCAN_ROOT_GLOBAL, ROOTS + sizeof(roots) / 2, ROOTS + sizeof(roots));
	add_range(result, SCAN_ROOT_IGNORED, 0, 0);
	graph = graph_new(&memory, maps, result, true);
	sweep_heap(graph);
	sweep_roots(graph);
	mark_reached(graph);
	components_find(graph);
	mark_tagged(graph);
	result_totals(result);
	result->edges = xmalloc(sizeof(*result->edges));
	*result->edges = graph->edges;
	graph->edges = (struct edges){0};
	graph_free(graph);
}

static void expect_same_block(const struct scan_result *a, const struct scan_result *b, uint32_t i)
{
	const struct scan_block x = scan_block_get(a, i), y = scan_block_get(b, i);

	cr_assert_eq(x.addr, y.addr);
	cr_assert_eq(x.verdict, y.verdict, "block %u", i);
	cr_assert(x.ignored == y.ignored && x.tagged == y.tagged && x.inherited == y.inherited, "block %u", i);
	cr_assert_eq(x.leader, y.leader, "block %u", i);
	cr_assert_eq(x.holder, y.holder, "block %u", i);
	cr_assert_eq(x.root, y.root, "block %u", i);
	if (x.root != SCAN_NONE)
		cr_assert(a->roots[x.root].addr == b->roots[y.root].addr &&
			  a->roots[x.root].range == b->roots[y.root].range);
}

Test(sweep, threads_agree_with_one)
{
	struct scan_result one, many;
	static bool cut[N_BLOCKS + 1];
	struct maps maps = {0};
	uint32_t *owners[2];

	fill();
	maps_parse(&maps,
		   xasprintf("%lx-%lx r--p 00001000 08:01 7 /lib/x.so\n%lx-%lx r-xp 00000000 08:01 7 /lib/x.so\n",
			     TABLE, CODE, CODE, CODE + 4096));
	sweep(&one, &maps, false);
	sweep(&many, &maps, true);
	cr_assert_eq(one.n_blocks, N_BLOCKS + 1);
	cr_assert(one.n_roots == many.n_roots && one.root_bytes == many.root_bytes);
	cr_assert(one.unreadable_heap_bytes == 0 && many.unreadable_heap_bytes == 0);
	for (int v = 0; v < N_SCAN_VERDICTS; v++) {
		cr_assert_gt(one.totals[v].blocks, 0, "verdict %d", v);
		cr_assert_eq(one.totals[v].blocks, many.totals[v].blocks);
	}
	for (uint32_t i = 0; i < one.n_blocks; i++)
		expect_same_block(&one, &many, i);
	owners[0] = scan_owners(&one, cut);
	owners[1] = scan_owners(&many, cut);
	cr_assert_eq(memcmp(owners[0], owners[1], one.n_blocks * sizeof(**owners)), 0);
	free(owners[0]);
	free(owners[1]);
	scan_result_clear(&one);
	scan_result_clear(&many);
	maps_clear(&maps);
}
