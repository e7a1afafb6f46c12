#include "cli/serve/http_connections.h"

#include "cli/base/clock.h"
#include "cli/base/xalloc.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define ASK_NS  UINT64_C(10000000000) /* for a request, from the connection or the last answer on */
#define READ_NS UINT64_C(60000000000) /* for taking an answer */

static const struct timeval sweep_time = {1, 0};

struct connection {
	struct bufferevent *stream; /* only to tell it from others */
	int fd;                     /* -1 = not yet known */
	ino_t inode;
	uint64_t deadline_ns; /* UINT64_MAX = none */
	bool busy;            /* being answered */
	bool gone;            /* hung up; evhttp will notice, and close it */
};

struct http_connections {
	struct event_base *base;
	struct event *look_event, *sweep_event;
	struct connection *items; /* the oldest first */
	size_t n, cap, max;
};

static bool socket_inode(int fd, ino_t *inode)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || !S_ISSOCK(st.st_mode))
		return false;
	*inode = st.st_ino;
	return true;
}

static bool is_open(const struct connection *connection)
{
	ino_t inode;

	return connection->fd < 0 || (socket_inode(connection->fd, &inode) && inode == connection->inode);
}

/* Forgets those that are closed. */
static void prune(struct http_connections *connections)
{
	size_t kept = 0;

	for (size_t i = 0; i < connections->n; i++)
		if (is_open(&connections->items[i]))
			connections->items[kept++] = connections->items[i];
	connections->n = kept;
}

static void hang_up(struct connection *connection)
{
	shutdown(connection->fd, SHUT_RDWR);
	connection->gone = true;
}

static void make_room(struct http_connections *connections)
{
	size_t n = 0;

	prune(connections);
	for (size_t i = 0; i < connections->n; i++)
		n += !connections->items[i].gone;
	for (size_t i = 0; i < connections->n && n > connections->max; i++) {
		if (connections->items[i].busy || connections->items[i].gone)
			continue;
		hang_up(&connections->items[i]);
		n--;
	}
}

/* New connections have their descriptors now. */
static void on_look(evutil_socket_t fd, short what, void *ctx)
{
	struct http_connections *connections = ctx;

	(void)fd, (void)what;
	for (size_t i = 0; i < connections->n; i++) {
		struct connection *connection = &connections->items[i];

		if (connection->fd >= 0)
			continue;
		connection->fd = bufferevent_getfd(connection->stream);
		socket_inode(connection->fd, &connection->inode);
	}
	make_room(connections);
	if (!evtimer_pending(connections->sweep_event, NULL))
		evtimer_add(connections->sweep_event, &sweep_time);
}

static void on_sweep(evutil_socket_t fd, short what, void *ctx)
{
	struct http_connections *connections = ctx;
	uint64_t now = clock_now_ns();

	(void)fd, (void)what;
	prune(connections);
	for (size_t i = 0; i < connections->n; i++)
		if (connections->items[i].deadline_ns <= now && !connections->items[i].gone)
			hang_up(&connections->items[i]);
	if (connections->n)
		evtimer_add(connections->sweep_event, &sweep_time);
}

static struct bufferevent *on_accept(struct event_base *base, void *ctx)
{
	struct http_connections *connections = ctx;
	struct bufferevent *stream = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);

	if (!stream)
		return NULL;
	prune(connections);
	connections->items =
		xgrow(connections->items, &connections->cap, connections->n + 1, sizeof(*connections->items));
	connections->items[connections->n++] =
		(struct connection){.stream = stream, .fd = -1, .deadline_ns = clock_now_ns() + ASK_NS};
	event_active(connections->look_event, EV_TIMEOUT, 0);
	return stream;
}

struct http_connections *http_connections_new(struct event_base *base, struct evhttp *evhttp, size_t max)
{
	struct http_connections *connections = xcalloc(1, sizeof(*connections));

	connections->base = base;
	connections->max = max;
	connections->look_event = evtimer_new(base, on_look, connections);
	connections->sweep_event = evtimer_new(base, on_sweep, connections);
	evhttp_set_bevcb(evhttp, on_accept, connections);
	return connections;
}

void http_connections_free(struct http_connections *connections)
{
	if (!connections)
		return;
	event_free(connections->look_event);
	event_free(connections->sweep_event);
	free(connections->items);
	free(connections);
}

static void set_state(struct http_connections *connections, const struct bufferevent *stream, bool busy,
		      uint64_t time_ns)
{
	prune(connections);
	for (size_t i = connections->n; i-- > 0;) {
		struct connection *connection = &connections->items[i];

		if (connection->stream != stream)
			continue;
		connection->busy = busy;
		connection->deadline_ns = time_ns == UINT64_MAX ? time_ns : clock_now_ns() + time_ns;
		return;
	}
}

void http_connections_asked(struct http_connections *connections, const struct bufferevent *stream)
{
	set_state(connections, stream, true, UINT64_MAX);
}

void http_connections_answering(struct http_connections *connections, const struct bufferevent *stream)
{
	set_state(connections, stream, true, READ_NS);
}

void http_connections_answered(struct http_connections *connections, const struct bufferevent *stream)
{
	set_state(connections, stream, false, ASK_NS);
}
