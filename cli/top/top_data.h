/* What a session answers to `top` (memwatch-top/1), as plain data. */
#ifndef CLI_TOP_TOP_DATA_H
#define CLI_TOP_TOP_DATA_H

#include "cli/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOP_POINTS 120u /* of a series, at most */

struct top_series {
	uint64_t values[TOP_POINTS]; /* the oldest first */
	size_t n;
};

struct top_row {
	uint32_t stack;
	uint64_t live_bytes, live_blocks;
	double growth, rate; /* bytes per second */
	const char *verdict; /* "growing", …; NULL = none */
	const char *where;   /* never NULL */
};

struct top_amount {
	const char *verdict;
	uint64_t blocks, bytes;
};

#define TOP_VERDICTS 4u

/* One stack in full. */
struct top_stack {
	struct top_row row;
	uint64_t allocated_bytes, allocations;
	double lifetime_seconds;                  /* negative = none was freed */
	bool walked;                              /* the next were found out */
	double oldest_seconds;                    /* negative = nothing lives */
	struct top_amount verdicts[TOP_VERDICTS]; /* of the last scan */
	size_t n_verdicts;
	uint64_t unscanned_blocks;
	const char *why; /* the growth's; NULL = there is no finding */
	const char **held_by, **frames;
	size_t n_held_by, n_frames;
};

/* Strings live as long as this. */
struct top_data {
	int pid;
	const char *program; /* never NULL */
	double seconds;
	uint64_t look;
	double period_seconds; /* that the rates are of */
	bool since_start;
	uint64_t live_bytes, live_blocks, peak_live_bytes, allocated_bytes, allocations, frees, rss_bytes;
	uint64_t limit_bytes; /* 0 = none is known */
	const char *limit_source;
	bool scanned;
	uint64_t definite_bytes, definite_blocks, growing;
	double scan_age_seconds, judged_age_seconds; /* the latter negative: it was not judged yet */
	struct top_series live, rate, rss;
	uint64_t n_stacks, n_matching, n_unsearched;
	struct top_row *rows;
	size_t n_rows;
	bool has_stack;
	struct top_stack stack;
	void *document; /* private */
};

/* Reads `n` bytes, any. -1 and a sentence if they are not such an answer; *data is empty then. */
int top_data_read(const char *text, size_t n, struct top_data *data, struct err *err);
void top_data_release(struct top_data *data);

#endif
