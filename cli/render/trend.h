/* The lines of --watch: "12:00:05 live 12.3M (+0.4M) objs 10,234 rss 31M 62% of 50M ▂▃▅▆". */
#ifndef CLI_RENDER_TREND_H
#define CLI_RENDER_TREND_H

#include "cli/base/out.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define TREND_VALUES 16 /* of the little graph */

/* Of all watched processes that run. */
struct trend {
	time_t time;
	size_t n_processes;
	uint64_t live_bytes, live_blocks, rss_bytes;
	int64_t change_bytes;          /* of live_bytes since the last line */
	double percent;                /* of the process that is nearest to its limit; negative = there is no limit */
	uint64_t limit_bytes;          /* of that process */
	uint64_t values[TREND_VALUES]; /* live_bytes of this line, the last, and those before it */
	size_t n_values;
};

/* Whether the graph may be of block elements: the locale's character set is UTF-8, and the terminal is not dumb. Reads
 * LC_ALL, LC_CTYPE, LANG and TERM. */
bool trend_wants_utf8(void);

/* A character for each of the values, the oldest first: from the lowest of them to the highest. */
void trend_graph(const uint64_t *values, size_t n, bool utf8, struct out *out);

void trend_print(const struct trend *trend, bool utf8, struct out *out);

#endif
