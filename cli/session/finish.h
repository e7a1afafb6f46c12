/* The end of what makes a report: writes it to wherever it was asked for. */
#ifndef CLI_SESSION_FINISH_H
#define CLI_SESSION_FINISH_H

#include "cli/analysis/report.h"
#include "cli/opts/opts.h"

#include <stdbool.h>
#include <time.h>

/* Tells what cannot be written; true if all was. `start` is for the names of files. */
bool finish_reports(const struct options *options, const struct report *report, time_t start);

#endif
