/*
 * One process's stream from bytes to its model: frames, order, events. No input or output of its own, so that it
 * can be driven by a live capture, a recording, a test or a fuzzer alike.
 */
#ifndef CLI_INGEST_INTAKE_H
#define CLI_INGEST_INTAKE_H

#include "cli/ingest/frames.h"
#include "cli/ingest/tap.h"
#include "cli/model/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct intake;

/* What the owner is told, in the order of the stream. Any may be NULL but `hello`. */
struct intake_hooks {
	void *ctx;
	/* The first record came. Returns the process to fill, which the owner keeps; or NULL to drop all that comes. */
	struct process *(*hello)(void *ctx, const struct wire_hello *hello);
	void (*forked)(void *ctx, uint32_t serial);
	void (*exec)(void *ctx, bool failed);
	void (*exit)(void *ctx, int status);
	void (*asked)(void *ctx, uint32_t serial);
};

struct intake *intake_new(uint32_t pid, const struct intake_hooks *hooks);

/* From here on `tap`, which must outlive it, is told of all changes of the process; of number `id`. */
void intake_set_tap(struct intake *intake, const struct intake_tap *tap, uint32_t id);
void intake_free(struct intake *intake);

/* NULL until the hello. */
struct process *intake_process(const struct intake *intake);

/* As of cli/model/event.h, with the tap told. No-ops without a process. */
void intake_clock(struct intake *intake, uint64_t monotonic_ns);
void intake_counters(struct intake *intake, const struct process_counters *counters);
void intake_remark(struct intake *intake, const char *text); /* it is incomplete */

/* Starts it as process `parent_id` was at its fork `serial`. */
void intake_inherit(struct intake *intake, struct process_snapshot *snapshot, uint32_t parent_id, uint32_t serial);

/* Whether bytes came that could not be used because there is no process. */
bool intake_dropped(const struct intake *intake);

/* While held, what comes is kept and nothing is delivered; may be called from the hello hook. */
void intake_hold(struct intake *intake, bool hold);
bool intake_held(const struct intake *intake);

/*
 * The number of streams that the process has used, as read *after* the bytes that are fed next: with one stream they
 * are delivered at once, with more they wait for intake_merge().
 */
void intake_streams(struct intake *intake, uint32_t n_streams);
uint32_t intake_n_streams(const struct intake *intake);

/* Bytes of the pipe, as they came. */
void intake_feed(struct intake *intake, const void *bytes, size_t n_bytes);

/* For chunks read in place: frames_place() and the like. */
struct frames *intake_frames(struct intake *intake);

/* Delivers what is stamped below `tsc`, a value of the time-stamp counter; or everything. No-ops while held. */
void intake_merge(struct intake *intake, uint64_t tsc);
void intake_flush(struct intake *intake);

/* Forgets what is kept. */
void intake_discard(struct intake *intake);

/* Bytes kept. */
size_t intake_backlog(const struct intake *intake);

/* Nothing more comes: delivers all, held or not, and completes the process with what is known about losses. */
void intake_finish(struct intake *intake, const struct process_exit *how, uint64_t monotonic_ns);

#endif
