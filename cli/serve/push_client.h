/*
 * Sends one thing at a time to the server of a --push, on an event base, without waiting for it: names are looked up
 * and answers read as they come. What fails is tried again a few times; after PUSH_SECONDS in all it is given up.
 */
#ifndef CLI_SERVE_PUSH_CLIENT_H
#define CLI_SERVE_PUSH_CLIENT_H

#include "cli/base/err.h"
#include "cli/base/out.h"
#include "cli/serve/push_url.h"

#include <stdbool.h>

#define PUSH_SECONDS  5 /* of one sending, all attempts together */
#define PUSH_ATTEMPTS 3

struct push_client;
struct event_base; /* libevent's */

/* `done` is called once for each sending, from the event loop: `err` NULL = it has arrived. */
struct push_client *push_client_new(struct event_base *base, const struct push_url *url,
				    void (*done)(void *ctx, const struct err *err), void *ctx);
void push_client_free(struct push_client *client); /* what is on its way is given up, without a word */

bool push_client_busy(const struct push_client *client);

/* Not while it is busy. `query`: behind the path; NULL = none. Takes over `body`. */
void push_client_send(struct push_client *client, const char *query, const char *type, struct out *body);

#endif
