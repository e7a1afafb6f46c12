/*
 * Words of a stream → events. Records of one payload are taken up to a limit in time; what is not made of well-formed
 * records is refused, never guessed.
 */
#ifndef CLI_INGEST_DECODE_H
#define CLI_INGEST_DECODE_H

#include "cli/model/event.h"

#include <stddef.h>
#include <stdint.h>

/* Where decoded records go. */
struct decode_sink {
	void *ctx;
	void (*events)(void *ctx, const struct mem_event *events, size_t n);
	/* An EXT record, in its place among the events. */
	void (*ext)(void *ctx, uint32_t stream, const uint64_t *words, size_t n_words);
};

struct decode_state {
	uint64_t time; /* of the records now: the stream's last STAMP, 0 if none */
};

/*
 * Delivers the records of stream `stream` at `words` until the end, or until a STAMP later than `limit` was read.
 * Returns the number of words used. *bad is set when the rest is not made of records (or is cut off in the middle of
 * one): then it is to be dropped.
 */
size_t decode_run(struct decode_state *state, uint32_t stream, const uint64_t *words, size_t n_words, uint64_t limit,
		  const struct decode_sink *sink, bool *bad);

#endif
