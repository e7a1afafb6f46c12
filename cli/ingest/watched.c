#include "cli/ingest/watched.h"

#include "cli/ingest/pidfd.h"

#include <sys/wait.h>

#define HELD_FULL  ((size_t)8 << 20)  /* kept of a child that waits for its parent, before its pipe may fill up */
#define QUEUE_FULL ((size_t)16 << 20) /* kept for the sake of order, before the pipe may fill up */
#define QUEUE_MAX  ((size_t)64 << 20) /* kept for the sake of order; then order is given up */

#define SETTLE_ROUNDS 4
#define READS_MAX     16 /* in a round; two are enough unless the slot's words were overwritten */
#define EMPTY_MAX     4  /* looks at an empty pipe, before what has not come is believed lost */

enum caught {
	CAUGHT_UP,
	CAUGHT_ALL_THERE_IS, /* the pipe is empty, and something is missing */
	CAUGHT_SOME,         /* there is more to read */
};

static void update_counters(struct watched *w)
{
	struct process_counters counters;

	if (!intake_process(w->intake))
		return;
	slot_counters(&w->slot, &counters);
	intake_counters(w->intake, &counters);
}

bool watched_full(const struct watched *w)
{
	return intake_backlog(w->intake) > (intake_held(w->intake) ? HELD_FULL : QUEUE_FULL) && !w->last_reads;
}

bool watched_read_pipe(struct watched *w, const struct reader *reader)
{
	int n;

	if (intake_held(w->intake) && watched_full(w)) /* others are read on in rounds, or none would ever end */
		return false;
	w->n_read = 0;
	n = slot_read(&w->slot, &reader->drain, reader->pipe_buf, READER_PIPE_BYTES);
	w->eof = n == 0;
	if (n <= 0)
		return false;
	w->n_read = (size_t)n;
	intake_streams(w->intake, slot_n_streams(&w->slot));
	intake_feed(w->intake, reader->pipe_buf, (size_t)n);
	return true;
}

/*
 * Reads as far as the targets. What of them cannot be had in place had gone over the pipe before they were taken, or
 * has since; so a read or two must bring it, whatever the threads write meanwhile. Reading until the pipe is empty
 * would not end while they write as fast as we read.
 */
static enum caught catch_up(struct watched *w, const struct reader *reader, uint32_t n_targets)
{
	bool polled = slot_polled(&w->slot);
	int n_empty = 0;

	for (int i = 0; i < READS_MAX && n_empty < EMPTY_MAX; i++) {
		slot_place(&w->slot, w->intake, reader->scratch);
		if (polled)
			slot_drained(&w->slot, w->intake);
		if (slot_reached(w->intake, reader->targets, n_targets, false))
			return CAUGHT_UP;
		if (!watched_read_pipe(w, reader))
			n_empty++;
	}
	return n_empty < EMPTY_MAX || intake_held(w->intake) ? CAUGHT_SOME : CAUGHT_ALL_THERE_IS;
}

bool watched_round(struct watched *w, const struct reader *reader)
{
	uint32_t n_targets;
	uint64_t mark = slot_watermark(&w->slot, reader->targets, &n_targets);
	enum caught caught = catch_up(w, reader, n_targets);

	if (caught == CAUGHT_ALL_THERE_IS)
		slot_reached(w->intake, reader->targets, n_targets, true);
	if (caught != CAUGHT_SOME)
		intake_merge(w->intake, mark);
	if (intake_backlog(w->intake) > QUEUE_MAX)
		intake_flush(w->intake);
	update_counters(w);
	return caught == CAUGHT_UP;
}

bool watched_settle(struct watched *w, const struct reader *reader)
{
	bool caught_up = false;

	slot_disregard(&w->slot);
	for (int i = 0; i < SETTLE_ROUNDS && !caught_up; i++)
		caught_up = watched_round(w, reader);
	return caught_up && !intake_held(w->intake) && !w->execing;
}

void watched_drain(struct watched *w, const struct reader *reader)
{
	uint32_t n_targets;

	for (int i = 0; i < READS_MAX && watched_read_pipe(w, reader); i++)
		; /* one would do: what can write to the pipe now does not send frames */
	slot_place(&w->slot, w->intake, reader->scratch);
	slot_watermark(&w->slot, reader->targets, &n_targets);
	if (!slot_reached(w->intake, reader->targets, n_targets, true))
		slot_place(&w->slot, w->intake, reader->scratch); /* what is left behind the gaps */
	update_counters(w);
}

void watched_cut(struct watched *w, const struct reader *reader)
{
	watched_round(w, reader);
	intake_discard(w->intake);
}

bool watched_exit(struct watched *w, struct process_exit *how)
{
	*how = (struct process_exit){.kind = PROCESS_EXITED, .code = -1};
	if (!w->has_status && w->pidfd >= 0)
		w->has_status = pidfd_wait_status(w->pidfd, w->pid, &w->wait_status);
	if (w->has_status && WIFSIGNALED(w->wait_status)) {
		how->kind = PROCESS_SIGNALED;
		how->signal = WTERMSIG(w->wait_status);
		return true;
	}
	if (w->execing) { /* the program that ended was the next one, which could not be watched */
		how->kind = PROCESS_EXECED;
		return true;
	}
	if (w->has_status)
		how->code = WEXITSTATUS(w->wait_status);
	else if (w->has_exit_record)
		how->code = w->exit_record & 0xff;
	return w->has_status;
}
