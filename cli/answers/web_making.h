/* Answers of --http that are made from a report: the report is of one instant and reads nothing of the session any
 * more, so that it can be rendered in a thread while the session goes on. */
#ifndef CLI_ANSWERS_WEB_MAKING_H
#define CLI_ANSWERS_WEB_MAKING_H

#include "cli/analysis/report.h"
#include "cli/base/out.h"
#include "cli/serve/http.h"

/* What an exchange keeps; the first field of what it keeps besides. */
struct web_making {
	struct report report;
	struct out *out; /* where it is rendered; NULL until then */
	const char *type;
	void (*render)(const struct web_making *making); /* the report, to `out` */
	void (*release)(void *making);                   /* the rest of what is kept; NULL = there is none */
};

/* The report is complete: replies with what `render` makes of it. From an answer of http_later(). */
void web_make(struct http_exchange *exchange);

/* Frees a making and what it is the first field of. */
void web_forget(void *kept);

#endif
