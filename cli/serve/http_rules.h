/* What a request over HTTP must be like to be answered, and where the server listens: pure functions on strings. */
#ifndef CLI_SERVE_HTTP_RULES_H
#define CLI_SERVE_HTTP_RULES_H

#include "cli/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_PORT_DEFAULT 6060

struct http_address {
	char host[48];  /* numeric */
	uint16_t port;  /* 0 = any that is free */
	bool loopback;
	bool by_default; /* no port was asked for: if it is taken, another one will do */
};

/* "", "PORT", "ADDR:PORT"; ADDR is an IPv4 address, an IPv6 one in brackets, or "localhost". */
int http_address_parse(const char *text, struct http_address *address, struct err *err);

/* "http://127.0.0.1:6060", "http://[::1]:6060" */
void http_address_url(const struct http_address *address, char *url, size_t n_bytes);

/*
 * Whether a Host header names this machine's loopback: a page of another site that has its own name resolve to
 * 127.0.0.1 (DNS rebinding) sends that name. NULL, as of HTTP/1.0, is none.
 */
bool http_host_is_local(const char *host);

/* Whether a request that a page sent (`origin`; NULL: none did) comes from a page of this server. */
bool http_origin_fits(const char *origin, const char *host);

/* Compares without telling by its time how much was right. `given` may be NULL. */
bool http_token_fits(const char *given, const char *token);

#endif
