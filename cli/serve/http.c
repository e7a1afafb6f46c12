#include "cli/serve/http.h"

#include "cli/base/units.h"
#include "cli/base/xalloc.h"
#include "cli/serve/http_connections.h"
#include "cli/serve/turns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BACKLOG 32
#define METHODS                                                                                                        \
	(EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |                     \
	 EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH)

/* What an exchange is besides. All are in a list. */
struct http_private {
	struct http_exchange exchange;
	struct http *http;
	struct evhttp_request *request;
	struct evkeyvalq *params; /* owned */
	char *path;
	struct turn turn;
	void (*answer)(void *ctx, struct http_exchange *exchange); /* when it has the turn */
	void (*make)(void *kept);
	struct http_private *next;
};

struct http {
	struct event_base *base;
	struct http_service service;
	char *token;
	bool loopback;
	struct evhttp *evhttp;
	struct http_connections *connections;
	struct turns *turns;
	struct http_private *first; /* in the order of their requests */
};

static struct evkeyvalq *params_new(void)
{
	struct evkeyvalq *params = xcalloc(1, sizeof(*params));

	params->tqh_last = &params->tqh_first;
	return params;
}

static void params_free(struct evkeyvalq *params)
{
	evhttp_clear_headers(params);
	free(params);
}

/* ---- exchanges */

static void unlink_exchange(struct http_private *private)
{
	struct http_private **at = &private->http->first;

	while (*at != private)
		at = &(*at)->next;
	*at = private->next;
}

static void free_exchange(struct http_private *private)
{
	turns_end(private->http->turns, &private->turn);
	if (private->exchange.kept)
		private->http->service.forget(private->exchange.kept);
	unlink_exchange(private);
	params_free(private->params);
	free(private->path);
	free(private);
}

const char *http_param(const struct http_exchange *exchange, const char *name)
{
	return evhttp_find_header(exchange->private->params, name);
}

uint64_t http_param_number(const struct http_exchange *exchange, const char *name, uint64_t max, uint64_t otherwise,
			   bool *is_bad)
{
	const char *text = http_param(exchange, name);
	struct err ignored = {0};
	uint64_t number;

	if (!text)
		return otherwise;
	if (!units_number(text, 0, max, &number, &ignored))
		return number;
	*is_bad = true;
	return otherwise;
}

void http_header(struct http_exchange *exchange, const char *name, const char *value)
{
	evhttp_add_header(evhttp_request_get_output_headers(exchange->private->request), name, value);
}

static struct bufferevent *stream_of(struct evhttp_request *request)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request);

	return connection ? evhttp_connection_get_bufferevent(connection) : NULL;
}

static void on_sent(struct evhttp_request *request, void *ctx)
{
	struct http *http = ctx;

	http_connections_answered(http->connections, stream_of(request));
}

/* The reply to a HEAD is that to a GET without the body, which evhttp would send. */
static void leave_body_out(struct evhttp_request *request, struct evbuffer *body)
{
	size_t n = evbuffer_get_length(body);
	char length[32];

	snprintf(length, sizeof(length), "%zu", n);
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Length", length);
	evbuffer_drain(body, n);
}

static void send_reply(struct http *http, struct evhttp_request *request, int status, const char *type,
		       struct evbuffer *body)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);

	if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD)
		leave_body_out(request, body);
	evhttp_add_header(headers, "Content-Type", type);
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
	evhttp_request_set_on_complete_cb(request, on_sent, http);
	http_connections_answering(http->connections, stream_of(request));
	evhttp_send_reply(request, status, NULL, body);
	evbuffer_free(body);
}

void http_reply(struct http_exchange *exchange, int status, const char *type, const void *bytes, size_t n)
{
	struct evbuffer *body = evbuffer_new();

	evbuffer_add(body, bytes, n);
	send_reply(exchange->private->http, exchange->private->request, status, type, body);
	free_exchange(exchange->private);
}

static void close_out(const void *bytes, size_t n, void *ctx)
{
	struct err ignored = {0};

	(void)bytes, (void)n;
	out_close(ctx, &ignored);
}

void http_reply_out(struct http_exchange *exchange, const char *type, struct out *out)
{
	struct evbuffer *body = evbuffer_new();
	const char *bytes;
	size_t n;

	bytes = out_text(out, &n);
	if (n == 0 || evbuffer_add_reference(body, bytes, n, close_out, out)) {
		evbuffer_add(body, bytes, n);
		close_out(bytes, n, out);
	}
	send_reply(exchange->private->http, exchange->private->request, 200, type, body);
	free_exchange(exchange->private);
}

/* ---- waiting */

static void on_turn(void *ctx)
{
	struct http_private *private = ctx;

	private->answer(private->http->service.ctx, &private->exchange);
}

static void on_make(void *ctx)
{
	struct http_private *private = ctx;

	private->make(private->exchange.kept);
}

void http_later(struct http_exchange *exchange, uint64_t delay_ns,
		void (*answer)(void *ctx, struct http_exchange *exchange))
{
	struct http_private *private = exchange->private;

	private->answer = answer;
	turns_wait(private->http->turns, &private->turn, delay_ns, on_turn, private);
}

void http_again(struct http_exchange *exchange, uint64_t pause_ns,
		void (*answer)(void *ctx, struct http_exchange *exchange))
{
	struct http_private *private = exchange->private;

	private->answer = answer;
	turns_again(private->http->turns, &private->turn, pause_ns, on_turn);
}

void http_aside(struct http_exchange *exchange, void (*make)(void *kept),
		void (*answer)(void *ctx, struct http_exchange *exchange))
{
	struct http_private *private = exchange->private;

	private->answer = answer;
	private->make = make;
	turns_aside(private->http->turns, &private->turn, on_make, on_turn);
}

/* ---- requests */

static void refuse(struct http *http, struct evhttp_request *request, int status, const char *why)
{
	struct evbuffer *body = evbuffer_new();

	evbuffer_add_printf(body, "%s\n", why);
	send_reply(http, request, status, "text/plain; charset=utf-8", body);
}

/* RFC 9112, 3.2: one, which HTTP/1.0 may leave out. */
static bool hosts_are_few(struct evhttp_request *request)
{
	const struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
	bool old = request->major < 1 || (request->major == 1 && request->minor == 0);
	int n = 0;

	for (const struct evkeyval *header = headers->tqh_first; header; header = header->next.tqe_next)
		n += strcasecmp(header->key, "Host") == 0;
	return n == 1 || (n == 0 && old);
}

/* In the address that is asked for, if it has one, and in the header. */
static bool hosts_are_local(struct evhttp_request *request)
{
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *asked = uri ? evhttp_uri_get_host(uri) : NULL;
	const char *named = evhttp_find_header(evhttp_request_get_input_headers(request), "Host");

	return (!asked || http_host_is_local(asked)) && (!named || http_host_is_local(named));
}

static const char *token_of(struct evhttp_request *request, const struct evkeyvalq *params)
{
	const char *given = evhttp_find_header(evhttp_request_get_input_headers(request), "Authorization");
	static const char scheme[] = "Bearer ";

	if (given && strncasecmp(given, scheme, sizeof(scheme) - 1) == 0)
		return given + sizeof(scheme) - 1;
	return evhttp_find_header(params, "token");
}

/* Whether it may be answered at all; else it has been refused. */
static bool admit(struct http *http, struct evhttp_request *request, const struct evkeyvalq *params)
{
	const struct evkeyvalq *headers = evhttp_request_get_input_headers(request);

	if (!hosts_are_few(request))
		refuse(http, request, 400, "a request has one Host header");
	else if (http->loopback && !hosts_are_local(request))
		refuse(http, request, 403, "this Host is not served here: use 127.0.0.1 or localhost");
	else if (!http_origin_fits(evhttp_find_header(headers, "Origin"), evhttp_find_header(headers, "Host")))
		refuse(http, request, 403, "pages of other origins are not served");
	else if (http->token && !http_token_fits(token_of(request, params), http->token))
		refuse(http, request, 401,
		       "the token is missing or wrong: Authorization: Bearer TOKEN, or ?token=TOKEN");
	else if (!(evhttp_request_get_command(request) & (EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST)))
		refuse(http, request, 405, "only GET, HEAD and POST");
	else
		return true;
	return false;
}

static const char *body_of(struct evhttp_request *request, size_t *n)
{
	struct evbuffer *input = evhttp_request_get_input_buffer(request);
	const char *bytes;

	*n = evbuffer_get_length(input);
	evbuffer_add(input, "", 1);
	bytes = (const char *)evbuffer_pullup(input, -1);
	return bytes ? bytes : "";
}

/* Takes over `params` and `path`. */
static void begin_exchange(struct http *http, struct evhttp_request *request, struct evkeyvalq *params, char *path)
{
	struct http_private *private = xcalloc(1, sizeof(*private)), **end = &http->first;
	const char *accept = evhttp_find_header(evhttp_request_get_input_headers(request), "Accept");

	*private = (struct http_private){.http = http, .request = request, .params = params, .path = path};
	private->exchange = (struct http_exchange){
		.path = path,
		.post = evhttp_request_get_command(request) == EVHTTP_REQ_POST,
		.accept = accept ? accept : "",
		.private = private,
	};
	private->exchange.body = body_of(request, &private->exchange.n_body);
	while (*end)
		end = &(*end)->next;
	*end = private;
	http->service.answer(http->service.ctx, &private->exchange);
}

static void on_request(struct evhttp_request *request, void *ctx)
{
	struct http *http = ctx;
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *query = uri ? evhttp_uri_get_query(uri) : NULL, *encoded = uri ? evhttp_uri_get_path(uri) : NULL;
	struct evkeyvalq *params = params_new();
	size_t n_path = 0;
	char *path;

	http_connections_asked(http->connections, stream_of(request));
	path = evhttp_uridecode(encoded ? encoded : "", 0, &n_path);
	if (!path || strlen(path) != n_path || (query && *query && evhttp_parse_query_str(query, params)))
		refuse(http, request, 400, "the address makes no sense");
	else if (admit(http, request, params)) {
		begin_exchange(http, request, params, path);
		return;
	}
	params_free(params);
	free(path);
}

/* ---- the server */

static struct evconnlistener *listen_at(struct http_address *address, struct event_base *base)
{
	struct sockaddr_storage storage = {0};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&storage;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&storage;
	struct evconnlistener *listener;
	socklen_t n = sizeof(*v4);

	if (inet_pton(AF_INET, address->host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(address->port);
	} else {
		inet_pton(AF_INET6, address->host, &v6->sin6_addr);
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(address->port);
		n = sizeof(*v6);
	}
	listener = evconnlistener_new_bind(base, NULL, NULL,
					   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, BACKLOG,
					   (struct sockaddr *)&storage, (int)n);
	if (!listener && address->by_default && address->port && errno == EADDRINUSE) {
		address->port = 0;
		return listen_at(address, base);
	}
	n = sizeof(storage);
	if (listener && getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&storage, &n) == 0)
		address->port = ntohs(storage.ss_family == AF_INET ? v4->sin_port : v6->sin6_port);
	return listener;
}

struct http *http_open(struct http_address *address, const char *token, struct event_base *base,
		       const struct http_service *service, struct err *err)
{
	struct evconnlistener *listener = listen_at(address, base);
	struct http *http;
	char url[96];

	if (!listener) {
		http_address_url(address, url, sizeof(url));
		err_set_errno(err, errno, "cannot listen at %s", url);
		return NULL;
	}
	http = xcalloc(1, sizeof(*http));
	*http = (struct http){.base = base, .service = *service, .loopback = address->loopback};
	http->token = token ? xstrdup(token) : NULL;
	http->evhttp = evhttp_new(base);
	http->turns = turns_new(base);
	http->connections = http_connections_new(base, http->evhttp, HTTP_CONNECTIONS_MAX);
	evhttp_set_max_headers_size(http->evhttp, HTTP_HEAD_MAX);
	evhttp_set_max_body_size(http->evhttp, HTTP_BODY_MAX);
	evhttp_set_allowed_methods(http->evhttp, METHODS);
	evhttp_set_default_content_type(http->evhttp, NULL);
	evhttp_set_gencb(http->evhttp, on_request, http);
	evhttp_bind_listener(http->evhttp, listener);
	return http;
}

void http_close(struct http *http)
{
	if (!http)
		return;
	while (http->first)
		free_exchange(http->first); /* their requests go with the connections */
	evhttp_free(http->evhttp);
	http_connections_free(http->connections);
	turns_free(http->turns);
	free(http->token);
	free(http);
}
