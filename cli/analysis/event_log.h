/*
 * Each allocation and each free of a process as its totals count them, in that order, for formats that tell each. It is
 * kept packed in a temporary file, so that memory does not grow with the number of events.
 *
 * Blocks of the same stack and size are of one "info", numbered from 1 on in the order they are first told of. Where a
 * block is freed behind the allocation of another one of its info, its free gets a second info of the same stack and
 * size, so that a free which names the info of the allocation just before it is always one of that very block. Only so
 * many infos are remembered: one that was forgotten is told of again under another number.
 */
#ifndef CLI_ANALYSIS_EVENT_LOG_H
#define CLI_ANALYSIS_EVENT_LOG_H

#include "cli/base/spool.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_log;

/* `spool` must outlive it. */
struct event_log *event_log_new(struct spool *spool);
void event_log_free(struct event_log *log); /* NULL is accepted */

/* `ms`: since the start of the process. Of the two that tell of a block: `addr` is where it is. */
void event_log_allocated(struct event_log *log, uint64_t addr, uint32_t stack, uint64_t size_bytes, uint32_t ms);
void event_log_freed(struct event_log *log, uint64_t addr, uint32_t stack, uint64_t size_bytes, uint32_t ms);
void event_log_resident(struct event_log *log, uint64_t n_bytes, uint32_t ms);

/* Nothing more comes: it can be read. */
void event_log_end(struct event_log *log);

enum log_kind {
	LOG_INFO,      /* the next info is of this stack and size */
	LOG_ALLOCATED, /* a block of this info */
	LOG_FREED,
	LOG_TIME,     /* what follows happened at value milliseconds */
	LOG_RESIDENT, /* value bytes */
};

struct log_event {
	enum log_kind kind;
	uint32_t stack;
	uint64_t value; /* INFO: size */
};

/* Zeroed but for the log: at its begin. */
struct log_reader {
	const struct event_log *log;
	size_t n_read;  /* pieces */
	size_t at, end; /* in `bytes` */
	uint64_t ms;
	int errnum; /* why event_log_next() gave up */
	uint8_t bytes[SPOOL_PIECE_MAX];
};

/* False at the end, or when the file cannot be read. */
bool event_log_next(struct log_reader *reader, struct log_event *event);

#endif
