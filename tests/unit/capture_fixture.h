/* A capture, what it tells, and child processes that play the shim's part. */
#ifndef TESTS_UNIT_CAPTURE_FIXTURE_H
#define TESTS_UNIT_CAPTURE_FIXTURE_H

#include "cli/ingest/capture.h"
#include "cli/model/process.h"
#include "common/shm.h"
#include "tests/unit/fake_shim.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <sys/wait.h>

struct seen {
	int pid;
	enum process_origin origin;
	struct process_exit exit;
	struct process_totals totals;
	bool complete;
	uint64_t unknown_frees;
	char reason[256];
};

static struct event_base *base;
static struct capture *capture;
static struct seen seen[400];
static size_t n_started, n_ended;

static void on_started(void *ctx, struct process *process)
{
	(void)ctx;
	(void)process;
	n_started++;
}

static void on_ended(void *ctx, struct process *process)
{
	struct seen *s = &seen[n_ended++];

	(void)ctx;
	*s = (struct seen){.pid = process->pid, .origin = process->origin, .exit = process->exit};
	s->totals = process->totals;
	s->complete = process->completeness.complete;
	s->unknown_frees = process->completeness.unknown_frees;
	if (process->completeness.n_reasons)
		strncpy(s->reason, process->completeness.reasons[0], sizeof(s->reason) - 1);
}

/* Answers with what has been applied until now. */
static void on_asked(void *ctx, struct process *process, const struct capture_question *question,
		     struct shm_answer *answer)
{
	(void)ctx;
	answer->live_bytes = process->totals.live_bytes;
	answer->definite_blocks = question->what;
	answer->definite_bytes = question->where.scan_sp;
}

static void setup(void)
{
	const struct capture_options options = {.depth = 256};
	const struct capture_observer observer = {.started = on_started, .asked = on_asked, .ended = on_ended};
	struct err err = {""};

	n_started = n_ended = 0;
	base = event_base_new();
	capture = capture_open(&options, base, &observer, &err);
	cr_assert(capture, "%s", err.text);
}

static void teardown(void)
{
	char folder[SHM_PATH_MAX];

	strcpy(folder, capture_folder(capture));
	capture_close(capture);
	event_base_free(base);
	cr_assert_eq(access(folder, F_OK), -1);
}

static int start(void (*body)(const char *folder))
{
	int pid = fork();

	cr_assert_geq(pid, 0);
	if (pid == 0) {
		body(capture_folder(capture));
		_exit(98);
	}
	return pid;
}

static inline int reap(int pid)
{
	int status;

	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return status;
}

static void run_until_ended(size_t n)
{
	while (n_ended < n)
		event_base_loop(base, EVLOOP_ONCE);
	cr_assert_eq(n_ended, n);
}

static struct builder b;

static inline void body_exit(const char *folder)
{
	struct fake_shim shim;

	fake_take(&shim, folder, false);
	fake_hello(&shim, WIRE_START_EXEC, SHM_NO_SLOT, 0);
	add_alloc(&b, 0x1000, 10, 1);
	add_alloc(&b, 0x2000, 20, 1);
	add_free(&b, 0x1000);
	fake_put(&shim, 0, &b);
	_exit(3);
}

#endif
