/* A recording as a report: the calls that capture and session made, made again. */
#ifndef CLI_SESSION_REPLAY_H
#define CLI_SESSION_REPLAY_H

#include "cli/analysis/report.h"
#include "cli/base/err.h"
#include "cli/opts/opts.h"

#include <stdbool.h>
#include <time.h>

struct replay;
struct suppress_set;

/* Opens the recording at `path`, and reads what it says of the session. NULL and `err` if it cannot be. */
struct replay *replay_open(const char *path, struct err *err);

/* When the session began. */
time_t replay_start(const struct replay *replay);

/* Once: adds its processes to *report, as `options` and `suppressions` want them. -1 and `err` if it is damaged. What
 * the report has may be used until replay_close(). */
int replay_run(struct replay *replay, const struct options *options, const struct suppress_set *suppressions,
	       struct report *report, struct err *err);

/* Whether the recording ends before the session did. */
bool replay_cut(const struct replay *replay);

void replay_close(struct replay *replay); /* NULL is accepted */

#endif
