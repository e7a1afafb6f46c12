#include "cli/ingest/life.h"

#include "cli/base/clock.h"
#include "cli/ingest/capture_state.h"
#include "cli/ingest/pidfd.h"
#include "cli/ingest/pidns.h"
#include "cli/ingest/pipe_wait.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define HOLD_NS       UINT64_C(2000000000) /* that a forked child waits for its parent's records */
#define STATUS_NS     UINT64_C(2000000000) /* that a dead process waits for its status */
#define STALL_NS      UINT64_C(200000000)  /* that others wait for one thread in the middle of a record */
#define QUESTION_NS   UINT64_C(1000000000) /* that a question waits for its record */
#define BACKLOG_BYTES ((size_t)1 << 20)    /* of several streams, before a round is worth while */
#define READS_AT_ONCE 4                    /* of a pipe, before others are looked after */

static void tell_problem(const struct capture *capture, const char *sentence)
{
	if (capture->observer.problem)
		capture->observer.problem(capture->observer.ctx, sentence);
}

bool life_raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= limit.rlim_max)
		return false;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static struct watched *find_slot(const struct capture *capture, uint32_t index)
{
	for (size_t i = 0; i < capture->n_items; i++)
		if (capture->items[i]->slot.index == index && capture->items[i]->state == WATCHED_LIVE)
			return capture->items[i];
	return NULL;
}

void life_round(struct watched *w)
{
	intake_clock(w->intake, clock_now_ns());
	watched_round(w, &w->capture->reader);
}

/* Lets a forked child's records pass, with its parent's blocks if the parent's record of the fork has come. */
static void release(struct watched *w)
{
	struct capture *capture = w->capture;
	struct process_snapshot *snapshot;
	struct watched *parent;

	if (!intake_process(w->intake) || !intake_held(w->intake))
		return;
	snapshot = forks_take(&capture->forks, w->parent_slot, w->fork_serial);
	parent = find_slot(capture, w->parent_slot);
	if (!snapshot && parent && parent != w) {
		life_round(parent); /* the record was written before the fork, so it is there to be read */
		snapshot = forks_take(&capture->forks, w->parent_slot, w->fork_serial);
	}
	if (snapshot)
		intake_inherit(w->intake, snapshot, w->parent_slot, w->fork_serial);
	else if (w->fork_serial && parent && parent != w && clock_now_ns() < w->deadline_ns && !w->last_reads)
		return;
	else
		intake_remark(w->intake, "What the parent process had allocated before the fork is not known.");
	intake_hold(w->intake, false);
}

/* The process's stream is wholly consumed: completes it and tells. */
static void conclude(struct watched *w, const struct process_exit *how)
{
	struct capture *capture = w->capture;
	struct process *process = intake_process(w->intake);

	w->state = WATCHED_DONE;
	if (w->pipe_wait)
		pipe_wait_off(w->pipe_wait);
	if (w->pid_event)
		event_del(w->pid_event);
	if (!process) { /* most often it was killed before it said anything */
		if (intake_dropped(w->intake))
			tell_problem(capture, "The stream of a process could not be read; it is missing.");
		else if (w->slot.shm && atomic_load(&w->slot.shm->lost_records))
			tell_problem(capture, "A process could not be watched; it is missing: there was no memory "
					      "for it, or no room in the session's folder (in /dev/shm).");
		return;
	}
	intake_finish(w->intake, how, w->died_ns ? w->died_ns : clock_now_ns());
	if (capture->observer.ended)
		capture->observer.ended(capture->observer.ctx, process);
}

static void drain(struct watched *w)
{
	intake_clock(w->intake, clock_now_ns());
	w->last_reads = true;
	watched_drain(w, &w->capture->reader);
	release(w);
	intake_flush(w->intake);
}

static void end_as_execed(struct watched *w)
{
	struct process_exit how = {.kind = PROCESS_EXECED, .code = -1};

	drain(w);
	conclude(w, &how);
}

static void end_as_running(struct watched *w)
{
	struct process_exit how = {.kind = PROCESS_RUNNING, .code = -1};

	w->last_reads = true;
	life_round(w);
	release(w);
	watched_cut(w, &w->capture->reader);
	conclude(w, &how);
}

void life_try_conclude(struct watched *w)
{
	const struct process *process = intake_process(w->intake);
	struct process_exit how;

	/* Only of our own child will we be told more: by capture_set_exit(). */
	if (watched_exit(w, &how) || !process || process_parent_pid(process) != getpid() ||
	    clock_now_ns() >= w->deadline_ns)
		conclude(w, &how);
}

void life_die(struct watched *w)
{
	if (w->state != WATCHED_LIVE)
		return;
	w->state = WATCHED_DEAD;
	w->died_ns = clock_now_ns();
	w->deadline_ns = w->died_ns + STATUS_NS;
	if (w->pid_event)
		event_del(w->pid_event);
	if (w->pipe_wait)
		pipe_wait_off(w->pipe_wait);
	drain(w);
	life_try_conclude(w);
}

static struct process *on_hello(void *ctx, const struct wire_hello *said)
{
	struct wire_hello own = *said, *hello = &own;
	struct watched *w = ctx;
	struct capture *capture = w->capture;
	enum process_origin origin = PROCESS_EXEC;
	uint64_t now_ns = clock_now_ns();
	struct process *process;

	if (w->other_pids) {
		hello->pid = w->pid > 0 ? (uint32_t)w->pid : said->pid;
		hello->ppid = w->pid > 0 ? (uint32_t)pidns_parent(w->pid) : 0;
	}
	if (hello->start == WIRE_START_FORK)
		origin = PROCESS_FORK;
	else if (w->slot.index == 0) /* taken first; what the pipes bring first is another matter */
		origin = PROCESS_RUN;
	process = process_new(hello, origin);
	process_clock(process, now_ns);
	if (capture->tap) {
		capture->tap->hello(capture->tap->ctx, w->slot.index, hello, origin);
		capture->tap->clock(capture->tap->ctx, w->slot.index, now_ns);
		intake_set_tap(w->intake, capture->tap, w->slot.index);
	}
	if (origin == PROCESS_FORK) {
		w->parent_slot = hello->parent_slot;
		w->fork_serial = hello->fork_serial;
		w->deadline_ns = clock_now_ns() + HOLD_NS;
		intake_hold(w->intake, true); /* until release(), which must not be called in the middle of reading */
	}
	if (capture->observer.started)
		capture->observer.started(capture->observer.ctx, process);
	return process;
}

static void on_forked(void *ctx, uint32_t serial)
{
	struct watched *w = ctx;

	if (w->capture->follow)
		forks_add(&w->capture->forks, w->slot.index, serial, clock_now_ns(),
			  process_snapshot(intake_process(w->intake)));
}

static void on_exec(void *ctx, bool failed)
{
	struct watched *w = ctx;

	w->execing = !failed;
}

static void on_exit_record(void *ctx, int status)
{
	struct watched *w = ctx;

	w->has_exit_record = true;
	w->exit_record = status;
}

static void on_asked(void *ctx, uint32_t serial)
{
	struct watched *w = ctx;

	w->asked = serial;
}

/* Another thread is in the middle of a record that comes before the question's, or the record was lost. Whether it has
 * been waited for long enough. */
static bool wait_for_question(struct watched *w, uint32_t serial)
{
	if (w->awaited != serial) {
		w->awaited = serial;
		w->awaited_ns = clock_now_ns();
	}
	return clock_now_ns() - w->awaited_ns > QUESTION_NS;
}

/* A process that asked something is answered as of that point of its stream, or a little later. */
static void serve_question(struct watched *w)
{
	struct capture *capture = w->capture;
	struct capture_question question;
	struct shm_answer answer = {0};

	if (!intake_process(w->intake) || intake_held(w->intake) || !slot_asked(&w->slot, &question))
		return;
	life_round(w);
	if (w->asked != question.serial && !wait_for_question(w, question.serial)) {
		capture_hurry(capture);
		return;
	}
	if (capture->observer.asked)
		capture->observer.asked(capture->observer.ctx, intake_process(w->intake), &question, &answer);
	slot_answer(&w->slot, &question, &answer);
}

/* A process that is about to end waits for whoever wants to look at its memory. */
static void serve_ending(struct watched *w)
{
	struct capture *capture = w->capture;
	struct capture_ending how;

	if (!intake_process(w->intake) || intake_held(w->intake) || !slot_ending(&w->slot, &how))
		return;
	life_round(w);
	if (capture->observer.ending)
		capture->observer.ending(capture->observer.ctx, intake_process(w->intake), &how);
	slot_scan_done(&w->slot, how.scan_request);
}

/* Leaves the pipe to fill up while too much is kept. */
static void pace(struct watched *w)
{
	bool full = watched_full(w);

	if (full && !w->paused) {
		w->paused_ns = clock_now_ns();
		pipe_wait_off(w->pipe_wait);
		capture_hurry(w->capture);
	} else if (!full && w->paused && !w->eof) {
		pipe_wait_on(w->pipe_wait);
	}
	w->paused = full;
}

/* A live process's slot after reading: what the records ask for. */
static void after_reading(struct watched *w)
{
	release(w);
	serve_question(w);
	serve_ending(w);
	pace(w);
	if (!w->eof)
		return;
	pipe_wait_off(w->pipe_wait); /* a pipe without a writer would wake us all the time; life_look() looks */
	if (w->execing && !slot_polled(&w->slot) && !(w->pidfd >= 0 && pidfd_ended(w->pidfd)))
		end_as_execed(w); /* the descriptor went away with the old image */
}

static void on_pipe(void *ctx)
{
	struct watched *w = ctx;
	struct capture *capture = w->capture;
	size_t n_read = 0;

	capture_enter(capture);
	capture_serve_takers(capture); /* they wait; what is in the pipe does not */
	if (w->state == WATCHED_LIVE) {
		intake_clock(w->intake, clock_now_ns());
		for (int n = 0; n < READS_AT_ONCE && watched_read_pipe(w, &capture->reader); n++) {
			n_read += w->n_read;
			if (w->n_read < READER_PIPE_BYTES)
				break;
		}
		if (intake_backlog(w->intake) > BACKLOG_BYTES || w->eof)
			life_round(w);
		after_reading(w);
		pipe_wait_read(w->pipe_wait, n_read);
	}
	capture_leave(capture);
}

static void on_pid(evutil_socket_t fd, short what, void *ctx)
{
	struct watched *w = ctx;
	struct capture *capture = w->capture;

	(void)fd;
	(void)what;
	capture_enter(capture);
	life_die(w);
	capture_leave(capture);
}

/* Images of the same process that came before: they were replaced, or the number was used again. */
static void end_earlier_images(struct watched *w)
{
	struct capture *capture = w->capture;

	for (size_t i = 0; i < capture->n_items; i++) {
		struct watched *old = capture->items[i];

		if (old->state != WATCHED_LIVE || old->pid != w->pid || old->slot.index >= w->slot.index)
			continue; /* a later one may have been met already */
		if (old->pidfd >= 0 && pidfd_ended(old->pidfd))
			life_die(old);
		else
			end_as_execed(old);
	}
}

static void watch_end(struct watched *w)
{
	struct capture *capture = w->capture;

	if (w->pid < 0) { /* pidns_find() has not found it */
		life_die(w);
		return;
	}
	w->pidfd = pidfd_watch(w->pid);
	if (w->pidfd < 0 && errno == EMFILE && life_raise_descriptor_limit())
		w->pidfd = pidfd_watch(w->pid);
	if (w->pidfd >= 0) {
		w->pid_event = event_new(capture->base, w->pidfd, EV_READ | EV_PERSIST, on_pid, w);
		event_add(w->pid_event, NULL);
	} else if (errno == ESRCH) {
		life_die(w);
	}
}

void life_meet(struct watched *w, int pid)
{
	struct capture *capture = w->capture;
	struct intake_hooks hooks = {w, on_hello, on_forked, on_exec, on_exit_record, on_asked};
	uint64_t ns = slot_pid_ns(&w->slot), own = capture->folder.session->pid_ns;

	w->state = WATCHED_LIVE;
	w->other_pids = ns && own && ns != own;
	w->pid = w->other_pids ? pidns_find(ns, pid) : pid;
	w->intake = intake_new((uint32_t)pid, &hooks);
}

bool life_is_met(const struct watched *w)
{
	return w->state == WATCHED_LIVE && !w->pipe_wait;
}

void life_take(struct watched *w)
{
	end_earlier_images(w);
	w->pipe_wait = pipe_wait_new(w->capture->base, w->slot.pipe_fd, on_pipe, w);
	pipe_wait_on(w->pipe_wait);
	watch_end(w);
	if (w->state == WATCHED_LIVE) {
		life_round(w);
		after_reading(w);
	}
}

bool life_look(struct watched *w)
{
	struct capture_question question;

	if (life_is_met(w))
		life_take(w);
	if (w->eof && !slot_polled(&w->slot) && slot_has_writer(&w->slot)) {
		w->eof = false;
		if (!w->paused)
			pipe_wait_on(w->pipe_wait);
	}
	if (w->paused && !intake_held(w->intake) && clock_now_ns() - w->paused_ns > STALL_NS)
		slot_disregard(&w->slot);
	life_round(w);
	after_reading(w);
	if (w->state == WATCHED_LIVE && w->pidfd < 0)
		watch_end(w);
	return w->state == WATCHED_LIVE &&
	       (slot_polled(&w->slot) || intake_held(w->intake) || w->paused || slot_asked(&w->slot, &question));
}

void life_stop(struct watched *w)
{
	struct process_exit how;

	if (w->state == WATCHED_LIVE) {
		end_as_running(w);
	} else if (w->state == WATCHED_DEAD) {
		watched_exit(w, &how);
		conclude(w, &how);
	}
}

void life_free(struct watched *w)
{
	pipe_wait_free(w->pipe_wait);
	if (w->pid_event)
		event_free(w->pid_event);
	if (w->pidfd >= 0)
		close(w->pidfd);
	slot_release(&w->slot);
	if (w->intake)
		process_free(intake_process(w->intake));
	intake_free(w->intake);
	free(w);
}
