/*
 * An HTTP server on the session's event loop (libevent's evhttp), for what programs and browsers of this machine ask.
 * Nobody's slowness or malice holds the session up: at most HTTP_CONNECTIONS_MAX clients at a time, small heads and
 * bodies, a deadline for each step, and answers that cost something take turns (cli/serve/turns.h).
 *
 * Refused: a Host that is not this machine (DNS rebinding), a page of another Origin, a wrong token.
 */
#ifndef CLI_SERVE_HTTP_H
#define CLI_SERVE_HTTP_H

#include "cli/base/err.h"
#include "cli/base/out.h"
#include "cli/serve/http_rules.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_CONNECTIONS_MAX 32
#define HTTP_HEAD_MAX        8192
#define HTTP_BODY_MAX        (1024 * 1024)

struct event_base; /* libevent's */
struct http;

/* A request that waits for its answer. */
struct http_exchange {
	const char *path; /* decoded, without the query */
	bool post;        /* else GET or HEAD */
	const char *accept; /* "" = not said */
	const char *body;   /* of n_body bytes, and NUL behind them */
	size_t n_body;
	void *kept; /* of the service; its `forget` frees it */
	struct http_private *private;
};

struct http_service {
	void *ctx;
	void (*answer)(void *ctx, struct http_exchange *exchange);
	void (*forget)(void *kept); /* is called with exchange->kept, unless NULL, when the exchange is over */
};

/* Listens; *address gets the port that it has become. `token`: NULL, or what requests must show, as "Authorization:
 * Bearer TOKEN" or "?token=TOKEN". NULL and `err` on failure. */
struct http *http_open(struct http_address *address, const char *token, struct event_base *base,
		       const struct http_service *service, struct err *err);
void http_close(struct http *http); /* NULL is accepted */

/* A parameter of the query; NULL = not given. The first one counts. */
const char *http_param(const struct http_exchange *exchange, const char *name);

/* The same as a number up to `max`; *is_bad if it is given and none. */
uint64_t http_param_number(const struct http_exchange *exchange, const char *name, uint64_t max, uint64_t otherwise,
			   bool *is_bad);

/* Has `answer` called for this exchange when `delay_ns` are over and there is time for an answer that costs something.
 * It replies, or asks by one of the next two for more time. */
void http_later(struct http_exchange *exchange, uint64_t delay_ns,
		void (*answer)(void *ctx, struct http_exchange *exchange));

/* From such an answer: goes on with `answer` after a pause of `pause_ns` at least, in which the programs' pipes are
 * read. Nobody else's is begun before. */
void http_again(struct http_exchange *exchange, uint64_t pause_ns,
		void (*answer)(void *ctx, struct http_exchange *exchange));

/* From such an answer: has `make` called with exchange->kept in a thread, to which that belongs meanwhile, and then
 * `answer` in the loop. */
void http_aside(struct http_exchange *exchange, void (*make)(void *kept),
		void (*answer)(void *ctx, struct http_exchange *exchange));

void http_header(struct http_exchange *exchange, const char *name, const char *value);

/* Ends the exchange. */
void http_reply(struct http_exchange *exchange, int status, const char *type, const void *bytes, size_t n);
void http_reply_out(struct http_exchange *exchange, const char *type, struct out *out); /* 200; closes `out` */

#endif
