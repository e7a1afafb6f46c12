/* MemStats as people read them: a few lines per process, "~" before an estimate. What is not known is left out. */
#ifndef CLI_RENDER_TEXT_MEMSTATS_H
#define CLI_RENDER_TEXT_MEMSTATS_H

#include "cli/analysis/report.h"
#include "cli/base/out.h"

/* Each line begins with `indent`. */
void memstats_print(const struct report_process *process, const char *indent, struct out *out);

/* The sizes that were asked for, a line each. */
void memstats_print_sizes(const struct report_memstats *memstats, const char *indent, struct out *out);

#endif
