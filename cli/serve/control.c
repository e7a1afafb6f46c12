#include "cli/serve/control.h"

#include "cli/base/xalloc.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS_MAX 16
#define BACKLOG     16

static const struct timeval request_time = {5, 0}; /* to send the request */
static const struct timeval answer_time = {60, 0}; /* to read the answer */
static const struct timeval pause_time = {1, 0};   /* without accepting, when there are no descriptors */

struct client {
	struct control *control;
	struct bufferevent *stream;
	struct event *deadline;
	bool answered;
	uint64_t number; /* clients are numbered as they come */
};

struct control {
	int folder_fd, fd;
	struct control_service service;
	struct event_base *base;
	struct event *listen_event, *retry_event;
	struct client *clients[CLIENTS_MAX];
	uint64_t n_ever;
};

static void address_in(int folder_fd, struct sockaddr_un *address)
{
	/* A folder's own path may be longer than an address. */
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/" CONTROL_FILE, folder_fd);
}

void control_refuse(struct out *answer, const char *status, const char *reason)
{
	json_t *object = json_pack("{s:i, s:s}", "memwatch", REQUEST_PROTOCOL, "status", status);
	char *text;

	if (reason)
		json_object_set_new(object, "reason", json_string(reason));
	text = json_dumps(object, 0);
	out_printf(answer, "%s\n", text);
	free(text);
	json_decref(object);
}

/* ---- one client */

static void client_free(struct client *client)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (client->control->clients[i] == client)
			client->control->clients[i] = NULL;
	event_free(client->deadline);
	bufferevent_free(client->stream); /* closes the socket */
	free(client);
}

static void free_answer(const void *text, size_t n, void *answer)
{
	struct err ignored = {0};

	(void)text, (void)n;
	out_close(answer, &ignored);
}

static void answer(struct client *client, const char *line, size_t n)
{
	struct control_service *service = &client->control->service;
	struct out *out = out_memory();
	struct request request;
	struct err err = {0};
	const char *text;

	client->answered = true;
	bufferevent_disable(client->stream, EV_READ);
	if (line && request_parse(line, n, &request, &err) == 0)
		service->serve(service->ctx, &request, out);
	else
		control_refuse(out, "bad-request", line ? err.text : "the request is too long");
	evtimer_add(client->deadline, &answer_time); /* from now on: the service may have taken long */
	text = out_text(out, &n);
	evbuffer_add_reference(bufferevent_get_output(client->stream), text, n, free_answer, out);
}

static void on_readable(struct bufferevent *stream, void *ctx)
{
	struct client *client = ctx;
	struct evbuffer *input = bufferevent_get_input(stream);
	char *line;
	size_t n;

	if (client->answered)
		return;
	line = evbuffer_readln(input, &n, EVBUFFER_EOL_LF);
	if (line || evbuffer_get_length(input) >= REQUEST_MAX_BYTES)
		answer(client, line, n);
	free(line);
}

/* All that there was to write is written. */
static void on_written(struct bufferevent *stream, void *ctx)
{
	struct client *client = ctx;

	if (client->answered && evbuffer_get_length(bufferevent_get_output(stream)) == 0)
		client_free(client);
}

static void on_event(struct bufferevent *stream, short what, void *ctx)
{
	(void)stream, (void)what;
	client_free(ctx);
}

static void on_deadline(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd, (void)what;
	client_free(ctx);
}

/* ---- all of them */

static bool may_ask(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && (peer.uid == geteuid() || peer.uid == 0);
}

/* A free place, made if need be from that of the oldest that has not asked anything. NULL: all are being answered. */
static struct client **find_place(struct control *control)
{
	struct client *oldest = NULL;

	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = control->clients[i];

		if (!client)
			return &control->clients[i];
		if (!client->answered && (!oldest || client->number < oldest->number))
			oldest = client;
	}
	if (!oldest)
		return NULL;
	client_free(oldest);
	return find_place(control);
}

static void welcome(struct control *control, int fd)
{
	struct client **place = may_ask(fd) ? find_place(control) : NULL;
	struct client *client;

	if (!place) {
		close(fd);
		return;
	}
	*place = client = xcalloc(1, sizeof(*client));
	client->control = control;
	client->number = control->n_ever++;
	client->deadline = evtimer_new(control->base, on_deadline, client);
	client->stream = bufferevent_socket_new(control->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(client->stream, on_readable, on_written, on_event, client);
	bufferevent_setwatermark(client->stream, EV_READ, 0, REQUEST_MAX_BYTES);
	bufferevent_enable(client->stream, EV_READ | EV_WRITE);
	evtimer_add(client->deadline, &request_time);
}

static void on_client(evutil_socket_t listening, short what, void *ctx)
{
	struct control *control = ctx;
	int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)what;
	if (fd >= 0) {
		welcome(control, fd);
	} else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
		/* It would be told again at once: the one who asks has to wait, and not the session. */
		event_del(control->listen_event);
		evtimer_add(control->retry_event, &pause_time);
	}
}

static void on_retry(evutil_socket_t fd, short what, void *ctx)
{
	struct control *control = ctx;

	(void)fd, (void)what;
	event_add(control->listen_event, NULL);
}

struct control *control_open(int folder_fd, struct event_base *base, const struct control_service *service,
			     struct err *err)
{
	struct control *control = xcalloc(1, sizeof(*control));
	struct sockaddr_un address;

	*control = (struct control){.folder_fd = folder_fd, .service = *service, .base = base};
	address_in(folder_fd, &address);
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (control->fd < 0 || bind(control->fd, (struct sockaddr *)&address, sizeof(address)) ||
	    fchmodat(folder_fd, CONTROL_FILE, 0600, 0) || listen(control->fd, BACKLOG)) {
		err_set_errno(err, errno, "cannot make the session's control socket");
		control_close(control);
		return NULL;
	}
	control->listen_event = event_new(base, control->fd, EV_READ | EV_PERSIST, on_client, control);
	control->retry_event = evtimer_new(base, on_retry, control);
	event_add(control->listen_event, NULL);
	return control;
}

void control_close(struct control *control)
{
	if (!control)
		return;
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		if (control->clients[i])
			client_free(control->clients[i]);
	if (control->listen_event)
		event_free(control->listen_event);
	if (control->retry_event)
		event_free(control->retry_event);
	if (control->fd >= 0) {
		close(control->fd);
		unlinkat(control->folder_fd, CONTROL_FILE, 0);
	}
	free(control);
}

int control_connect(int folder_fd)
{
	struct sockaddr_un address;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), errnum;

	if (fd < 0)
		return -1;
	address_in(folder_fd, &address);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	errnum = errno;
	close(fd);
	errno = errnum;
	return -1;
}
