#include "cli/serve/push_client.h"

#include "cli/base/xalloc.h"

#include <event2/buffer.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_BYTES 120 /* of a server's refusal that are told */

static const struct timeval all_time = {PUSH_SECONDS - 1, 900000};
static const struct timeval last_time = {0,
					 100000}; /* behind it: the loop may have been busy, and an answer be there */
static const struct timeval again_time = {0, 400000}; /* between two attempts */
static const struct timeval at_once = {0, 0};

struct push_client {
	struct event_base *base;
	struct evdns_base *dns;
	const struct push_url *url;
	void (*done)(void *ctx, const struct err *err);
	void *ctx;
	struct evhttp_connection *connection; /* of this attempt */
	struct event *next_event, *deadline;
	char *target; /* path and query; NULL = it is not busy */
	const char *type;
	struct out *body;
	unsigned n_attempts;
	bool arrived, hopeless; /* hopeless: it would be refused again */
	bool late;              /* all_time is over */
	struct err err;         /* of the last attempt */
};

static void drop_connection(struct push_client *client)
{
	if (client->connection)
		evhttp_connection_free(client->connection);
	client->connection = NULL;
}

/* Ends a sending. */
static void finish(struct push_client *client)
{
	drop_connection(client);
	evtimer_del(client->next_event);
	evtimer_del(client->deadline);
	free(client->target);
	client->target = NULL;
	out_close(client->body, NULL);
	client->body = NULL;
	client->done(client->ctx, client->arrived ? NULL : &client->err);
}

static void set_refusal(struct push_client *client, struct evhttp_request *request, int code)
{
	struct evbuffer *input = evhttp_request_get_input_buffer(request);
	char words[WORDS_BYTES];
	ssize_t n = evbuffer_copyout(input, words, sizeof(words) - 1);

	words[n < 0 ? 0 : n] = '\0';
	for (char *s = words; *s; s++) {
		if (*s == '\n' || *s == '\r')
			*s = '\0'; /* its first line */
		else if ((unsigned char)*s < ' ' || (unsigned char)*s > '~')
			*s = '?';
	}
	client->err = (struct err){0};
	err_set(&client->err, "the server answered %d%s%s", code, *words ? ": " : "", words);
}

/* The connection must not be freed from within: the next event does that. */
static void on_answer(struct evhttp_request *request, void *ctx)
{
	struct push_client *client = ctx;
	int code = request ? evhttp_request_get_response_code(request) : 0;

	if (code >= 200 && code < 300) {
		client->arrived = true;
	} else if (code) {
		set_refusal(client, request, code);
		client->hopeless = code < 500 && code != 408 && code != 429;
	} else {
		client->err = (struct err){0};
		err_set(&client->err, "cannot connect, or the connection broke"); /* evhttp does not tell which */
	}
	evtimer_add(client->next_event, client->arrived || client->hopeless || client->n_attempts == PUSH_ATTEMPTS
						? &at_once
						: &again_time);
}

static void attempt(struct push_client *client)
{
	const struct push_url *url = client->url;
	struct evhttp_request *request = evhttp_request_new(on_answer, client);
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	const char *bytes;
	size_t n;

	client->n_attempts++;
	client->connection = evhttp_connection_base_new(client->base, client->dns, url->host, url->port);
	evhttp_connection_set_timeout(client->connection, PUSH_SECONDS);
	evhttp_connection_set_max_body_size(client->connection, 1 << 20);
	evhttp_connection_set_max_headers_size(client->connection, 1 << 16);
	evhttp_add_header(headers, "Host", url->authority);
	evhttp_add_header(headers, "Connection", "close");
	evhttp_add_header(headers, "User-Agent", "memwatch/" MEMWATCH_VERSION);
	evhttp_add_header(headers, "Content-Type", client->type);
	bytes = out_text(client->body, &n);
	evbuffer_add(evhttp_request_get_output_buffer(request), bytes, n);
	if (evhttp_make_request(client->connection, request,
				url->kind == PUSH_METRICS ? EVHTTP_REQ_PUT : EVHTTP_REQ_POST, client->target))
		on_answer(NULL, client); /* the request is freed */
}

static void on_next(evutil_socket_t fd, short what, void *ctx)
{
	struct push_client *client = ctx;

	(void)fd, (void)what;
	drop_connection(client);
	if (client->arrived || client->hopeless || client->n_attempts == PUSH_ATTEMPTS)
		finish(client);
	else
		attempt(client);
}

static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
	struct push_client *client = ctx;

	(void)fd, (void)what;
	if (!client->late) {
		client->late = true;
		evtimer_add(client->deadline, &last_time);
		return;
	}
	if (!client->err.text[0])
		err_set(&client->err, "there was no answer within %d s", PUSH_SECONDS);
	finish(client);
}

struct push_client *push_client_new(struct event_base *base, const struct push_url *url,
				    void (*done)(void *ctx, const struct err *err), void *ctx)
{
	struct push_client *client = xcalloc(1, sizeof(*client));

	*client = (struct push_client){.base = base, .url = url, .done = done, .ctx = ctx};
	client->dns = evdns_base_new(base, EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	client->next_event = evtimer_new(base, on_next, client);
	client->deadline = evtimer_new(base, on_deadline, client);
	return client;
}

void push_client_free(struct push_client *client)
{
	if (!client)
		return;
	drop_connection(client);
	event_free(client->next_event);
	event_free(client->deadline);
	if (client->dns)
		evdns_base_free(client->dns, 0);
	if (client->body)
		out_close(client->body, NULL);
	free(client->target);
	free(client);
}

bool push_client_busy(const struct push_client *client)
{
	return client->target;
}

void push_client_send(struct push_client *client, const char *query, const char *type, struct out *body)
{
	client->target = query ? xasprintf("%s?%s", client->url->path, query) : xstrdup(client->url->path);
	client->type = type;
	client->body = body;
	client->n_attempts = 0;
	client->arrived = client->hopeless = client->late = false;
	client->err = (struct err){0};
	evtimer_add(client->deadline, &all_time);
	evtimer_add(client->next_event, &at_once);
}
