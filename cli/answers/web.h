/*
 * --http: what is served of the processes of a tracker while they run. The paths of Go's net/http/pprof and of
 * gperftools, for their clients; metrics for Prometheus; Go's /debug/vars; the report. cli/serve/http.h guards it.
 */
#ifndef CLI_ANSWERS_WEB_H
#define CLI_ANSWERS_WEB_H

#include "cli/base/err.h"
#include "cli/session/tracker.h"

struct event_base; /* libevent's */

struct web;

/* --http-token, or the environment's; NULL = none. */
const char *web_token(const struct options *options);

/* Serves as the tracker's options say. *url, for free(), is where. NULL and `err` on failure. */
struct web *web_open(struct tracker *tracker, struct event_base *base, char **url, struct err *err);
void web_close(struct web *web); /* NULL is accepted */

#endif
