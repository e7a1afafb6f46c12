/* What was seen of a process while it ran, beside its model, and how it comes into the report. */
#ifndef CLI_ANALYSIS_COURSE_H
#define CLI_ANALYSIS_COURSE_H

#include "cli/analysis/growth.h"
#include "cli/analysis/history.h"
#include "cli/analysis/names.h"
#include "cli/analysis/report.h"
#include "cli/analysis/store.h"
#include "cli/model/process.h"

/* All zero at the start. */
struct course {
	struct history history;
	struct growth growth;
	struct report_warning *warnings;
	size_t n_warnings, cap_warnings;
	struct report_scan *scans;
	size_t n_scans, cap_scans;
	uint64_t limit_bytes;
	const char *limit_source; /* static; NULL = no limit is known */
};

#define COURSE_WARNINGS_MAX 1000 /* kept; more are the same again */
#define COURSE_SCANS_MAX    1000 /* kept: the first ones; report_verdicts counts all */

void course_warn(struct course *course, const struct report_warning *warning);
void course_scan(struct course *course, const struct report_scan *scan);
void course_release(struct course *course);

/* Fills the history, warnings, scans and forecast of *out with memory of `store`. `course` NULL: there was nothing. */
void course_build(const struct course *course, struct store *store, struct report_process *out);

/* Fills out->peak with the largest `n_most` of the stacks that made the peak. `depth` is as in names_stack(). */
void course_build_peak(const struct process *process, struct names *names, struct store *store, uint32_t depth,
		       size_t n_most, struct report_process *out);

#endif
