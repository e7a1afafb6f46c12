#include "cli/scan/pick.h"

#include "cli/scan/pick_x86_64.h"

size_t pick_any(const struct blocks_span spans[2], const uint64_t *words, size_t n_words, uint16_t at[PICK_WORDS])
{
	size_t n = 0;

	for (size_t i = 0; i < n_words; i++) {
		uint64_t addr = words[i] & ((UINT64_C(1) << PICK_BITS) - 1);

		at[n] = (uint16_t)i;
		n += addr - spans[0].low <= spans[0].n_bytes || addr - spans[1].low <= spans[1].n_bytes;
	}
	return n;
}

pick_words *pick_best(void)
{
	return pick_has_avx2() ? pick_avx2 : pick_any;
}
