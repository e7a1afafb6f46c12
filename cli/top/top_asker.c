#include "cli/top/top_asker.h"

#include "cli/answers/ask.h"
#include "cli/base/clock.h"
#include "cli/base/thread.h"
#include "cli/base/xalloc.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct top_asker {
	int fd; /* an eventfd */
	uint64_t timeout_ns, took_ns;
	struct request request, next;
	bool busy, has_next;
	pthread_t thread;
	/* The thread's, until the eventfd is readable. */
	struct ask_answer answer;
	struct err err;
	int rc;
};

struct top_asker *top_asker_new(int pid, uint64_t timeout_ns, struct err *err)
{
	struct top_asker *asker;
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0) {
		err_set_errno(err, errno, "cannot make an eventfd");
		return NULL;
	}
	asker = xcalloc(1, sizeof(*asker));
	asker->fd = fd;
	asker->timeout_ns = timeout_ns;
	asker->request = (struct request){.verb = REQUEST_TOP, .pid = pid, .outputs = {"top"}, .n_outputs = 1};
	return asker;
}

void top_asker_free(struct top_asker *asker)
{
	if (!asker || asker->busy)
		return;
	close(asker->fd);
	free(asker);
}

int top_asker_fd(const struct top_asker *asker)
{
	return asker->fd;
}

bool top_asker_is_busy(const struct top_asker *asker)
{
	return asker->busy;
}

static void *run(void *ctx)
{
	struct top_asker *asker = ctx;
	uint64_t begin = clock_now_ns();

	asker->err = (struct err){0};
	asker->rc = ask(&asker->request, asker->timeout_ns, &asker->answer, &asker->err);
	asker->took_ns = clock_now_ns() - begin;
	eventfd_write(asker->fd, 1);
	return NULL;
}

static void start(struct top_asker *asker)
{
	asker->busy = thread_start(&asker->thread, NULL, run, asker) == 0; /* all else is the thread's by now */
	if (!asker->busy)
		run(asker);
}

void top_asker_ask(struct top_asker *asker, const struct request_top *want, unsigned n_rows)
{
	struct request *request = asker->busy ? &asker->next : &asker->request;

	if (asker->busy)
		*request = asker->request;
	request->list = *want;
	request->how.top = n_rows;
	if (asker->busy)
		asker->has_next = true;
	else
		start(asker);
}

int top_asker_take(struct top_asker *asker, struct top_data *data, uint64_t *took_ns, struct err *err)
{
	eventfd_t ignored;
	int rc;

	*data = (struct top_data){0};
	eventfd_read(asker->fd, &ignored);
	if (asker->busy)
		pthread_join(asker->thread, NULL);
	asker->busy = false;
	*took_ns = asker->took_ns;
	if (asker->rc)
		return err_set(err, "%s", asker->err.text);
	rc = top_data_read(asker->answer.outputs[0].bytes, asker->answer.outputs[0].n, data, err);
	ask_answer_release(&asker->answer);
	if (asker->has_next && rc == 0) {
		asker->has_next = false;
		asker->request = asker->next;
		start(asker);
	}
	return rc;
}
