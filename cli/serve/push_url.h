/* Where --push goes: a Prometheus Pushgateway or a Pyroscope, told by the path. Pure functions on strings. */
#ifndef CLI_SERVE_PUSH_URL_H
#define CLI_SERVE_PUSH_URL_H

#include "cli/base/err.h"

#include <stdint.h>

enum push_kind {
	PUSH_METRICS, /* "…/metrics/job/NAME…": the group of metrics that a PUT replaces */
	PUSH_PROFILE, /* "…/ingest" or "…/ingest?name=…" */
};

struct push_url {
	enum push_kind kind;
	char *host; /* without brackets */
	uint16_t port;
	char *authority; /* as the URL has it, for the Host header */
	char *path;      /* as it is sent, without the query */
	char *query;     /* NULL = none */
};

/* -1 and a sentence that says what it has to be. */
int push_url_parse(const char *text, struct push_url *url, struct err *err);
void push_url_release(struct push_url *url);

#endif
