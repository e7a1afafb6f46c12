/* --trace-children-skip: leaves processes out of a report. */
#ifndef CLI_SESSION_SKIP_H
#define CLI_SESSION_SKIP_H

#include "cli/analysis/report.h"

/*
 * Takes out the processes whose program matches one of `patterns` (with commas; '*' and '?' as wildcards, of the whole
 * path), and all that descend from them. The program that memwatch was given stays.
 */
void skip_processes(struct report *report, const char *patterns);

#endif
