#include "cli/ingest/capture.h"

#include "cli/base/clock.h"
#include "cli/base/xalloc.h"
#include "cli/ingest/capture_state.h"
#include "cli/ingest/life.h"
#include "cli/ingest/pidfd.h"
#include "cli/ingest/selfread.h"

#include <errno.h>
#include <event2/event.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SPARE_MIN 4u /* slots kept ready for processes to come */
#define SPARE_MAX 64u
#define FREE_MAX 512u /* not taken: a corrupt session file must not use up all descriptors */
#define TICK_NS UINT64_C(50000000) /* between two looks at the shared buffers */
#define FAST_TICK_NS UINT64_C(1000000) /* while somebody waits for us to look */
#define LOOKS_MAX 200u /* at a slot whose number was given out, before its taker is believed dead */
#define SNAPSHOT_NS UINT64_C(10000000000) /* that a fork waits for its child */
#define CHILD_NS UINT64_C(300000000) /* that the end of all others waits for it */

void capture_enter(struct capture *capture)
{
	capture->depth++;
}

void capture_leave(struct capture *capture)
{
	size_t kept = 0;

	if (--capture->depth > 0)
		return;
	for (size_t i = 0; i < capture->n_items; i++) {
		if (capture->items[i]->state == WATCHED_DONE)
			life_free(capture->items[i]);
		else
			capture->items[kept++] = capture->items[i];
	}
	capture->n_items = kept;
}

static int add_slot(struct capture *capture)
{
	struct watched *w = xcalloc(1, sizeof(*w));

	*w = (struct watched){.capture = capture, .pidfd = -1};
	while (slot_make(&w->slot, capture->folder.fd, capture->n_slots) < 0) {
		int errnum = errno;

		if (errnum == EMFILE && life_raise_descriptor_limit())
			continue;
		free(w);
		return -errnum;
	}
	capture->items = xgrow(capture->items, &capture->cap_items, capture->n_items + 1, sizeof(*capture->items));
	capture->items[capture->n_items++] = w;
	capture->n_slots++;
	return 0;
}

/* Keeps slots ready ahead of those taken, more of them when they are taken fast. Returns 0 or -errno. */
static int make_slots(struct capture *capture)
{
	struct shm_session *session = capture->folder.session;
	uint32_t next = atomic_load_explicit(&session->next_slot, memory_order_acquire);
	uint32_t ready = capture->n_slots, n_free = 0;
	int rc = 0;

	if (next >= ready && ready > 0 && capture->spare < SPARE_MAX)
		capture->spare *= 2;
	else if (next == 0)
		capture->spare = SPARE_MIN;
	for (size_t i = 0; i < capture->n_items; i++)
		n_free += capture->items[i]->state == WATCHED_FREE;
	while (rc == 0 && capture->n_slots < next + capture->spare && n_free++ < FREE_MAX)
		rc = add_slot(capture);
	if (capture->n_slots > ready) {
		atomic_store_explicit(&session->slots_ready, capture->n_slots, memory_order_release);
		syscall(SYS_futex, &session->slots_ready, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	}
	return rc;
}

static void tell_full(const struct capture *capture)
{
	if (capture->observer.problem)
		capture->observer.problem(capture->observer.ctx,
					  "No more pipes can be made: some processes may run unwatched.");
}

/* Meets whoever has taken a slot below `next` since the last time. Returns whether one is just being taken. */
static bool meet_takers(struct capture *capture, uint32_t next)
{
	bool coming = next > capture->n_slots;

	for (size_t i = 0; i < capture->n_items; i++) {
		struct watched *w = capture->items[i];
		uint32_t pid;

		if (w->state != WATCHED_FREE || w->slot.index >= next || !slot_map(&w->slot))
			continue;
		pid = slot_pid(&w->slot);
		if (pid)
			life_meet(w, (int)pid);
		else if (w->idle_looks < LOOKS_MAX)
			coming |= ++w->idle_looks < LOOKS_MAX;
	}
	return coming;
}

/* Looks for slots taken since the last time. Returns whether one is just being taken. */
static bool look_for_takers(struct capture *capture)
{
	uint32_t next = atomic_load_explicit(&capture->folder.session->next_slot, memory_order_acquire);
	bool coming = meet_takers(capture, next);
	int rc;

	capture->seen_next = next;
	for (size_t i = 0; i < capture->n_items; i++)
		if (life_is_met(capture->items[i]))
			life_take(capture->items[i]);
	rc = make_slots(capture);
	if (rc < 0 && rc != -EMFILE)
		tell_full(capture);
	return coming;
}

static bool look_at_all(struct capture *capture)
{
	bool hurry = look_for_takers(capture);

	for (size_t i = 0; i < capture->n_items; i++) {
		struct watched *w = capture->items[i];

		if (w->state == WATCHED_LIVE)
			hurry |= life_look(w);
		else if (w->state == WATCHED_DEAD)
			life_try_conclude(w);
	}
	forks_expire(&capture->forks, clock_now_ns() - SNAPSHOT_NS);
	return hurry;
}

static void schedule(struct capture *capture, bool hurry)
{
	uint64_t ns = hurry ? FAST_TICK_NS : TICK_NS;
	struct timeval tv = {.tv_sec = 0, .tv_usec = (suseconds_t)(ns / 1000)};

	event_add(capture->tick_event, &tv);
}

void capture_hurry(struct capture *capture)
{
	schedule(capture, true);
}

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
	struct capture *capture = ctx;
	bool hurry;

	(void)fd;
	(void)what;
	capture_enter(capture);
	hurry = look_at_all(capture);
	capture_leave(capture);
	schedule(capture, hurry);
}

void capture_serve_takers(struct capture *capture)
{
	if (atomic_load_explicit(&capture->folder.session->next_slot, memory_order_acquire) != capture->seen_next &&
	    look_for_takers(capture))
		schedule(capture, true);
}

static void on_takers(evutil_socket_t fd, short what, void *ctx)
{
	struct capture *capture = ctx;
	eventfd_t ignored;

	(void)what;
	eventfd_read(fd, &ignored);
	capture_enter(capture);
	if (look_for_takers(capture))
		schedule(capture, true);
	capture_leave(capture);
}

/* Processes that take a slot wake us; failing that the tick finds them. */
static void watch_takers(struct capture *capture)
{
	takers_start(&capture->takers, capture->folder.session);
	if (capture->takers.fd < 0)
		return;
	capture->takers_event =
		event_new(capture->base, capture->takers.fd, EV_READ | EV_PERSIST, on_takers, capture);
	event_add(capture->takers_event, NULL);
}

struct capture *capture_open(const struct capture_options *options, struct event_base *base,
			     const struct capture_observer *observer, struct err *err)
{
	struct capture *capture = xcalloc(1, sizeof(*capture));
	int rc;

	capture->observer = *observer;
	capture->tap = options->tap;
	capture->base = base;
	capture->takers.fd = -1;
	drain_open(&capture->reader.drain, READER_PIPE_BYTES);
	capture->spare = SPARE_MIN;
	capture->follow = !(options->flags & SHM_FLAG_NO_CHILDREN);
	if (folder_make(&capture->folder, options->flags, options->depth, err) < 0)
		goto fail;
	capture->folder.session->hard_limit = options->hard_limit;
	rc = make_slots(capture);
	if (rc < 0) {
		err_set_errno(err, -rc, "cannot make the pipes of the session in %s", capture->folder.path);
		goto fail;
	}
	capture->reader.pipe_buf = xmalloc(READER_PIPE_BYTES);
	capture->reader.scratch = xmalloc(WIRE_CHUNK_BYTES);
	capture->reader.targets = xmalloc(SHM_MAX_STREAMS * sizeof(*capture->reader.targets));
	capture->tick_event = evtimer_new(base, on_tick, capture);
	watch_takers(capture);
	schedule(capture, false);
	return capture;
fail:
	capture_close(capture);
	return NULL;
}

const char *capture_folder(const struct capture *capture)
{
	return capture->folder.path;
}

int capture_folder_fd(const struct capture *capture)
{
	return capture->folder.fd;
}

size_t capture_active(const struct capture *capture)
{
	size_t n = 0;

	for (size_t i = 0; i < capture->n_items; i++)
		n += capture->items[i]->state == WATCHED_LIVE || capture->items[i]->state == WATCHED_DEAD;
	return n;
}

bool capture_awaits_child(const struct capture *capture)
{
	return forks_any_since(&capture->forks, clock_now_ns() - CHILD_NS);
}

void capture_set_exit(struct capture *capture, int pid, int wait_status)
{
	capture_enter(capture);
	look_for_takers(capture);
	for (size_t i = 0; i < capture->n_items; i++) {
		struct watched *w = capture->items[i];

		if (w->pid != pid || (w->state != WATCHED_LIVE && w->state != WATCHED_DEAD))
			continue;
		w->has_status = true;
		w->wait_status = wait_status;
		if (w->state == WATCHED_LIVE)
			life_die(w);
		else
			life_try_conclude(w);
	}
	capture_leave(capture);
}

void capture_sync(struct capture *capture)
{
	capture_enter(capture);
	look_at_all(capture);
	for (size_t i = 0; i < capture->n_items; i++)
		if (capture->items[i]->state == WATCHED_LIVE && capture->items[i]->pidfd >= 0 &&
		    pidfd_ended(capture->items[i]->pidfd))
			life_die(capture->items[i]);
	capture_leave(capture);
}

static struct watched *find_live(const struct capture *capture, const struct process *process)
{
	for (size_t i = 0; i < capture->n_items; i++)
		if (capture->items[i]->state == WATCHED_LIVE && intake_process(capture->items[i]->intake) == process)
			return capture->items[i];
	return NULL;
}

void capture_refresh(struct capture *capture, const struct process *process)
{
	struct watched *w = find_live(capture, process);

	if (w)
		life_round(w);
}

void capture_attend(struct capture *capture, const struct process *scanned)
{
	uint32_t next = atomic_load_explicit(&capture->folder.session->next_slot, memory_order_acquire);

	if (next != capture->seen_next) {
		meet_takers(capture, next);
		make_slots(capture);
		schedule(capture, true); /* those who were met are taken then */
	}
	for (size_t i = 0; i < capture->n_items; i++)
		if (capture->items[i]->state == WATCHED_LIVE &&
		    (!scanned || intake_process(capture->items[i]->intake) != scanned))
			life_round(capture->items[i]);
}

bool capture_settle(struct capture *capture, const struct process *process)
{
	struct watched *w = find_live(capture, process);

	if (!w)
		return false;
	intake_clock(w->intake, clock_now_ns());
	return watched_settle(w, &capture->reader);
}

struct capture_place capture_place(const struct capture *capture, const struct process *process)
{
	const struct watched *w = find_live(capture, process);
	const char *name = strrchr(capture->folder.path, '/');
	struct capture_place place = {0};

	if (!w)
		return place;
	slot_tls(&w->slot, &place);
	place.other_pids = w->other_pids;
	snprintf(place.landmark, sizeof(place.landmark), "%s/%u" SHM_SLOT_MEM_SUFFIX, name, w->slot.index);
	return place;
}

void capture_release(struct capture *capture, const struct process *process)
{
	struct watched *w = find_live(capture, process);

	if (w)
		slot_scan_done(&w->slot, slot_scan_request(&w->slot));
}

static struct slot *find_slot(struct capture *capture, const struct process *process)
{
	for (size_t i = 0; i < capture->n_items; i++)
		if (capture->items[i]->state == WATCHED_LIVE && intake_process(capture->items[i]->intake) == process)
			return &capture->items[i]->slot;
	return NULL;
}

size_t capture_ask_memory(struct capture *capture, const struct process *process, const struct iovec *pieces,
			  size_t n_pieces, void *buf)
{
	struct slot *slot = find_slot(capture, process);

	return slot ? selfread_memory(slot, pieces, n_pieces, buf) : 0;
}

char *capture_ask_maps(struct capture *capture, const struct process *process)
{
	struct slot *slot = find_slot(capture, process);

	return slot ? selfread_maps(slot) : NULL;
}

void capture_look(struct capture *capture, const struct process *process)
{
	capture_enter(capture);
	for (size_t i = 0; i < capture->n_items; i++) {
		struct watched *w = capture->items[i];

		if (w->state != WATCHED_LIVE || intake_process(w->intake) != process)
			continue;
		if (life_look(w))
			schedule(capture, true);
		break;
	}
	capture_leave(capture);
}

void capture_stop(struct capture *capture)
{
	capture_enter(capture);
	capture_sync(capture);
	for (size_t i = 0; i < capture->n_items; i++)
		life_stop(capture->items[i]);
	capture_leave(capture);
}

void capture_close(struct capture *capture)
{
	if (!capture)
		return;
	for (size_t i = 0; i < capture->n_items; i++)
		life_free(capture->items[i]);
	free(capture->items);
	forks_clear(&capture->forks);
	if (capture->takers_event)
		event_free(capture->takers_event);
	takers_stop(&capture->takers);
	if (capture->tick_event)
		event_free(capture->tick_event);
	drain_close(&capture->reader.drain);
	free(capture->reader.pipe_buf);
	free(capture->reader.scratch);
	free(capture->reader.targets);
	folder_remove(&capture->folder);
	free(capture);
}
