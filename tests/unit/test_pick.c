/* Each way to pick words finds what a plain look at each finds. */
#include "cli/scan/pick_x86_64.h"

#include <criterion/criterion.h>

static uint64_t seed = 1;

static uint64_t draw(void)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return seed >> 13 ^ seed << 40;
}

static bool is_in(const struct blocks_span *span, uint64_t addr)
{
	return addr >= span->low && addr - span->low <= span->n_bytes;
}

/* Around the ends of the spans, with a tag or none, and anything. */
static uint64_t some_word(const struct blocks_span spans[2])
{
	const struct blocks_span *span = &spans[draw() % 2];
	uint64_t word = (draw() % 2 ? span->low : span->low + span->n_bytes) + draw() % 5 - 2;

	switch (draw() % 8) {
	case 0:
		return draw();
	case 1:
		return draw() % 100;
	case 2:
		return word | draw() << BLOCKS_ADDR_BITS;
	case 3:
		return span->low + draw() % (span->n_bytes + 1);
	default:
		return word;
	}
}

static void check(pick_words *pick, const struct blocks_span spans[2], size_t n_words)
{
	uint64_t words[PICK_WORDS] = {0};
	const struct blocks blocks = {.spans = {spans[0], spans[1]}};
	uint16_t at[PICK_WORDS];
	size_t n, k = 0;

	for (size_t i = 0; i < n_words; i++)
		words[i] = some_word(spans);
	n = pick(&blocks, words, n_words, at);
	for (size_t i = 0; i < n_words; i++) {
		uint64_t addr = words[i] & ((UINT64_C(1) << BLOCKS_ADDR_BITS) - 1);

		if (!is_in(&spans[0], addr) && !is_in(&spans[1], addr))
			continue;
		cr_assert_lt(k, n);
		cr_assert_eq(at[k], i);
		k++;
	}
	cr_assert_eq(k, n);
}

static void check_all(pick_words *pick)
{
	static const struct blocks_span spans[][2] = {
		{{0x555500000000, 0x1000000}, {0x7f0000000000, 0x40000000}},
		{{0x555500000000, 0x1000000}, {0x555500000000, 0x1000000}},
		{{0, 0}, {0xffffffffff00, 0xff}},
		{{0, 0xffffffffffff}, {0x1000, 0}},
	};

	for (int round = 0; round < 200; round++)
		for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++)
			for (size_t n = 0; n <= PICK_WORDS; n += n < 20 ? 1 : 59)
				check(pick, spans[i], n);
}

Test(pick, on_every_processor)
{
	check_all(pick_any);
}

Test(pick, on_this_one)
{
	check_all(pick_best());
	if (!pick_has_avx2())
		cr_skip_test("no AVX2 here");
	check_all(pick_avx2);
}
