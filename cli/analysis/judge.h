/*
 * Does a stack's memory grow? The question is put to the blocks that live now, by when they were born: what was freed
 * is not among them, so that churn does not matter and no drop is missed, however short.
 *
 * GROWING: the survivors' births are spread evenly over the run, behind a warm-up of at most its half, on one of the
 * two clocks; they go on to the end; on the other clock, too, they lie at the beginning and at the end; and the stack's
 * live bytes rise as the survivors tell. So these are none:
 * - a cache that turns over: what was born early is gone, or its live bytes do not rise any more;
 * - a pool that is emptied now and then: the same; or blocks as old as these were freed;
 * - a warm-up, a leak that has stopped: nothing was born in the last part;
 * - a table or buffer that is moved as it grows: it is one young block.
 * Few blocks (up to SURVIVORS_FEW) could lie like that by chance and have to come as from a timer. And what grows must
 * be a part worth naming of all that has stayed since: a compiler keeps a little of everything that it does.
 *
 * BOUNDED: it has grown, but reached no new height in the last quarter of the run, while the program went on.
 * UNCLEAR: it reached new heights until the end, but not like that.
 */
#ifndef CLI_ANALYSIS_JUDGE_H
#define CLI_ANALYSIS_JUDGE_H

#include "cli/analysis/report.h"
#include "cli/analysis/survivors.h"
#include "cli/analysis/windows.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JUDGE_BLOCKS_LEAST  8u  /* that live; fewer are never GROWING */
#define JUDGE_SECONDS_LEAST 1.0 /* a shorter run is not judged at all */

/* A stack, or several that are the same, at the windows' moments. */
struct judge_stack {
	const struct windows *windows;
	struct {
		double allocations, allocated_bytes, live_bytes;
	} points[WINDOWS_MAX];
	const struct survivors *survivors; /* NULL: there are fewer than JUDGE_BLOCKS_LEAST */
	struct report_amount live;
	uint64_t frees, freed_ms; /* of its blocks, and their ages then in all */
	uint64_t peak_bytes;      /* of the process */
	size_t n_few;             /* stacks that have few blocks: in so many tries chance does more */
};

struct judgement {
	enum growth_verdict verdict;
	double bytes_per_second, blocks_per_second, survivor_ratio, confidence, since_seconds;
	enum survivors_clock clock; /* GROWING: on which it was seen … */
	unsigned first;             /* … and the first bin behind the warm-up */
	char why[240];
};

/* False if nothing is to be said of it: it is small, or has not grown. */
bool judge(const struct judge_stack *stack, struct judgement *out);

/* For GROWING ones, those first that have most bytes: whether it is enough of `all` that has stayed. If so it is taken
 * out of `all`, else the judgement becomes UNCLEAR. False if it is so little that nothing is to be said. */
bool judge_share(const struct survivors *survivors, struct survivors_bins all[N_CLOCKS], struct judgement *judgement);

#endif
