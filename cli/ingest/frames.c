/*
 * A frame is taken when its header is valid and its whole payload is there. Where no valid header is, bytes are
 * skipped up to the next one. A writer that lost its descriptor in the middle of a frame sends the frame again
 * through a new one: so a header of the same process found inside a payload, where the cut was, ends the outer frame.
 */
#include "cli/ingest/frames.h"

#include "cli/base/xalloc.h"
#include "common/shm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_MAX_BYTES (sizeof(struct wire_frame) + WIRE_PAYLOAD_MAX)

struct position {
	uint32_t seq;
	uint32_t done; /* payload bytes of `seq` that were delivered */
};

struct frames {
	uint32_t pid;
	struct frames_sink sink;
	struct position *streams;
	size_t n_streams;
	uint8_t *rest; /* an incomplete frame; NULL when there was none yet */
	size_t n_rest;
	uint64_t *aligned; /* payloads that came at an odd address */
	struct frames_loss loss;
};

struct frames *frames_new(uint32_t pid, const struct frames_sink *sink)
{
	struct frames *frames = xcalloc(1, sizeof(*frames));

	frames->pid = pid;
	frames->sink = *sink;
	return frames;
}

void frames_free(struct frames *frames)
{
	if (!frames)
		return;
	free(frames->streams);
	free(frames->rest);
	free(frames->aligned);
	free(frames);
}

static struct position *position(struct frames *frames, uint32_t stream)
{
	if (stream >= frames->n_streams) {
		size_t old = frames->n_streams, n = old ? old : 4;

		while (n <= stream)
			n *= 2;
		frames->streams = xreallocarray(frames->streams, n, sizeof(*frames->streams));
		memset(frames->streams + old, 0, (n - old) * sizeof(*frames->streams));
		frames->n_streams = n;
	}
	return &frames->streams[stream];
}

uint32_t frames_seq(const struct frames *frames, uint32_t stream)
{
	return stream < frames->n_streams ? frames->streams[stream].seq : 0;
}

uint32_t frames_done(const struct frames *frames, uint32_t stream)
{
	return stream < frames->n_streams ? frames->streams[stream].done : 0;
}

void frames_place(struct frames *frames, uint32_t stream, const uint64_t *words, size_t n_words)
{
	const struct decode_payload payload = {words, n_words, false};
	struct position *p = position(frames, stream);
	size_t from = p->done / 8;

	p->done = (uint32_t)n_words * 8;
	frames->sink.payload(frames->sink.ctx, stream, &payload, from);
}

void frames_next(struct frames *frames, uint32_t stream)
{
	struct position *p = position(frames, stream);

	p->seq++;
	p->done = 0;
}

void frames_skip(struct frames *frames, uint32_t stream, uint32_t seq)
{
	struct position *p = position(frames, stream);

	frames->loss.missing_frames += seq - p->seq;
	p->seq = seq;
	p->done = 0;
}

static void deliver(struct frames *frames, const struct wire_frame *header, const uint8_t *bytes)
{
	struct decode_payload payload = {.n_words = header->payload_bytes / 8, .whole = true};
	struct position *p = position(frames, header->stream);
	uint32_t ahead = header->seq - p->seq, done;

	if (ahead > UINT32_MAX / 2) {
		frames->loss.stale_frames++;
		return;
	}
	if (ahead > 0)
		frames_skip(frames, header->stream, header->seq);
	done = p->done;
	p->seq++;
	p->done = 0;
	if (done >= header->payload_bytes)
		return;
	if ((uintptr_t)bytes % 8) {
		if (!frames->aligned)
			frames->aligned = xmalloc(WIRE_PAYLOAD_MAX);
		bytes = memcpy(frames->aligned, bytes, header->payload_bytes);
	}
	payload.words = (const uint64_t *)(const void *)bytes;
	frames->sink.payload(frames->sink.ctx, header->stream, &payload, done / 8);
}

/* 0: a header of this process that can be read; 1: it may become one with more bytes; -1: none. */
static int check_header(struct frames *frames, const uint8_t *bytes, size_t n_bytes, struct wire_frame *header)
{
	const uint32_t magic = WIRE_MAGIC;
	int rc;

	if (n_bytes < sizeof(*header))
		return memcmp(bytes, &magic, n_bytes < sizeof(magic) ? n_bytes : sizeof(magic)) ? -1 : 1;
	memcpy(header, bytes, sizeof(*header));
	rc = wire_frame_validate(header);
	if (rc == -EPROTONOSUPPORT)
		frames->loss.other_version = true;
	return rc == 0 && header->pid == frames->pid && header->stream < SHM_MAX_STREAMS ? 0 : -1;
}

/* Offset of the first place from `from` on where a frame may begin; `n_bytes` if there is none. */
static size_t find_header(struct frames *frames, const uint8_t *bytes, size_t from, size_t n_bytes)
{
	struct wire_frame header;

	for (size_t at = from; at < n_bytes; at++) {
		const uint8_t *hit = memchr(bytes + at, WIRE_MAGIC & 0xff, n_bytes - at);

		if (!hit)
			return n_bytes;
		at = (size_t)(hit - bytes);
		if (check_header(frames, hit, n_bytes - at, &header) >= 0)
			return at;
	}
	return n_bytes;
}

/* Takes all whole frames; returns the number of bytes that are dealt with. */
static size_t take(struct frames *frames, const uint8_t *bytes, size_t n_bytes)
{
	size_t at = 0;

	while (at < n_bytes) {
		struct wire_frame header;
		int rc = check_header(frames, bytes + at, n_bytes - at, &header);
		size_t whole, inner;

		if (rc < 0) {
			size_t next = find_header(frames, bytes, at + 1, n_bytes);

			frames->loss.garbage_bytes += next - at;
			at = next;
			continue;
		}
		if (rc > 0)
			break;
		whole = sizeof(header) + header.payload_bytes;
		if (n_bytes - at < whole)
			break;
		/* Only where what should follow does not: a record can hold the header's bytes by chance or malice. */
		if (n_bytes - at >= whole + sizeof(header) &&
		    check_header(frames, bytes + at + whole, sizeof(header), &header) < 0) {
			inner = find_header(frames, bytes + at, sizeof(header), whole);
			if (inner < whole) {
				frames->loss.garbage_bytes += inner;
				at += inner;
				continue;
			}
		}
		memcpy(&header, bytes + at, sizeof(header));
		deliver(frames, &header, bytes + at + sizeof(header));
		at += whole;
	}
	return at;
}

void frames_feed(struct frames *frames, const void *data, size_t n_bytes)
{
	const uint8_t *bytes = data;
	size_t used;

	/* A kept part grows to at most one frame and a header before it is used up or found to be garbage. */
	while (frames->n_rest > 0 && n_bytes > 0) {
		size_t room = FRAME_MAX_BYTES + sizeof(struct wire_frame) - frames->n_rest;
		size_t n = n_bytes < room ? n_bytes : room, before = frames->n_rest;

		memcpy(frames->rest + before, bytes, n);
		used = take(frames, frames->rest, before + n);
		if (used > before) {
			bytes += used - before;
			n_bytes -= used - before;
			frames->n_rest = 0;
		} else {
			frames->n_rest = before + n - used;
			memmove(frames->rest, frames->rest + used, frames->n_rest);
			bytes += n;
			n_bytes -= n;
		}
	}
	used = take(frames, bytes, n_bytes);
	if (used < n_bytes) {
		if (!frames->rest)
			frames->rest = xmalloc(FRAME_MAX_BYTES + sizeof(struct wire_frame));
		frames->n_rest = n_bytes - used;
		memcpy(frames->rest, bytes + used, frames->n_rest);
	}
}

void frames_end(struct frames *frames)
{
	frames->n_rest = 0;
}

const struct frames_loss *frames_loss(const struct frames *frames)
{
	return &frames->loss;
}
