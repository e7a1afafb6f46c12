/* Heap profiles as they are served: in pprof's format, and in the older text that all of its readers know as well. */
#ifndef CLI_RENDER_PPROF_H
#define CLI_RENDER_PPROF_H

#include "cli/analysis/report.h"
#include "cli/base/out.h"

#include <stdint.h>

struct pprof_heap {
	const char *default_type; /* "inuse_space" or another of the four: what readers show first */
	int64_t duration_ns; /* what the sites were gathered in, which are changes then; 0 = since the start */
};

void pprof_heap(const struct report *report, const struct pprof_heap *how, struct out *out);

/*
 * "heap profile: … @ heap_v2/1", a line for each stack, and the mapped files (gperftools, and Go's ?debug=1). With
 * `notes` each stack is followed by its names and all by what Go says about its runtime, as comments.
 */
void pprof_heap_text(const struct report *report, bool notes, struct out *out);

#endif
