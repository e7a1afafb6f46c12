/*
 * A program image that took a slot: its slot, its intake, its pidfd and what is known about its end. Does the reading;
 * when to read, and what to tell whom, is the capture's business.
 */
#ifndef CLI_INGEST_WATCHED_H
#define CLI_INGEST_WATCHED_H

#include "cli/ingest/drain.h"
#include "cli/ingest/forks.h"
#include "cli/ingest/intake.h"
#include "cli/ingest/slot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event; /* libevent's */

/* What reading needs, one for all. */
struct reader {
	struct drain drain; /* of READER_PIPE_BYTES */
	uint64_t *pipe_buf; /* READER_PIPE_BYTES */
	uint64_t *scratch;  /* WIRE_PAYLOAD_MAX */
	uint64_t *targets;  /* SHM_MAX_STREAMS */
};

#define READER_PIPE_BYTES ((size_t)256 << 10) /* the first use of each page of a larger one delays a short run */

enum watched_state {
	WATCHED_FREE, /* the slot is ready, nobody has taken it */
	WATCHED_LIVE,
	WATCHED_DEAD, /* the process has ended; all was read; how it ended is not known yet */
	WATCHED_DONE, /* told; to be freed */
};

struct watched {
	struct capture *capture;
	struct slot slot;
	enum watched_state state;
	int pid;                     /* as we know it */
	bool other_pids;             /* it is in another PID namespace, and knows itself by another number */
	struct intake *intake;       /* from LIVE on */
	struct pipe_wait *pipe_wait; /* from LIVE on */
	struct event *pid_event;
	size_t n_read;      /* bytes, by the last reading from the pipe */
	int pidfd;          /* -1: none */
	bool eof;           /* the pipe has no writer */
	bool execing;       /* the last thing said is that an exec follows */
	bool last_reads;    /* its end is being dealt with: nothing is waited for any more */
	bool paused;        /* too much is kept: its pipe is left to fill up, so that its threads wait */
	uint64_t paused_ns; /* since when */
	bool has_status, has_exit_record;
	int wait_status, exit_record;
	uint32_t parent_slot, fork_serial;
	uint32_t asked;       /* serial of the last question come to in its stream */
	uint32_t awaited;     /* … of one that has not been come to */
	uint64_t awaited_ns;  /* since when */
	uint64_t deadline_ns; /* while held, or DEAD: when to go on without */
	uint64_t died_ns;
	unsigned idle_looks; /* while the slot's number is given out but no pid is set */
};

/* Reads from the pipe once. Returns false when nothing is there now; sets `eof`. */
bool watched_read_pipe(struct watched *w, const struct reader *reader);

/* Brings the model up to date with all that is published now. False if not all could be read yet. */
bool watched_round(struct watched *w, const struct reader *reader);

/* The same while all threads stand still: a record that one of them is in the middle of holds nothing up. It concerns
 * an address that no other thread can have yet, or any more, so that it may come after all others. */
bool watched_settle(struct watched *w, const struct reader *reader);

/* Whether so much is kept, of a held stream or for the sake of order, that the pipe should be left to fill up. */
bool watched_full(const struct watched *w);

/* Reads all there is of a process that has ended: what has not come by now never will. A held stream stays so. */
void watched_drain(struct watched *w, const struct reader *reader);

/* The last round of a process that goes on: its model stays as it was at one moment, and what came later is dropped. */
void watched_cut(struct watched *w, const struct reader *reader);

/* How it ended, from all that is known. False: it may yet be told. */
bool watched_exit(struct watched *w, struct process_exit *how);

#endif
