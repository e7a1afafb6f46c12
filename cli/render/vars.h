/* What Go's expvar serves at /debug/vars: the command line, and MemStats by Go's names. */
#ifndef CLI_RENDER_VARS_H
#define CLI_RENDER_VARS_H

#include "cli/analysis/report.h"
#include "cli/base/out.h"

void vars_print(const struct report_process *process, struct out *out);

#endif
