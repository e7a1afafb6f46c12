#include "cli/ingest/decode.h"

#include <string.h>

/* Records that are two words with size and stack in the second, or one without. */
static inline void decode_short(struct mem_event *ev, const uint64_t *words, unsigned op)
{
	ev->addr = words[0] >> 16;
	ev->kind = (uint8_t)(words[0] >> 8);
	ev->op = (uint8_t)op;
	ev->result = (uint8_t)(words[0] >> 4 & 7); /* the bit above is WIRE_NEAR */
	ev->near = MEM_FAR;
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

/* ---- SAME */

/* The ALLOC or REALLOC_END that says the size and the stack of the block that word `at` begins the record of. */
static inline const uint64_t *long_form(const uint64_t *words, size_t at)
{
	return words + at - ((words[at] & 15) == WIRE_SAME ? wire_back_distance(words[at]) : 0);
}

static inline uint64_t block_addr(uint64_t word)
{
	return (word & 15) == WIRE_SAME ? wire_back_addr(word) : word >> 16;
}

/* Whether the SAME at word `at` points at what it can stand for. */
static inline bool same_is_sound(const uint64_t *words, size_t at)
{
	size_t distance = wire_back_distance(words[at]);
	uint64_t like;

	if (distance < 2 || distance > at)
		return false;
	like = words[at - distance];
	return (like & 15) == WIRE_ALLOC ||
	       ((like & 15) == WIRE_REALLOC_END && (like >> 4 & 7) == WIRE_REALLOC_DONE);
}

/* The event of the ALLOC, REALLOC_END or SAME, a sound one, at word `at`. */
static inline void decode_block(struct mem_event *ev, const uint64_t *words, size_t at)
{
	const uint64_t *said = long_form(words, at);

	decode_short(ev, said, (unsigned)said[0] & 15);
	decode_size(ev, said[1]);
	ev->addr = block_addr(words[at]);
}

struct batch {
	const struct decode_sink *sink;
	struct mem_event events[MEM_EVENT_BATCH];
	size_t n;
};

/* Not an initializer, which would clear all events: a run may be of one. */
static inline void batch_begin(struct batch *batch, const struct decode_sink *sink)
{
	batch->sink = sink;
	batch->n = 0;
}

static inline void flush(struct batch *batch)
{
	if (batch->n > 0)
		batch->sink->events(batch->sink->ctx, batch->events, batch->n);
	batch->n = 0;
}

/* ---- near frees */

static inline bool near_take(struct decode_state *state, size_t at)
{
	uint64_t bit = UINT64_C(1) << at % 64, was = state->near[at / 64] & bit;

	state->near[at / 64] ^= was;
	state->n_near -= was != 0;
	return was;
}

static inline void near_mark(struct decode_state *state, size_t at)
{
	state->near[at / 64] |= UINT64_C(1) << at % 64;
	state->n_near++;
}

/* Of the allocation at word `at`: whether its free is known to follow. */
static inline uint8_t near_of(const struct decode_payload *payload, size_t at)
{
	return payload->words[at] & WIRE_NEAR && payload->whole ? MEM_NEAR : MEM_FAR;
}

static inline void decode_free_near(struct decode_state *state, const struct decode_payload *payload, size_t at,
				    struct mem_event *ev)
{
	uint64_t word = payload->words[at];
	size_t distance = wire_back_distance(word), begin = at - distance;
	const uint64_t *said;

	*ev = (struct mem_event){
		.addr = wire_back_addr(word), .op = WIRE_FREE, .kind = (uint8_t)wire_near_kind(word), .near = MEM_FAR};
	/* what was read in place before is in the table of live blocks, and is freed by its address */
	if (!payload->whole || distance - 1 >= at || !near_take(state, begin))
		return;
	said = long_form(payload->words, begin);
	ev->near = MEM_NEAR;
	ev->addr = block_addr(payload->words[begin]);
	ev->result = (uint8_t)(said[0] >> 8);
	decode_size(ev, said[1]);
}

/* Whether word `at` is the free of the block before, whose record has `length` words: so most temporary blocks end. */
static inline bool free_is_next(const struct decode_payload *payload, size_t at, size_t length)
{
	uint64_t word = at < payload->n_words ? payload->words[at] : 0;

	return (word & 15) == WIRE_FREE_NEAR && wire_back_distance(word) == length;
}

/* The event of that free, after its block's. */
static inline void decode_free_next(uint64_t word, const struct mem_event *block, struct mem_event *ev)
{
	*ev = *block;
	ev->op = WIRE_FREE;
	ev->kind = (uint8_t)wire_near_kind(word);
	ev->result = block->kind;
}

/* Bits that are left when a payload ends, of a stream that is not in order. */
static MW_COLD void deliver_strays(struct decode_state *state, uint32_t stream, const struct decode_payload *payload,
				   struct batch *batch)
{
	for (size_t at = 0; at < payload->n_words && state->n_near > 0; at++) {
		struct mem_event *ev = &batch->events[batch->n];

		if (!near_take(state, at))
			continue;
		decode_block(ev, payload->words, at);
		ev->op = WIRE_ALLOC;
		ev->near = MEM_STRAY;
		ev->stream = (uint16_t)stream;
		if (++batch->n == MEM_EVENT_BATCH)
			flush(batch);
	}
}

void decode_drop(struct decode_state *state, uint32_t stream, const struct decode_payload *payload,
		 const struct decode_sink *sink)
{
	struct batch batch;

	batch_begin(&batch, sink);
	deliver_strays(state, stream, payload, &batch);
	flush(&batch);
}

/* A record that is neither an ALLOC or SAME nor a free: its length, or 0 if it is none. *emit: it is an event. */
static int decode_other(struct decode_state *state, uint32_t stream, const struct decode_payload *payload, size_t at,
			struct batch *batch, bool *emit)
{
	const uint64_t *record = payload->words + at;
	unsigned op = record[0] & 15;
	int length = wire_record_words(record, payload->n_words - at);

	*emit = false;
	if (length <= 0)
		return 0;
	if (op == WIRE_STAMP) {
		state->time = record[0] >> 4;
	} else if (op == WIRE_EXT) {
		flush(batch);
		batch->sink->ext(batch->sink->ctx, stream, record, (size_t)length);
	} else {
		struct mem_event *ev = &batch->events[batch->n];

		*emit = true;
		if (!decode_rare(ev, record, op))
			return 0;
		if (op == WIRE_REALLOC_END && ev->result == WIRE_REALLOC_DONE)
			ev->near = near_of(payload, at);
	}
	return length;
}

size_t decode_run(struct decode_state *state, uint32_t stream, const struct decode_payload *payload, size_t at,
		  uint64_t limit, const struct decode_sink *sink, bool *bad)
{
	size_t n_words = payload->n_words;
	struct batch batch;

	batch_begin(&batch, sink);
	*bad = false;
	while (at < n_words && state->time <= limit) {
		struct mem_event *ev = &batch.events[batch.n];
		const uint64_t *record = payload->words + at;
		unsigned op = record[0] & 15;
		bool emit = true;
		int length;

		if (op == WIRE_FREE_NEAR) {
			decode_free_near(state, payload, at, ev);
			length = 1;
		} else if (op == WIRE_SAME && same_is_sound(payload->words, at)) {
			decode_block(ev, payload->words, at);
			ev->near = near_of(payload, at);
			length = 1;
		} else if (op == WIRE_ALLOC && at + 1 < n_words) {
			decode_short(ev, record, op);
			decode_size(ev, record[1]);
			ev->near = near_of(payload, at);
			length = 2;
		} else if (op == WIRE_FREE) {
			decode_short(ev, record, op);
			length = 1;
		} else {
			length = decode_other(state, stream, payload, at, &batch, &emit);
			if (length == 0) {
				*bad = true;
				break;
			}
		}
		at += (size_t)length;
		if (!emit)
			continue;
		ev->stream = (uint16_t)stream;
		batch.n++;
		if (ev->near == MEM_NEAR && op != WIRE_FREE_NEAR) {
			if (batch.n < MEM_EVENT_BATCH && free_is_next(payload, at, (size_t)length))
				decode_free_next(payload->words[at++], ev, &batch.events[batch.n++]);
			else
				near_mark(state, at - (size_t)length);
		}
		if (batch.n == MEM_EVENT_BATCH)
			flush(&batch);
	}
	if (MW_UNLIKELY(state->n_near > 0 && (*bad || at == n_words)))
		deliver_strays(state, stream, payload, &batch);
	flush(&batch);
	return at;
}
