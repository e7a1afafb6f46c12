/* Answers of --http that are made from a report: the report is of one instant, gets its names bit by bit while the
 * session goes on, and is rendered in a thread. */
#ifndef CLI_ANSWERS_WEB_MAKING_H
#define CLI_ANSWERS_WEB_MAKING_H

#include "cli/analysis/report.h"
#include "cli/base/out.h"
#include "cli/serve/http.h"
#include "cli/session/parts.h"
#include "cli/session/tracker.h"

#include <stdbool.h>
#include <stddef.h>

/* What an exchange keeps; the first field of what it keeps besides. */
struct web_making {
	struct report report;
	struct parts parts; /* of the report */
	struct out *out; /* where it is rendered; NULL until then */
	const char *type;
	void (*render)(const struct web_making *making); /* the report, to `out` */
	void (*release)(void *making);                   /* the rest of what is kept; NULL = there is none */
};

/* Whether the reports of these processes can begin now; else `again` is called when there is time for another look.
 * From an answer of http_later(), before anything of them is named. */
bool web_ready(const struct tracker *tracker, struct http_exchange *exchange, struct tracked *const *processes,
	       size_t n, void (*again)(void *ctx, struct http_exchange *exchange));

/* The report has begun: replies with what `render` makes of it. From an answer of http_later(); its `ctx` is a struct
 * tracker. */
void web_make(struct http_exchange *exchange);

/* Frees a making and what it is the first field of. */
void web_forget(void *kept);

#endif
