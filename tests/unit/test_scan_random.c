/* Random heaps: the verdicts against slow and simple definitions of them. */
#include "tests/unit/scan_image.h"

#define MAX_BLOCKS 60

static bool strong[MAX_BLOCKS][MAX_BLOCKS], any[MAX_BLOCKS][MAX_BLOCKS]; /* i points to j */
static bool root_strong[MAX_BLOCKS], root_any[MAX_BLOCKS];
static bool reachable[MAX_BLOCKS], possible[MAX_BLOCKS];
static uint64_t seed;

static unsigned draw(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static void close_over(unsigned n, bool edges[MAX_BLOCKS][MAX_BLOCKS], bool *set, const bool *without)
{
	for (bool more = true; more;) {
		more = false;
		for (unsigned i = 0; i < n; i++)
			for (unsigned j = 0; j < n; j++)
				if (set[i] && edges[i][j] && !set[j] && !without[j])
					set[j] = more = true;
	}
}

static void build(unsigned n, unsigned n_edges, unsigned n_roots, uint64_t *at)
{
	memset(strong, 0, sizeof(strong));
	memset(any, 0, sizeof(any));
	memset(root_strong, 0, sizeof(root_strong));
	memset(root_any, 0, sizeof(root_any));
	for (unsigned i = 0; i < n; i++)
		at[i] = add_block(128);
	for (unsigned e = 0; e < n_edges; e++) {
		unsigned i = draw(n), j = draw(n), slot = draw(14) + 2;
		bool inside = draw(4) == 0;
		uint64_t old;

		memcpy(&old, image_at(at[i] + slot * 8), 8);
		if (old)
			continue;
		put_word(at[i] + slot * 8, at[j] + (inside ? 40 : 0));
		if (i != j)
			any[i][j] = true;
		strong[i][j] |= i != j && !inside;
	}
	for (unsigned r = 0; r < n_roots; r++) {
		unsigned j = draw(n);
		bool inside = draw(2) == 0;

		add_global(r, at[j] + (inside ? 64 : 0));
		root_any[j] = true;
		root_strong[j] |= !inside;
	}
}

static void check_reached(unsigned n, const uint64_t *at)
{
	static const bool none[MAX_BLOCKS];

	memcpy(reachable, root_strong, sizeof(reachable));
	close_over(n, strong, reachable, none);
	memcpy(possible, root_any, sizeof(possible));
	for (unsigned i = 0; i < n; i++)
		for (unsigned j = 0; j < n; j++)
			possible[j] |= reachable[i] && any[i][j];
	for (unsigned i = 0; i < n; i++)
		possible[i] = possible[i] && !reachable[i];
	close_over(n, any, possible, reachable);
	for (unsigned i = 0; i < n; i++) {
		enum scan_verdict v = verdict_at(at[i]);

		cr_assert_eq(v == SCAN_REACHABLE, reachable[i]);
		cr_assert_eq(v == SCAN_POSSIBLE, possible[i]);
	}
}

static void check_lost(unsigned n, const uint64_t *at)
{
	static bool reaches[MAX_BLOCKS][MAX_BLOCKS];
	bool held[MAX_BLOCKS];

	for (unsigned i = 0; i < n; i++)
		held[i] = reachable[i] || possible[i];
	memset(reaches, 0, sizeof(reaches));
	for (unsigned i = 0; i < n; i++) {
		reaches[i][i] = true;
		close_over(n, any, reaches[i], held);
	}
	for (unsigned i = 0; i < n; i++) {
		bool leads = true;

		if (held[i])
			continue;
		for (unsigned j = 0; j < n; j++) /* the lowest of a component that no other reaches */
			if (j != i && !held[j] && reaches[j][i] && (!reaches[i][j] || j < i))
				leads = false;
		cr_assert_eq(verdict_at(at[i]), leads ? SCAN_DEFINITE : SCAN_INDIRECT);
		if (!leads) {
			uint32_t leader = block_at(at[i]).leader;

			cr_assert_eq(scan_block_get(&image.result, leader).verdict, SCAN_DEFINITE);
			for (unsigned j = 0; j < n; j++)
				if (scan_block_get(&image.result, leader).addr == at[j])
					cr_assert(reaches[j][i]);
		}
	}
}

/* Which blocks `from` leads to past no cut one. */
static void lead(unsigned n, unsigned from, const bool *held, const bool *cut, bool *led)
{
	bool without[MAX_BLOCKS];

	for (unsigned i = 0; i < n; i++)
		without[i] = held[i] || cut[i];
	memset(led, 0, MAX_BLOCKS * sizeof(*led));
	led[from] = true;
	close_over(n, any, led, without);
}

/* Blocks are made in the order of their addresses, so that their index is that of `at`. */
static void check_owners(unsigned n, const uint64_t *at, bool cut_some)
{
	static bool led[MAX_BLOCKS][MAX_BLOCKS];
	bool held[MAX_BLOCKS], cut[MAX_BLOCKS] = {false};
	uint32_t *owner;

	for (unsigned i = 0; i < n; i++) {
		held[i] = reachable[i] || possible[i];
		cut[i] = cut_some && !held[i] && draw(3) == 0;
	}
	for (unsigned i = 0; i < n; i++)
		lead(n, i, held, cut, led[i]);
	owner = scan_owners(&image.result, cut);
	for (unsigned i = 0; i < n; i++) {
		bool definite = verdict_at(at[i]) == SCAN_DEFINITE, free_of_cuts = false;

		for (unsigned d = 0; d < n; d++)
			free_of_cuts |= verdict_at(at[d]) == SCAN_DEFINITE && !cut[d] && led[d][i];
		if (held[i]) {
			cr_assert_eq(owner[i], SCAN_NONE);
			continue;
		}
		cr_assert_lt(owner[i], n);
		cr_assert(led[owner[i]][i]);
		if (cut[i] || definite)
			cr_assert_eq(owner[i], i);
		else
			cr_assert_eq(cut[owner[i]], !free_of_cuts);
		if (!cut_some && !definite)
			cr_assert_eq(owner[i], block_at(at[i]).leader);
	}
	free(owner);
}

static void check_chains(unsigned n, const uint64_t *at)
{
	for (unsigned i = 0; i < n; i++) {
		uint32_t chain[MAX_BLOCKS], root;
		size_t length = scan_chain(&image.result, scan_find(&image.result, at[i]), chain, MAX_BLOCKS, &root);

		cr_assert_eq(length > 0, reachable[i] || possible[i]);
		cr_assert_leq(length, n);
		if (length) {
			cr_assert_lt(root, image.result.n_roots);
			cr_assert_eq(scan_block_get(&image.result, chain[length - 1]).addr, at[i]);
		}
	}
}

Test(scan_random, verdicts_are_those_of_the_definition, .timeout = 60)
{
	for (unsigned round = 0; round < 400; round++) {
		uint64_t at[MAX_BLOCKS];
		unsigned n;

		image_reset();
		image.jemalloc = round % 2;
		seed = round;
		n = draw(MAX_BLOCKS - 2) + 2;
		build(n, draw(n * 2), draw(5), at);
		image_scan();
		check_reached(n, at);
		check_lost(n, at);
		check_owners(n, at, false);
		check_owners(n, at, true);
		check_chains(n, at);
	}
	scan_result_clear(&image.result);
	maps_clear(&image.maps);
}
