/* What the reporter itself takes. It serves all processes of a run: the figures are those of the whole so far. */
#ifndef CLI_SESSION_OVERHEAD_H
#define CLI_SESSION_OVERHEAD_H

#include "cli/analysis/report.h"

/* The part of the shim is left 0. */
struct report_overhead overhead_now(void);

#endif
