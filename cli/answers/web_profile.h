/* The profiles of --http, and what belongs to them. For web.c only. */
#ifndef CLI_ANSWERS_WEB_PROFILE_H
#define CLI_ANSWERS_WEB_PROFILE_H

#include "cli/serve/http.h"

/* Each is a handler of a path; `ctx` is a struct tracker. */
void web_heap(void *ctx, struct http_exchange *exchange);
void web_allocs(void *ctx, struct http_exchange *exchange);
void web_gperftools_heap(void *ctx, struct http_exchange *exchange);
void web_cmdline(void *ctx, struct http_exchange *exchange);
void web_symbol(void *ctx, struct http_exchange *exchange);

#endif
