/*
 * The control socket: a stream socket in the session's folder, for others of the same user (and root) to ask about the
 * running session; the protocol is in cli/serve/request.h. All is done in callbacks of the event base, and nothing
 * waits for a client: there are limits on their number, on what they may send and on how long they may take, and a new
 * one takes the place of the one that has been silent longest.
 */
#ifndef CLI_SERVE_CONTROL_H
#define CLI_SERVE_CONTROL_H

#include "cli/base/err.h"
#include "cli/base/out.h"
#include "cli/serve/request.h"

#include <sys/types.h>

#define CONTROL_FILE "control" /* its name in the folder */

struct control;
struct event_base; /* libevent's */

struct control_service {
	void *ctx;
	/* Writes the whole answer. May take its time: the session waits. */
	void (*serve)(void *ctx, const struct request *request, struct out *answer);
};

/* Listens. SIGPIPE has to be ignored. NULL and `err` on failure. `folder_fd` is used only here and to take the socket
 * away again. */
struct control *control_open(int folder_fd, struct event_base *base, const struct control_service *service,
			     struct err *err);

/* Drops all clients and removes the socket. NULL is accepted. */
void control_close(struct control *control);

/* Connects to the socket in a folder, without waiting; the descriptor does not block. -1 and errno. */
int control_connect(int folder_fd);

/* An answer without outputs: `status` is one of the protocol, `reason` a sentence or NULL. */
void control_refuse(struct out *answer, const char *status, const char *reason);

#endif
