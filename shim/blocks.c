/* Writable process-wide, by all threads: the table, the number of marks given, the count of vague suspicions. */
#include "shim/blocks.h"

#define VAGUE_MAX 1000 /* stacks for addresses of which nothing is known: they may well be in order */
#define N_MARKS   (UINT64_C(1) << (64 - BLOCK_MARK_SHIFT))

_Atomic uint64_t mw_blocks[1u << BLOCKS_BITS];

static _Atomic uint64_t n_marks;
static _Atomic uint32_t n_vague;

bool mw_blocks_suspect(uint64_t entry, uint64_t addr, unsigned kind)
{
	uint64_t differs = (entry ^ mw_block(addr, mw_block_wanted(kind))) & BLOCK_MASK;

	if (differs == 0 || mw_blocks_other(entry, differs))
		return false;
	if (entry == 0)
		return atomic_fetch_add_explicit(&n_vague, 1, memory_order_relaxed) < VAGUE_MAX;
	return true; /* freed already, or of another family */
}

/* What another thread puts there meanwhile has the mark of its current chunk; should that be lost, its free is recorded
 * as a far one. */
static MW_COLD void forget_marks(void)
{
	for (uint32_t i = 0; i < MW_ARRAY_LEN(mw_blocks); i++) {
		uint64_t entry = atomic_load_explicit(&mw_blocks[i], memory_order_relaxed);

		if (entry >> BLOCK_MARK_SHIFT)
			atomic_store_explicit(&mw_blocks[i], entry & BLOCK_MASK, memory_order_relaxed);
	}
}

uint64_t mw_blocks_next_mark(uint64_t *cycle)
{
	uint64_t n;

	do
		n = atomic_fetch_add_explicit(&n_marks, 1, memory_order_relaxed) + 1;
	while (n % N_MARKS == 0);
	if (n / N_MARKS != *cycle) {
		*cycle = n / N_MARKS;
		forget_marks();
	}
	return n % N_MARKS << BLOCK_MARK_SHIFT;
}
