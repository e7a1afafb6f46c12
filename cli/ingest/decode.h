/*
 * Words of a stream → events. Records of one payload are taken up to a limit in time; what is not made of well-formed
 * records is refused, never guessed.
 */
#ifndef CLI_INGEST_DECODE_H
#define CLI_INGEST_DECODE_H

#include "cli/model/event.h"

#include "common/wire.h"

#include <stdbool.h>
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
	/* Of the payload that is being decoded: bit i for a block that word i told of as near, not yet freed. */
	uint64_t near[WIRE_PAYLOAD_MAX / 8 / 64 + 1];
	uint32_t n_near;
};

/* A payload, from its begin, as far as it is there. */
struct decode_payload {
	const uint64_t *words;
	size_t n_words; /* at most WIRE_PAYLOAD_MAX / 8 */
	bool whole; /* to the end of its frame, as it was sent: what is near can be believed */
};

/*
 * Delivers the records of stream `stream` from word `at` of the payload until the end, or until a STAMP later than
 * `limit` was read. Returns where it stopped. *bad is set when the rest is not made of records (or is cut off in the
 * middle of one): then it is to be dropped. All of a payload must be decoded, or decode_drop() called, before the next.
 */
size_t decode_run(struct decode_state *state, uint32_t stream, const struct decode_payload *payload, size_t at,
		  uint64_t limit, const struct decode_sink *sink, bool *bad);

/* The rest of a payload will not be decoded: delivers the blocks whose near frees do not come as MEM_STRAY. */
void decode_drop(struct decode_state *state, uint32_t stream, const struct decode_payload *payload,
		 const struct decode_sink *sink);

#endif
