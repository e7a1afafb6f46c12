#include "cli/ingest/decode.h"

/* Records that are two words with size and stack in the second, or one without. */
static inline void decode_short(struct mem_event *ev, const uint64_t *words, unsigned op)
{
	ev->addr = words[0] >> 16;
	ev->kind = (uint8_t)(words[0] >> 8);
	ev->op = (uint8_t)op;
	ev->result = (uint8_t)(words[0] >> 4 & 15);
	ev->size_bytes = 0;
	ev->stack = 0;
}

static inline void decode_size(struct mem_event *ev, uint64_t word)
{
	ev->size_bytes = word & WIRE_SIZE_MAX;
	ev->stack = (uint32_t)(word >> WIRE_SIZE_BITS);
}

/* The less frequent ops; false if it is not a record. */
static bool decode_rare(struct mem_event *ev, const uint64_t *words, unsigned op)
{
	decode_short(ev, words, op);
	switch (op) {
	case WIRE_REALLOC_BEGIN:
		return true;
	case WIRE_REALLOC_END:
	case WIRE_FAIL:
		decode_size(ev, words[1]);
		return true;
	case WIRE_MAP:
		ev->stack = (uint32_t)words[2];
		ev->size_bytes = words[1];
		return words[2] <= UINT32_MAX;
	case WIRE_UNMAP:
		ev->size_bytes = words[1];
		return true;
	case WIRE_NODE:
		ev->stack = (uint32_t)words[1];
		ev->size_bytes = words[1] >> 32;
		return true;
	case WIRE_ALLOC_BIG:
		ev->size_bytes = words[1];
		ev->stack = (uint32_t)(words[2] >> 8);
		ev->op = (uint8_t)(words[2] & 0xff);
		return words[2] >> 40 == 0 &&
		       (ev->op == WIRE_ALLOC || ev->op == WIRE_FAIL || ev->op == WIRE_REALLOC_END);
	default:
		return false;
	}
}

struct batch {
	const struct decode_sink *sink;
	struct mem_event events[MEM_EVENT_BATCH];
	size_t n;
};

static inline void flush(struct batch *batch)
{
	if (batch->n > 0)
		batch->sink->events(batch->sink->ctx, batch->events, batch->n);
	batch->n = 0;
}

size_t decode_run(struct decode_state *state, uint32_t stream, const uint64_t *words, size_t n_words, uint64_t limit,
		  const struct decode_sink *sink, bool *bad)
{
	struct batch batch = {.sink = sink};
	size_t at = 0;

	*bad = false;
	while (at < n_words) {
		struct mem_event *ev = &batch.events[batch.n];
		const uint64_t *record = words + at;
		unsigned op = record[0] & 15;
		int length;

		if (op == WIRE_FREE) {
			decode_short(ev, record, op);
			length = 1;
		} else if (op == WIRE_ALLOC && at + 1 < n_words) {
			decode_short(ev, record, op);
			decode_size(ev, record[1]);
			length = 2;
		} else {
			length = wire_record_words(record, n_words - at);
			if (length <= 0) {
				*bad = true;
				break;
			}
			at += (size_t)length;
			if (op == WIRE_STAMP) {
				state->time = record[0] >> 4;
				if (state->time > limit)
					break;
				continue;
			}
			if (op == WIRE_EXT) {
				flush(&batch);
				sink->ext(sink->ctx, stream, record, (size_t)length);
				continue;
			}
			if (!decode_rare(ev, record, op)) {
				at -= (size_t)length;
				*bad = true;
				break;
			}
			length = 0;
		}
		at += (size_t)length;
		ev->stream = (uint16_t)stream;
		if (++batch.n == MEM_EVENT_BATCH)
			flush(&batch);
	}
	flush(&batch);
	return at;
}
