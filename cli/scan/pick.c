#include "cli/scan/pick.h"

#include "cli/scan/pick_x86_64.h"

size_t pick_any(const struct blocks *blocks, const uint64_t *words, size_t n_words, uint16_t at[PICK_WORDS])
{
	size_t n = 0;

	for (size_t i = 0; i < n_words; i++) {
		at[n] = (uint16_t)i;
		n += blocks_may_hold(blocks, blocks_untagged(words[i]));
	}
	return n;
}

pick_words *pick_best(void)
{
	return pick_has_avx2() ? pick_avx2 : pick_any;
}
