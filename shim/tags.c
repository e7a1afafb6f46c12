/* Writable process-wide, by all threads: the table, the count of vague suspicions. */
#include "shim/tags.h"

#define VAGUE_MAX 1000 /* stacks for addresses of which nothing is known: they may well be in order */

_Atomic uint32_t mw_tags[1u << TAGS_BITS];

static _Atomic uint32_t n_vague;

bool mw_tags_suspect(uint32_t entry, uint32_t freed)
{
	if (entry == 0)
		return atomic_fetch_add_explicit(&n_vague, 1, memory_order_relaxed) < VAGUE_MAX;
	return (entry ^ freed) < 8; /* the same address: freed already, or of another family */
}
