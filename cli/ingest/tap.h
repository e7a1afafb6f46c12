/*
 * Who wants to know of every change that capture makes to a process, in the order that they are made: a recording.
 * Whoever makes the same calls of cli/model/event.h again has the same process. `id` is a number of the program image,
 * never used again in a session.
 */
#ifndef CLI_INGEST_TAP_H
#define CLI_INGEST_TAP_H

#include "cli/model/event.h"

struct intake_tap {
	void *ctx;
	void (*hello)(void *ctx, uint32_t id, const struct wire_hello *hello, enum process_origin origin);
	void (*clock)(void *ctx, uint32_t id, uint64_t monotonic_ns);
	void (*events)(void *ctx, uint32_t id, const struct mem_event *events, size_t n);
	void (*announce)(void *ctx, uint32_t id, uint32_t stream, const uint64_t *words, size_t n_words);
	void (*inherit)(void *ctx, uint32_t id, uint32_t parent_id, uint32_t fork_serial);
	void (*remark)(void *ctx, uint32_t id, bool incomplete, const char *text);
	void (*lose)(void *ctx, uint32_t id, uint64_t n_records, uint64_t n_bytes);
	void (*counters)(void *ctx, uint32_t id, const struct process_counters *counters);
	void (*finish)(void *ctx, uint32_t id, const struct process_exit *how, uint64_t monotonic_ns);
};

#endif
