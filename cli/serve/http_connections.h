/*
 * The connections of a server of libevent's evhttp, which itself neither counts them nor gives a client that sends a
 * byte a second ever up. They are known by their socket's inode: evhttp does not tell when it closes one.
 */
#ifndef CLI_SERVE_HTTP_CONNECTIONS_H
#define CLI_SERVE_HTTP_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bufferevent; /* libevent's */
struct event_base;
struct evhttp;

struct http_connections;

/* Watches over the connections that `evhttp` accepts from now on; at most `max` at a time: a further one takes the
 * place of the oldest that is not being answered. */
struct http_connections *http_connections_new(struct event_base *base, struct evhttp *evhttp, size_t max);
void http_connections_free(struct http_connections *connections); /* after the evhttp; NULL is accepted */

/* A request has come whole: it may take its time; then its answer is being sent; then all is sent. */
void http_connections_asked(struct http_connections *connections, const struct bufferevent *stream);
void http_connections_answering(struct http_connections *connections, const struct bufferevent *stream);
void http_connections_answered(struct http_connections *connections, const struct bufferevent *stream);

#endif
