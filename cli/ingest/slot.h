/*
 * One slot of the session: its two files, the reading end of its pipe, and its shared memory, mapped in windows as
 * streams come into use. Knows the protocol of common/shm.h, nothing of what the words mean.
 */
#ifndef CLI_INGEST_SLOT_H
#define CLI_INGEST_SLOT_H

#include "cli/base/err.h"
#include "cli/ingest/capture.h"
#include "cli/ingest/drain.h"
#include "cli/ingest/intake.h"
#include "common/shm.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLOT_WINDOW_CHUNKS 64u
#define SLOT_WINDOWS       (SHM_MAX_STREAMS / SLOT_WINDOW_CHUNKS)

struct slot {
	uint32_t index;
	int dir_fd; /* borrowed */
	int pipe_fd;
	struct shm_slot *shm;           /* header and streams; NULL until slot_map() */
	struct shm_gate *gate;          /* the same; NULL if it could not be mapped */
	uint8_t *windows[SLOT_WINDOWS]; /* of chunks */
	bool unanswered;                /* the process does not answer requests to read its memory */
	uint64_t disregard;             /* stamps being taken since before this are not waited for */
};

/* Makes the files and opens the pipe. -1 and errno on failure, with nothing left. */
int slot_make(struct slot *slot, int dir_fd, uint32_t index);

/* Closes, unmaps and removes all of it. */
void slot_release(struct slot *slot);

/* Maps the header. False if the file is not what was made. */
bool slot_map(struct slot *slot);

/* Opens the slot's file; -1 if it is not to be had. */
int slot_open_mem(const struct slot *slot);

/* The pid that took the slot, 0 while there is none. Mapped slots only, here and below. */
uint32_t slot_pid(const struct slot *slot);

/* … and the PID namespace that this is its number in; 0 = not known. */
uint64_t slot_pid_ns(const struct slot *slot);

/* Streams in use, never more than there can be. */
uint32_t slot_n_streams(const struct slot *slot);
bool slot_polled(const struct slot *slot);
void slot_counters(const struct slot *slot, struct process_counters *counters);

/* Whether the process is about to end and waits for a leak scan (common/shm.h); where it waits. */
bool slot_ending(const struct slot *slot, struct capture_ending *how);

/* Where the shim's own thread-local words are: sets these fields only. */
void slot_tls(const struct slot *slot, struct capture_place *place);

/* Lets it go on that asked by this request, if it has not done so: it may ask again at once. */
void slot_scan_done(struct slot *slot, uint32_t request);
uint32_t slot_scan_request(const struct slot *slot);

/* Whether the process asks something and waits (common/shm.h); what. */
bool slot_asked(const struct slot *slot, struct capture_question *question);
void slot_answer(struct slot *slot, const struct capture_question *question, const struct shm_answer *answer);

/* Has the process do what `want` (SHM_WANT_HEAP, SHM_WANT_TIMES) says, at its next call. False if it is not recording,
 * or has been asked for the same already. */
bool slot_want(struct slot *slot, enum shm_state want);

/* What its allocator last said of itself. False if it never did, or is just being asked. */
bool slot_heap(const struct slot *slot, struct shm_heap *heap);

/* Reads what is in the pipe, at most `n_bytes`: number of bytes, 0 = no writer has it open, -EAGAIN = nothing now. */
int slot_read(const struct slot *slot, const struct drain *drain, void *buf, size_t n_bytes);

/* Whether the pipe has something to read, or a writer. */
bool slot_has_writer(const struct slot *slot);

/*
 * Delivers what can be had in place of all streams, as far as it was published. Streams whose chunk is behind or
 * ahead of what has come over the pipe are left alone. `scratch` holds WIRE_PAYLOAD_MAX bytes.
 */
void slot_place(struct slot *slot, struct intake *intake, uint64_t *scratch);

/* For a polled slot, after slot_place(): lets the writers of full chunks that were read go on. */
void slot_drained(struct slot *slot, struct intake *intake);

/*
 * The time below which all stamps are published, see common/shm.h; and in targets[] (SHM_MAX_STREAMS) how far each of
 * *n_targets streams has to be read for that.
 */
uint64_t slot_watermark(const struct slot *slot, uint64_t *targets, uint32_t *n_targets);

/* Stamps that are being taken now are not waited for any more: their threads were ended, or are stopped. */
void slot_disregard(struct slot *slot);

/* Whether all targets have been reached. With `give_up`, frames that have not come are counted as missing. */
bool slot_reached(struct intake *intake, const uint64_t *targets, uint32_t n_targets, bool give_up);

#endif
