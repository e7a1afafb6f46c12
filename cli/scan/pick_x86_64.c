#include "cli/scan/pick_x86_64.h"

#ifdef __x86_64__
#include <immintrin.h>

bool pick_has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}

/* A bit for each of four words that is in neither span. What is compared is below 2^48, and so may have a sign: an
 * offset is outside if it is negative or too large. */
static inline __attribute__((target("avx2"))) unsigned outside(__m256i words, const __m256i low[2],
							       const __m256i n_bytes[2])
{
	__m256i addr = _mm256_and_si256(words, _mm256_set1_epi64x((INT64_C(1) << BLOCKS_ADDR_BITS) - 1));
	__m256i first = _mm256_sub_epi64(addr, low[0]), second = _mm256_sub_epi64(addr, low[1]);

	first = _mm256_or_si256(first, _mm256_cmpgt_epi64(first, n_bytes[0]));
	second = _mm256_or_si256(second, _mm256_cmpgt_epi64(second, n_bytes[1]));
	return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_and_si256(first, second)));
}

__attribute__((target("avx2"))) size_t pick_avx2(const struct blocks *blocks, const uint64_t *words,
						 size_t n_words, uint16_t at[PICK_WORDS])
{
	const struct blocks_span *spans = blocks->spans;
	const __m256i low[2] = {_mm256_set1_epi64x((int64_t)spans[0].low), _mm256_set1_epi64x((int64_t)spans[1].low)};
	const __m256i n_bytes[2] = {_mm256_set1_epi64x((int64_t)spans[0].n_bytes),
				    _mm256_set1_epi64x((int64_t)spans[1].n_bytes)};
	size_t i = 0, n = 0, n_rest;

	for (; i + 8 <= n_words; i += 8) {
		const __m256i *eight = (const __m256i *)(const void *)(words + i);
		unsigned inside = (outside(_mm256_loadu_si256(eight), low, n_bytes) |
				   outside(_mm256_loadu_si256(eight + 1), low, n_bytes) << 4) ^
				  0xff;

		for (; inside; inside &= inside - 1)
			at[n++] = (uint16_t)(i + (unsigned)__builtin_ctz(inside));
	}
	n_rest = pick_any(blocks, words + i, n_words - i, at + n);
	for (size_t k = n; k < n + n_rest; k++)
		at[k] = (uint16_t)(at[k] + i);
	return n + n_rest;
}

#else

bool pick_has_avx2(void)
{
	return false;
}

size_t pick_avx2(const struct blocks *blocks, const uint64_t *words, size_t n_words, uint16_t at[PICK_WORDS])
{
	return pick_any(blocks, words, n_words, at);
}

#endif
