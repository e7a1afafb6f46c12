/* A scan's result, packed and unpacked, answers as before; what was changed on the way is refused or harmless. */
#include "cli/scan/keep.h"
#include "tests/unit/scan_image.h"

static struct pack packed;

static void reset(void)
{
	image_reset();
}

static void clear(void)
{
	scan_result_clear(&image.result);
	maps_clear(&image.maps);
	pack_release(&packed);
}

TestSuite(keep, .init = reset, .fini = clear, .timeout = 60);

/* A root holds a chain; a cycle and a tree are lost; a pointer leads into the inside. */
static void scan_something(void)
{
	uint64_t at[40];

	for (int i = 0; i < 40; i++)
		at[i] = add_block(24 + (uint64_t)i * 8);
	for (int i = 0; i < 9; i++)
		put_word(at[i], at[i + 1]);
	add_global(0, at[0]);
	put_word(at[10], at[11]);
	put_word(at[11], at[10]);
	for (int i = 13; i < 30; i++)
		put_word(at[12] + (uint64_t)(i - 13) * 8, at[i]);
	add_global(1, at[31] + 16);
	image_scan();
	image.result.scanned = true;
	image.result.n_blocks = image.result.blocks->n;
	scan_pack(&image.result, true, &packed);
}

static bool unpack(struct scan_result *result)
{
	struct unpack from = {.at = packed.bytes, .end = packed.bytes + packed.n};

	return scan_unpack(&from, result);
}

static void expect_same_blocks(const struct scan_result *a, const struct scan_result *b)
{
	cr_assert_eq(a->n_blocks, b->n_blocks);
	for (uint32_t i = 0; i < a->n_blocks; i++) {
		struct scan_block x = scan_block_get(a, i), y = scan_block_get(b, i);
		uint32_t chain_x[16], chain_y[16], root_x, root_y;
		size_t n = scan_chain(a, i, chain_x, 16, &root_x);

		cr_assert(x.addr == y.addr && x.size_bytes == y.size_bytes && x.verdict == y.verdict);
		cr_assert(x.leader == y.leader && x.holder == y.holder && x.root == y.root && x.tagged == y.tagged);
		cr_assert_eq(scan_find(b, x.addr), i);
		cr_assert_eq(scan_find(b, x.addr + 8), SCAN_NONE);
		cr_assert_eq(scan_chain(b, i, chain_y, 16, &root_y), n);
		cr_assert_eq(root_x, root_y);
		cr_assert(n == 0 || memcmp(chain_x, chain_y, n * sizeof(chain_x[0])) == 0);
	}
}

Test(keep, it_answers_as_before)
{
	struct scan_result copy;
	uint32_t *before, *after;
	bool cut[64] = {0};

	scan_something();
	cr_assert(unpack(&copy));
	expect_same_blocks(&image.result, &copy);
	cr_assert_eq(copy.n_roots, image.result.n_roots);
	cr_assert_eq(copy.n_ranges, image.result.n_ranges);
	for (size_t i = 0; i < copy.n_roots; i++)
		cr_assert_eq(copy.roots[i].addr, image.result.roots[i].addr);
	cr_assert_eq(copy.totals[SCAN_DEFINITE].bytes, image.result.totals[SCAN_DEFINITE].bytes);
	if (image.result.edges) {
		cut[12] = true;
		before = scan_owners(&image.result, cut);
		after = scan_owners(&copy, cut);
		cr_assert_arr_eq(before, after, copy.n_blocks * sizeof(*before));
		free(before);
		free(after);
	}
	scan_result_clear(&copy);
}

Test(keep, a_scan_that_could_not_be_made_says_why)
{
	struct scan_result none = {.scanned = false, .why_not = "it was gone"}, copy;

	scan_pack(&none, true, &packed);
	cr_assert(unpack(&copy));
	cr_expect_not(copy.scanned);
	cr_expect_str_eq(copy.why_not, "it was gone");
	cr_expect_eq(copy.n_blocks, 0);
	scan_result_clear(&copy);
}

Test(keep, without_blocks_the_sums_are_there)
{
	struct scan_result copy;

	scan_something();
	packed.n = 0;
	scan_pack(&image.result, false, &packed);
	cr_assert(unpack(&copy));
	cr_expect(copy.scanned);
	cr_expect_eq(copy.totals[SCAN_REACHABLE].bytes, image.result.totals[SCAN_REACHABLE].bytes);
	cr_expect_null(copy.blocks);
	scan_result_clear(&copy);
}

/* Whatever a byte is changed to: refused, or all questions have an answer. */
Test(keep, changed_bytes_do_no_harm)
{
	unsigned refused = 0;

	scan_something();
	for (size_t at = 0; at < packed.n; at++) {
		static const uint8_t masks[] = {1, 0x80, 0xff};

		for (size_t m = 0; m < sizeof(masks); m++) {
			struct scan_result copy;
			uint32_t chain[4], root;
			bool cut[64] = {0};

			packed.bytes[at] ^= masks[m];
			if (!unpack(&copy)) {
				refused++;
			} else if (copy.blocks && copy.n_blocks <= 64) {
				for (uint32_t i = 0; i < copy.n_blocks; i++)
					scan_chain(&copy, i, chain, 4, &root);
				if (copy.edges)
					free(scan_owners(&copy, cut));
			}
			scan_result_clear(&copy);
			packed.bytes[at] ^= masks[m];
		}
	}
	cr_expect_gt(refused, packed.n / 8);
}

Test(keep, cut_short_it_is_refused)
{
	struct scan_result copy;
	size_t n;

	scan_something();
	n = packed.n;
	for (packed.n = 0; packed.n < n; packed.n++) {
		cr_assert_not(unpack(&copy), "%zu bytes", packed.n);
		scan_result_clear(&copy);
	}
	packed.n = n;
}
