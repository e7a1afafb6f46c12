/*
 * The reporter's end of a session: the folder that watched processes find by name, their slots, pipes and shared
 * buffers, and one struct process per program image that was seen.
 *
 * All work is done in callbacks of the event base given at capture_open(): one thread, no locks. The capture
 * owns every struct process; observers may read one until their `ended` callback returns.
 */
#ifndef CLI_INGEST_CAPTURE_H
#define CLI_INGEST_CAPTURE_H

#include "cli/base/err.h"
#include "common/shm.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct capture;
struct event_base; /* libevent's */
struct intake_tap;
struct process;    /* cli/model/process.h */

struct capture_options {
	uint32_t flags; /* enum shm_flag */
	uint32_t depth; /* frames kept of a stack */
	uint64_t hard_limit; /* live bytes beyond which allocations fail; 0 = none */
	const struct intake_tap *tap; /* cli/ingest/tap.h; is told of all that is delivered; NULL = none */
};

/* Where a process waits that is about to end; the fields are those of struct shm_slot. */
struct capture_ending {
	uint32_t scan_request;
	uint32_t scan_tid, boundary_tid;
	uint64_t scan_sp, boundary_sp;
	uint64_t scan_fs_base;
};

/* What a leak scan has to know of a process in any case. */
struct capture_place {
	/* fields of struct shm_slot */
	uint64_t tls_offset, tls_bytes;
	uint64_t malloc_addr;
	bool bypassed;
	bool other_pids; /* it is in another PID namespace than we: its tids are not ours */
	char landmark[64]; /* how the path ends of a file that only this program image has mapped */
};

/* What a process asked by memwatch.h, and waits for. */
struct capture_question {
	uint32_t serial;
	enum shm_ask what;
	struct capture_ending where; /* it waits */
};

/* What the session is told. Any function may be NULL. They may call the functions below but capture_close(). */
struct capture_observer {
	void *ctx;
	/* A program image said hello: pid, exe and argv may not be known yet, its totals are being filled. */
	void (*started)(void *ctx, struct process *process);
	/* It is about to end and waits, with all its memory, until this returns: the moment for a leak scan. */
	void (*ending)(void *ctx, struct process *process, const struct capture_ending *how);
	/* It asks something, and waits until this returns with *answer, zeros before, filled in. */
	void (*asked)(void *ctx, struct process *process, const struct capture_question *question,
		      struct shm_answer *answer);
	/* It has ended and its stream is wholly consumed; freed when this returns. */
	void (*ended)(void *ctx, struct process *process);
	/* Something outside of a single process went wrong: a full sentence. */
	void (*problem)(void *ctx, const char *sentence);
};

/* Makes the folder, the session file and the first slots, and registers with `base`; from here on programs may be
 * started. NULL and `err` on failure, with nothing left behind. */
struct capture *capture_open(const struct capture_options *options, struct event_base *base,
			     const struct capture_observer *observer, struct err *err);

/* Path of the folder, for MEMWATCH_SESSION. */
const char *capture_folder(const struct capture *capture);

/* An open descriptor of it, for as long as the capture is. */
int capture_folder_fd(const struct capture *capture);

/* Processes that have taken a slot and have not ended. */
size_t capture_active(const struct capture *capture);

/* Whether a child has been forked a moment ago and has not said hello: its parent may have ended meanwhile. */
bool capture_awaits_child(const struct capture *capture);

/* What waitpid told about a child of the caller. May come before or after the end of its stream. */
void capture_set_exit(struct capture *capture, int pid, int wait_status);

/* Brings all models up to date with what is in the pipes and shared buffers now, and notices ends. */
void capture_sync(struct capture *capture);

/* The same for one process, without noticing ends. */
void capture_refresh(struct capture *capture, const struct process *process);

/* The same for all that run but `scanned` (or NULL), and no more: what their records ask for comes later, but new ones
 * are told of. For who keeps the event loop waiting, lest their pipes fill up. Not while a model of theirs is being
 * read. */
void capture_attend(struct capture *capture, const struct process *scanned);

/* The same while all its threads stand still, whatever they are in the middle of. False if what it has said cannot be
 * applied yet: it has ended, is about to exec, or is a forked child whose parent's records are awaited. */
bool capture_settle(struct capture *capture, const struct process *process);

/* For a leak scan. All zeros if it has ended. */
struct capture_place capture_place(const struct capture *capture, const struct process *process);

/* From within `ending`: the process goes on at once and not only when that returns. */
void capture_release(struct capture *capture, const struct process *process);

/* From within `ending`: has the process read its own memory, as selfread_memory() and selfread_maps() of
 * cli/ingest/selfread.h. */
size_t capture_ask_memory(struct capture *capture, const struct process *process, const struct iovec *pieces,
			  size_t n_pieces, void *buf);
char *capture_ask_maps(struct capture *capture, const struct process *process);

/* The same for one process that runs, with all that its records ask for: observers may be told of its end. */
void capture_look(struct capture *capture, const struct process *process);

/*
 * What a process's allocator said of itself, last time. False if it never did. With `wait_ms` it is asked again first,
 * and waited for as long: the process answers at its next call of an allocation function, and not without one.
 */
bool capture_heap(struct capture *capture, const struct process *process, unsigned wait_ms, struct shm_heap *heap);

/* Tells a process about how many free blocks lie between its live ones: by that it knows what an answer costs. */
void capture_tell_gaps(struct capture *capture, const struct process *process, uint64_t n);

/* Has some of the next calls of a running process timed, behind the first `skip`, unless it is at it still. */
void capture_time_calls(struct capture *capture, const struct process *process, uint32_t skip);

/* What these took, all in all. False if there is nothing. */
bool capture_times(const struct capture *capture, const struct process *process, struct shm_times *times);

/* Ends all that remain as "running", after a capture_sync() of each. */
void capture_stop(struct capture *capture);

/* Frees everything (without calling the observer) and removes the folder. NULL is accepted. */
void capture_close(struct capture *capture);

#endif
