/* What the shim puts for blocks that are alike, and what the reporter reads of it. */
#include "cli/ingest/decode.h"
#include "shim/writer.h"

#include "tests/unit/stream_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define EVENTS_MAX 8192

struct seen {
	struct mem_event events[EVENTS_MAX];
	size_t n;
};

static void on_events(void *ctx, const struct mem_event *events, size_t n)
{
	struct seen *seen = ctx;

	for (size_t i = 0; i < n; i++)
		seen->events[seen->n++] = events[i];
}

static void on_ext(void *ctx, uint32_t stream, const uint64_t *words, size_t n_words)
{
	(void)ctx;
	(void)stream;
	(void)words;
	(void)n_words;
	cr_assert_fail("there is none");
}

static struct writer writer;
static struct decode_state state;
static uint64_t chunk[WIRE_PAYLOAD_MAX / 8];

static void put(uint64_t addr, uint32_t head, uint64_t size, uint32_t stack)
{
	writer.pub += mw_put_block(&writer, (uint32_t)writer.pub, addr, head, wire_size_word(size, stack));
}

static void decode(struct seen *seen, const uint64_t *words, size_t n_words, size_t cut)
{
	const struct decode_sink sink = {seen, on_events, on_ext};
	bool bad;

	seen->n = 0;
	if (cut > 0)
		cr_assert_eq(decode_run(&state, 0, &(struct decode_payload){words, cut, false}, 0, UINT64_MAX, &sink,
					&bad),
			     cut);
	cr_assert_eq(
		decode_run(&state, 0, &(struct decode_payload){words, n_words, true}, cut, UINT64_MAX, &sink, &bad),
		n_words);
	cr_assert(!bad);
}

static bool is_equal(const struct mem_event *a, const struct mem_event *b)
{
	return a->addr == b->addr && a->size_bytes == b->size_bytes && a->stack == b->stack && a->stream == b->stream &&
	       a->op == b->op && a->kind == b->kind && a->result == b->result && a->near == b->near;
}

static void expect_equal(const struct seen *a, const struct seen *b)
{
	cr_assert_eq(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		cr_assert(is_equal(&a->events[i], &b->events[i]), "event %zu", i);
}

struct made {
	uint64_t addr, size;
	uint32_t stack, head;
	size_t at, full_at; /* words: as the shim puts it, and in the long form */
};

/* One of few kinds of blocks; now and then at an address that SAME cannot say. */
static struct made any_block(void)
{
	static const uint32_t heads[] = {WIRE_KIND_MALLOC << 8 | WIRE_ALLOC, WIRE_KIND_NEW << 8 | WIRE_ALLOC,
					 WIRE_KIND_REALLOC << 8 | WIRE_REALLOC_END};
	struct made block = {.addr = UINT64_C(0x7f0000000000) + (uint64_t)(rand() % 4096) * 16,
			     .size = (uint64_t)(rand() % 5),
			     .stack = (uint32_t)(rand() % 8),
			     .head = heads[rand() % 3]};

	if (rand() % 20 == 0)
		block.addr += 8;
	if (rand() % 20 == 0)
		block.addr |= UINT64_C(1) << 47;
	return block;
}

/* Fills the chunk and, with the same blocks and near frees in the long forms, `full`. Where records begin: cuts[]. */
static size_t fill(struct builder *full, size_t *cuts)
{
	static struct made blocks[EVENTS_MAX];
	size_t n_blocks = 0, n_cuts = 0;

	while (writer.pub / 8 + 3 < 1500) {
		struct made block = any_block();

		cuts[n_cuts++] = writer.pub / 8;
		block.at = writer.pub / 8;
		block.full_at = full->n;
		put(block.addr, block.head, block.size, block.stack);
		add_one(full, block.addr << 16 | block.head);
		add_one(full, wire_size_word(block.size, block.stack));
		if (wire_back_says(block.addr) && rand() % 2)
			blocks[n_blocks++] = block;
		if (n_blocks > 0 && rand() % 3 == 0) {
			const struct made *freed = &blocks[--n_blocks];

			cuts[n_cuts++] = writer.pub / 8;
			chunk[freed->at] |= WIRE_NEAR;
			full->words[freed->full_at] |= WIRE_NEAR;
			chunk[writer.pub / 8] =
				wire_near_word(freed->addr, WIRE_KIND_FREE, (uint32_t)(writer.pub / 8 - freed->at));
			writer.pub += 8;
			add_one(full,
				wire_near_word(freed->addr, WIRE_KIND_FREE, (uint32_t)(full->n - freed->full_at)));
		}
	}
	return n_cuts;
}

static void begin(void)
{
	writer.pub = 0;
	writer.payload = (char *)chunk;
	mw_likes_clear(&writer);
}

Test(likes, short_forms_say_what_long_ones_do)
{
	static struct seen from_chunk, from_full;
	static struct builder full;
	static size_t cuts[EVENTS_MAX];

	srand(5);
	for (int round = 0; round < 50; round++) {
		size_t n_cuts;

		full.n = 0;
		begin();
		n_cuts = fill(&full, cuts);
		cr_assert_lt(writer.pub / 8, full.n * 9 / 10, "few were alike");
		decode(&from_chunk, chunk, writer.pub / 8, 0);
		decode(&from_full, full.words, full.n, 0);
		expect_equal(&from_chunk, &from_full);
		for (int i = 0; i < 5; i++) {
			static struct seen in_two;
			size_t sum[2] = {0};

			decode(&in_two, chunk, writer.pub / 8, cuts[(size_t)rand() % n_cuts]);
			cr_assert_eq(in_two.n, from_full.n);
			for (size_t k = 0; k < in_two.n; k++) {
				cr_assert_eq(in_two.events[k].op, from_full.events[k].op);
				cr_assert_eq(in_two.events[k].addr, from_full.events[k].addr);
				if (in_two.events[k].op == WIRE_FREE)
					continue; /* of what was read in place it has the address only */
				sum[0] += in_two.events[k].size_bytes + in_two.events[k].stack;
				sum[1] += from_full.events[k].size_bytes + from_full.events[k].stack;
			}
			cr_assert_eq(sum[0], sum[1]);
		}
	}
}

/* What is left in the memory of a chunk that was sent is not taken for a record of the new one. */
Test(likes, a_new_chunk_knows_nothing_of_the_last)
{
	begin();
	put(0x1000, WIRE_KIND_MALLOC << 8 | WIRE_ALLOC, 10, 1);
	put(0x2000, WIRE_KIND_MALLOC << 8 | WIRE_ALLOC, 10, 1);
	cr_assert_eq(writer.pub, 24);
	begin();
	put(0x3000, WIRE_KIND_MALLOC << 8 | WIRE_ALLOC, 10, 1);
	cr_assert_eq(writer.pub, 16);
}
