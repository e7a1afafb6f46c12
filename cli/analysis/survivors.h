/*
 * When the live blocks of a stack were born: how many, and bytes, by bins of equal length on each clock, from the start
 * of the process (bin 0) to now. Found by one walk through all live blocks; nothing is kept for it per block or event.
 */
#ifndef CLI_ANALYSIS_SURVIVORS_H
#define CLI_ANALYSIS_SURVIVORS_H

#include "cli/analysis/windows.h"
#include "cli/model/process.h"

#include <stddef.h>
#include <stdint.h>

#define SURVIVORS_BINS 32u
#define SURVIVORS_FEW  24u /* so many births are kept one by one */

enum survivors_clock {
	CLOCK_SECONDS,
	CLOCK_BYTES, /* allocated by the process */
	N_CLOCKS,
};

struct survivors_bins {
	uint32_t blocks[SURVIVORS_BINS];
	float bytes[SURVIVORS_BINS];
};

struct survivors {
	struct survivors_bins bins[N_CLOCKS];
	uint32_t n_blocks;
	double first_seconds; /* birth of the oldest */
	uint64_t
		sample; /* address of the oldest born in the later half, else of the oldest: one that stands for them */
	double sample_seconds;
	double births[SURVIVORS_FEW]; /* seconds; of all, in no order, if they are so few */
};

struct survivors_set {
	struct survivors_bins all[N_CLOCKS]; /* of all stacks, wanted or not */
	struct survivors *items;
	size_t n, cap;
	uint32_t *index_of; /* by stack id: 1 + index; 0 = not wanted */
	size_t n_ids;
};

/* All zero at the start: asks for the stack `id`, to be counted together with those of the same `index` (returned for
 * the first of them; SURVIVORS_NEW makes one). */
#define SURVIVORS_NEW SIZE_MAX
size_t survivors_want(struct survivors_set *set, uint32_t id, size_t index);

/* Now is the last of the windows' moments. Inherited and ignored blocks do not count. */
void survivors_count(struct survivors_set *set, const struct process *process, const struct windows *windows);

void survivors_release(struct survivors_set *set);

#endif
