/*
 * Bytes of a process's pipe → payloads of streams, each word once and in order per stream. Also takes what was read
 * from a chunk in place, so that the frame that brings it again over the pipe is not counted twice. Finds its way back
 * after garbage, and counts what could not be used. Pure: no input or output.
 */
#ifndef CLI_INGEST_FRAMES_H
#define CLI_INGEST_FRAMES_H

#include "cli/ingest/decode.h"

#include "common/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frames;

/* A payload is valid during the call. Its words before `from` were given before: what was read in place. */
struct frames_sink {
	void *ctx;
	void (*payload)(void *ctx, uint32_t stream, const struct decode_payload *payload, size_t from);
};

struct frames_loss {
	uint64_t garbage_bytes;  /* that were not part of a frame */
	uint64_t missing_frames; /* gaps in the sequence of a stream */
	uint64_t stale_frames;   /* that had been seen before */
	bool other_version;      /* a frame of a version that this build cannot read was among the garbage */
};

struct frames *frames_new(uint32_t pid, const struct frames_sink *sink);
void frames_free(struct frames *frames);

/*
 * Takes bytes as they came. Whole frames are delivered; the bytes of a frame that is not whole yet are kept. `bytes`
 * should be 8-byte aligned; then nothing is copied but the kept part.
 */
void frames_feed(struct frames *frames, const void *bytes, size_t n_bytes);

/* The sequence number that `stream` is at, and how many payload bytes of it were delivered. */
uint32_t frames_seq(const struct frames *frames, uint32_t stream);
uint32_t frames_done(const struct frames *frames, uint32_t stream);

/* Delivers what is behind byte frames_done() of the first `n_words` (> frames_done() / 8) of the chunk with
 * frames_seq() of the stream, read in place. */
void frames_place(struct frames *frames, uint32_t stream, const uint64_t *words, size_t n_words);

/* The chunk that the stream is at is done and does not come over the pipe (a polled slot), or never will. */
void frames_next(struct frames *frames, uint32_t stream);

/* Counts the frames of `stream` below `seq` that have not come as missing and goes on there. */
void frames_skip(struct frames *frames, uint32_t stream, uint32_t seq);

/* No more bytes come; a rest that is not a whole frame is dropped: its words are to be had in place. */
void frames_end(struct frames *frames);

const struct frames_loss *frames_loss(const struct frames *frames);

#endif
