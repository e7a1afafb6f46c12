/*
 * What `memwatch top` shows of a running process, as JSON (memwatch-top/1): totals, the last points of the history, the
 * stacks that have most, one of them in full. It asks the process for nothing and makes no leak scan: verdicts are of
 * the last one, and growth is of the last judgement.
 *
 *	{"schema", "pid", "program", "seconds", "look", "period_seconds", "since_start", "live_bytes", "live_blocks",
 *	 "peak_live_bytes", "allocated_bytes", "allocations", "frees", "rss_bytes", "limit_bytes", "limit_source",
 *	 "scanned", "definite_bytes", "definite_blocks", "scan_age_seconds", "growing", "judged_age_seconds",
 *	 "history": {"live": [N], "rate": [N], "rss": [N]}, "n_stacks", "n_matching", "n_unsearched",
 *	 "stacks": [{"stack", "live_bytes", "live_blocks", "growth", "rate", "verdict", "where"}],
 *	 "stack": {the same, "allocated_bytes", "allocations", "lifetime_seconds", "oldest_seconds",
 *		   "verdicts": [{"verdict", "blocks", "bytes"}], "unscanned_blocks", "why", "held_by": [], "frames":
 *[]}}
 */
#ifndef CLI_ANSWERS_TOP_ANSWER_H
#define CLI_ANSWERS_TOP_ANSWER_H

#include "cli/serve/request.h"
#include "cli/session/tracker.h"

#define TOP_FORMAT "top" /* the output that is asked for */

/* The process must run, and its model be up to date. */
void top_answer(struct tracker *tracker, struct tracked *tracked, const struct request *request, struct out *out);

#endif
