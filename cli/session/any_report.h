/* A report from a file of either kind: JSON, or a recording. */
#ifndef CLI_SESSION_ANY_REPORT_H
#define CLI_SESSION_ANY_REPORT_H

#include "cli/analysis/report.h"
#include "cli/base/err.h"
#include "cli/opts/opts.h"

struct replay;

struct any_report {
	struct report report;
	struct replay *replay; /* NULL for JSON */
};

/* Reads the file ("-" is JSON on standard input). -1 and a sentence if it is neither, or damaged. */
int any_report_open(struct any_report *any, const char *path, const struct options *options, struct err *err);

/* For one that was opened, or is all zeros. */
void any_report_close(struct any_report *any);

#endif
