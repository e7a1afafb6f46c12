#include "cli/answers/ask.h"

#include "cli/answers/find.h"
#include "cli/base/clock.h"
#include "cli/base/xalloc.h"
#include "cli/serve/control.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LIST_NS UINT64_C(2000000000) /* for each session, when it is only asked what it watches */

struct asking {
	const struct request *request;
	uint64_t timeout_ns;
	char *text; /* of the answer that counts; NULL = none yet */
	size_t n;
	struct err err;
	bool guessing; /* only the session itself can say whether it watches the process */
	bool failed;   /* `err` says why; for good, unless we guess */
	char watched[256];
};

/* ---- one session */

/* Waits for the socket; false when the time is up. */
static bool ready(int fd, short events, uint64_t deadline)
{
	struct pollfd p = {.fd = fd, .events = events};
	uint64_t now = clock_now_ns();

	while (now < deadline) {
		int rc = poll(&p, 1, (int)((deadline - now) / 1000000) + 1);

		if (rc > 0)
			return true;
		now = clock_now_ns();
	}
	errno = ETIMEDOUT;
	return false;
}

static int send_request(int fd, const struct request *request, uint64_t deadline)
{
	struct out *out = out_memory();
	struct err ignored = {0};
	size_t n, done = 0;
	const char *line;

	request_print(request, out);
	line = out_text(out, &n);
	while (done < n && ready(fd, POLLOUT, deadline)) {
		ssize_t rc = send(fd, line + done, n - done, MSG_NOSIGNAL);

		if (rc < 0 && errno != EAGAIN && errno != EINTR)
			break;
		done += rc > 0 ? (size_t)rc : 0;
	}
	out_close(out, &ignored);
	return done < n ? -1 : 0;
}

/* All that comes, with a NUL behind it; NULL and errno if its end did not come. */
static char *receive(int fd, uint64_t deadline, size_t *n)
{
	size_t cap = 0;
	char *text = NULL;

	*n = 0;
	while (ready(fd, POLLIN, deadline)) {
		ssize_t rc;

		text = xgrow(text, &cap, *n + 65536, 1);
		rc = recv(fd, text + *n, cap - *n - 1, 0);
		if (rc == 0) {
			text[*n] = '\0';
			return text;
		}
		if (rc < 0 && errno != EAGAIN && errno != EINTR)
			break;
		*n += rc > 0 ? (size_t)rc : 0;
	}
	free(text);
	return NULL;
}

/* Many ask at once: the queue of those who want to is short. */
static int connect_patiently(int folder_fd, uint64_t deadline)
{
	const struct timespec moment = {.tv_nsec = 10000000};
	int fd;

	while ((fd = control_connect(folder_fd)) < 0 && errno == EAGAIN && clock_now_ns() < deadline)
		nanosleep(&moment, NULL);
	return fd;
}

/* The answer's text; NULL and errno. */
static char *converse(int folder_fd, const struct request *request, uint64_t timeout_ns, size_t *n)
{
	uint64_t deadline = clock_now_ns() + timeout_ns;
	int fd = connect_patiently(folder_fd, deadline), errnum;
	char *text = NULL;

	if (fd < 0)
		return NULL;
	if (send_request(fd, request, deadline) == 0)
		text = receive(fd, deadline, n);
	errnum = errno;
	close(fd);
	errno = errnum;
	return text;
}

/* The first line; NULL if it is not one of this protocol. *head_bytes: its length with the newline. */
static json_t *read_head(const char *text, size_t n, size_t *head_bytes)
{
	const char *end = memchr(text, '\n', n);
	json_t *head = end ? json_loadb(text, (size_t)(end - text), 0, NULL) : NULL;

	if (json_integer_value(json_object_get(head, "memwatch")) == REQUEST_PROTOCOL &&
	    json_is_string(json_object_get(head, "status"))) {
		*head_bytes = (size_t)(end - text) + 1;
		return head;
	}
	json_decref(head);
	return NULL;
}

/* ---- the one that watches the process */

/* These return whether to go on to another folder. */

static bool fail(struct asking *asking)
{
	asking->failed = true;
	return asking->guessing;
}

/* The session is no more. As a guess it was wrong, then: what it watched is not watched now. */
static bool ended_first(struct asking *asking)
{
	if (asking->guessing)
		return true;
	err_set(&asking->err, "the run of process %d ended before there was an answer", asking->request->pid);
	return fail(asking);
}

static bool no_answer(struct asking *asking, int errnum)
{
	int pid = asking->request->pid;

	if (errnum == ECONNREFUSED || errnum == ENOENT || errnum == EACCES)
		return true; /* no reporter is there any more, or another user's */
	if (errnum == ECONNRESET || errnum == EPIPE)
		return ended_first(asking); /* without having read what we sent */
	if (errnum == ETIMEDOUT)
		err_set(&asking->err, "the memwatch that may watch process %d did not answer within %.0f s", pid,
			(double)asking->timeout_ns / 1e9);
	else
		err_set_errno(&asking->err, errnum, "cannot ask the memwatch that may watch process %d", pid);
	return fail(asking);
}

static bool ask_session(void *ctx, int folder_fd)
{
	struct asking *asking = ctx;
	const char *status, *reason;
	size_t n, head_bytes;
	bool more = true;
	char *text = converse(folder_fd, asking->request, asking->timeout_ns, &n);
	json_t *head;

	if (!text)
		return no_answer(asking, errno);
	head = read_head(text, n, &head_bytes);
	status = json_string_value(json_object_get(head, "status"));
	reason = json_string_value(json_object_get(head, "reason"));
	if (status && !strcmp(status, "ok")) {
		asking->text = text;
		asking->n = n;
		text = NULL;
		more = false;
	} else if (n == 0) {
		more = ended_first(asking);
	} else if (asking->guessing && status && !strcmp(status, "bad-request")) {
		more = true; /* it is of another version, and another's session may watch the process */
	} else if (!status || strcmp(status, "not-watched") != 0) {
		err_set(&asking->err, "process %d: %s", asking->request->pid,
			reason ? reason : "the answer of its memwatch makes no sense");
		asking->failed = true;
		more = false;
	}
	json_decref(head);
	free(text);
	return more;
}

/* ---- if there is none */

static void add_watched(struct asking *asking, const json_t *process)
{
	const char *program = json_string_value(json_object_get(process, "program"));
	const char *slash = program ? strrchr(program, '/') : NULL;
	size_t n = strlen(asking->watched);

	if (n > sizeof(asking->watched) - 32)
		return;
	snprintf(asking->watched + n, sizeof(asking->watched) - n, "%s%d (%.20s)", n ? ", " : "",
		 (int)json_integer_value(json_object_get(process, "pid")),
		 slash     ? slash + 1
		 : program ? program
			   : "?");
}

static bool list_session(void *ctx, int folder_fd)
{
	const struct request request = {.verb = REQUEST_LIST};
	size_t n, head_bytes, i;
	char *text = converse(folder_fd, &request, LIST_NS, &n);
	json_t *head, *process;

	if (!text)
		return true;
	head = read_head(text, n, &head_bytes);
	json_array_foreach(json_object_get(head, "processes"), i, process) add_watched(ctx, process);
	json_decref(head);
	free(text);
	return true;
}

static void explain(struct asking *asking, bool there)
{
	int pid = asking->request->pid;
	char *text;

	find_all(list_session, asking);
	text = asking->watched[0] ? xasprintf("watched are: %s", asking->watched)
				  : xstrdup("no process is watched now");
	if (there)
		err_set(&asking->err, "process %d runs, but no memwatch of yours watches it; %s", pid, text);
	else
		err_set(&asking->err, "there is no process %d; %s", pid, text);
	free(text);
}

/* Cuts the answer into its outputs. */
static int cut(const struct asking *asking, struct ask_answer *answer)
{
	size_t head_bytes, at, i;
	json_t *head = read_head(asking->text, asking->n, &head_bytes), *outputs = json_object_get(head, "outputs"),
	       *one;
	const char *program = json_string_value(json_object_get(head, "program"));
	bool good = json_array_size(outputs) == asking->request->n_outputs;

	at = head_bytes;
	answer->text = asking->text;
	answer->program = program ? xstrdup(program) : NULL;
	json_array_foreach(outputs, i, one)
	{
		json_int_t n = json_integer_value(json_object_get(one, "bytes"));

		good = good && n >= 0 && (uint64_t)n <= asking->n - at;
		if (!good)
			break;
		answer->outputs[i] = (struct ask_output){asking->text + at, (size_t)n};
		at += (size_t)n;
	}
	json_decref(head);
	return good && at == asking->n ? 0 : -1;
}

int ask(const struct request *request, uint64_t timeout_ns, struct ask_answer *answer, struct err *err)
{
	struct asking asking = {.request = request, .timeout_ns = timeout_ns};
	bool there;

	*answer = (struct ask_answer){0};
	find_of_process(request->pid, ask_session, &asking);
	there = kill(request->pid, 0) == 0 || errno == EPERM;
	if (!asking.text && !asking.failed && there) {
		asking.guessing = true; /* its mappings may not be ours to read */
		find_all(ask_session, &asking);
	}
	if (!asking.text) {
		if (!asking.failed)
			explain(&asking, there);
		return err_set(err, "%s", asking.err.text);
	}
	if (cut(&asking, answer) == 0)
		return 0;
	ask_answer_release(answer);
	return err_set(err, "process %d: the answer of its memwatch was cut short", request->pid);
}

void ask_answer_release(struct ask_answer *answer)
{
	free(answer->program);
	free(answer->text);
	*answer = (struct ask_answer){0};
}
