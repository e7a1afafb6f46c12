/* From the model of a process to its part of the report. */
#ifndef CLI_ANALYSIS_BUILD_H
#define CLI_ANALYSIS_BUILD_H

#include "cli/analysis/course.h"
#include "cli/analysis/memstats.h"
#include "cli/analysis/report.h"
#include "cli/model/process.h"
#include "cli/scan/scan.h"
#include "cli/suppress/rules.h"
#include "cli/symbols/symbols.h"

struct event_log;
struct functions;
struct report_rest;
struct sites_base;

struct build_options {
	bool totals_only; /* nothing that needs names, but for sites */
	uint32_t depth; /* frames kept of a stack; 0 = all */
	const struct scan_result *scan; /* NULL = none was made, or it could not be */
	const char *why_not; /* why there are no verdicts: a phrase, as "--no-scan was given"; NULL = none was made */
	/* Set of 1 << enum verdict: leaks of these get no frames and no holders, so that nothing has to be named, and
	 * are one record per allocator. */
	unsigned unread;
	const struct suppress_set *suppressions; /* NULL = none */
	const char *remark; /* a full sentence more for what is told of completeness; NULL = none */
	uint64_t n_scans, pause_ns; /* of all scans that had a result */
	size_t peak_stacks; /* how many of those that made the peak the report has, the largest */
	bool sites; /* the report has those, with the names of all stacks that ever allocated; also with totals_only */
	bool ages; /* … with their ages, which takes a look at each live block */
	const struct sites_base *sites_base; /* NULL, or what is taken off them (cli/analysis/sites.h) */
	const struct event_log *events; /* NULL, or the report has these, with the names of their stacks */
	struct functions *functions; /* NULL, or the report has functions, from what is kept there */
	bool judged; /* with totals_only: growth is told as it was judged last, without who holds it */
	struct course *course; /* what was seen over time; NULL = nothing; its growth may be judged anew */
	const struct memstats_input *memstats; /* what else is known of its memory; NULL = nothing */
	struct report_overhead overhead; /* the reporter's part */
	struct report_rest *ahead; /* NULL, or leaks that are there already; it is taken over */
};

/*
 * The leaks, which take longest of all, ahead of the report of a process that is on its way out: for
 * report_process_name() and report_process_complete(), then as `ahead` of the same options. Nothing may come of the
 * process in between. It keeps `process`, `symbols` and the scan of the options until it is complete.
 */
struct report_rest *report_ahead_begin(const struct process *process, struct symbols *symbols,
				       const struct build_options *options);

/* The report is not made with it; NULL is fine. */
void report_ahead_free(struct report_rest *ahead);

/* Fills *out (what it held before is forgotten, not freed); it keeps nothing of `process` and `symbols`. */
void report_process_build(const struct process *process, struct symbols *symbols, const struct build_options *options,
			  struct report_process *out);

/*
 * The same bit by bit, for one who has something else to do in between: all the numbers are of the moment of
 * report_process_begin(), which fills *out but for the leaks and the sites; their names follow while the process goes
 * on.
 */
struct report_rest *report_process_begin(const struct process *process, struct symbols *symbols,
					 const struct build_options *options, struct report_process *out);

/* Names up to `n` stacks more. True when all are. */
bool report_process_name(struct report_rest *rest, size_t n);

/* Does all that is left to be done with the process, the scan and the symbols. */
void report_process_complete(struct report_rest *rest);

/* Adds the rest to *out, which may have been moved, and frees it. When it is complete, in any thread. */
void report_process_end(struct report_rest *rest, struct report_process *out);

#endif
