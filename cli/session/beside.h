/*
 * The leaks of a process that ends are named while others run, whose pipes are read beside that, also while a file is
 * waited for.
 */
#ifndef CLI_SESSION_BESIDE_H
#define CLI_SESSION_BESIDE_H

#include "cli/analysis/build.h"

struct capture;

/* From beside_begin() to beside_end(). */
struct beside {
	struct capture *capture;   /* NULL = nothing else runs */
	const struct process *but; /* not read: who serves it at its end is at work; NULL = it has ended */
	struct symbols *symbols;
};

/* `capture` may be NULL: a recording's. */
void beside_begin(struct beside *beside, struct capture *capture, const struct process *process,
		  struct symbols *symbols);

/* Names all that `rest` has, and completes it. */
void beside_name(const struct beside *beside, struct report_rest *rest);

void beside_end(const struct beside *beside);

#endif
