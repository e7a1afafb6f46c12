/* What points to what, of made-up blocks: what was put is found, whatever came before in the group. */
#include "cli/scan/edges.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define N_BLOCKS 2000u

static uint32_t n_edges[N_BLOCKS];

/* The edges of a block are told by its number. */
static struct edge edge_of(uint32_t block, uint32_t i)
{
	struct edge edge = {.target = (block * 31 + i * 7) % N_BLOCKS, .where = (enum edge_class)((block + i) % 4)};

	if (edge.where == CLASS_INSIDE)
		edge.offset = block + i;
	return edge;
}

static void put_part(struct edges_part *part, uint32_t first, uint32_t end, uint32_t (*count)(void))
{
	for (uint32_t b = first; b < end; b++) {
		edges_begin(part, b);
		n_edges[b] = count();
		for (uint32_t i = 0; i < n_edges[b]; i++)
			edges_add(part, edge_of(b, i));
		edges_end(part);
	}
}

/* In parts, of which the last is made first. */
static void put(struct edges *edges, uint32_t (*count)(void), uint32_t n_parts)
{
	struct edges_part parts[8];
	uint32_t each = N_BLOCKS / n_parts / EDGE_GROUP * EDGE_GROUP;

	edges_init(edges, N_BLOCKS);
	for (uint32_t p = n_parts; p-- > 0;) {
		edges_part(&parts[p], edges);
		put_part(&parts[p], p * each, p + 1 == n_parts ? N_BLOCKS : (p + 1) * each, count);
	}
	for (uint32_t p = 0; p < n_parts; p++)
		edges_join(edges, &parts[p], p * each, p + 1 == n_parts ? N_BLOCKS : (p + 1) * each);
}

static void expect_all(const struct edges *edges)
{
	for (uint32_t b = 0; b < N_BLOCKS; b++) {
		struct edges_cursor cursor = edges_of(edges, b);
		uint32_t n = 0;

		cr_assert_eq(edges_any(edges, b), n_edges[b] > 0);
		for (; cursor.at; n++) {
			struct edge got = edges_next(&cursor), wanted = edge_of(b, n);

			cr_assert_eq(got.target, wanted.target, "block %u, edge %u", b, n);
			cr_assert_eq(got.where, wanted.where);
			cr_assert_eq(got.offset, wanted.offset);
		}
		cr_assert_eq(n, n_edges[b], "block %u", b);
	}
}

static uint32_t few_or_none(void)
{
	return rand() % 3 ? 0 : (uint32_t)rand() % 4;
}

static uint32_t any(void)
{
	return rand() % 4 ? few_or_none() : (uint32_t)rand() % 60;
}

static uint32_t often_many(void)
{
	return rand() % 2 ? 0 : EDGE_LONG - 2 + (uint32_t)rand() % 500;
}

Test(edges, what_was_put_is_found)
{
	static uint32_t (*const counts[])(void) = {few_or_none, any, often_many};

	srand(5);
	for (size_t i = 0; i < 3 * sizeof(counts) / sizeof(*counts); i++) {
		struct edges edges;

		put(&edges, counts[i / 3], (uint32_t)(i % 3 * 3 + 1));
		expect_all(&edges);
		cr_assert_eq(edges.longs.n > 0, i >= 3);
		edges_free(&edges);
	}
}
