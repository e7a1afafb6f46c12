#include "cli/ingest/decode.h"
#include "cli/ingest/order.h"
#include "cli/model/process.h"

#include "tests/unit/stream_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define N_STACKS 5

static void on_events(void *ctx, const struct mem_event *events, size_t n)
{
	process_apply(ctx, events, n);
}

static void on_ext(void *ctx, uint32_t stream, const uint64_t *words, size_t n_words)
{
	process_announce(ctx, stream, words, n_words);
}

static struct process *new_process(void)
{
	struct wire_hello hello = {.version = WIRE_VERSION, .pid = 1};

	return process_new(&hello, PROCESS_RUN);
}

/* Frees the block whose record is at word `at` as a near one. */
static void add_free_near(struct builder *b, size_t at, uint64_t addr)
{
	b->words[at] |= WIRE_NEAR;
	add_one(b, wire_near_word(addr, WIRE_KIND_FREE, (uint32_t)(b->n - at)));
}

static void count(void *ctx, const struct process_block *block)
{
	uint64_t *n = ctx;

	n[0]++;
	n[1] += block->size_bytes;
}

/* All that says how many blocks there are must say the same. */
static void expect_balance(const struct process *process, uint64_t n_blocks, uint64_t n_bytes)
{
	uint64_t n[2] = {0};

	process_each_block(process, count, n);
	cr_assert_eq(n[0], n_blocks, "%lu of %lu blocks", n[0], n_blocks);
	cr_assert_eq(n[1], n_bytes);
	cr_assert_eq(process->totals.live_blocks, n_blocks);
	cr_assert_eq(process->totals.live_bytes, n_bytes);
	cr_assert_eq(process->totals.allocations - process->totals.frees, n_blocks);
}

static void decode_all(struct process *process, const struct decode_payload *payload, size_t from,
		       struct decode_state *state)
{
	const struct decode_sink sink = {process, on_events, on_ext};
	bool bad;

	cr_assert_eq(decode_run(state, 0, payload, from, UINT64_MAX, &sink, &bad), payload->n_words);
	cr_assert(!bad);
	cr_assert_eq(state->n_near, 0);
}

static struct decode_state state;
static struct builder b;

static void clear(void)
{
	memset(&state, 0, sizeof(state));
	b.n = 0;
}

Test(decode, near_frees_count_as_frees)
{
	struct process *process = new_process();

	clear();
	add_alloc(&b, 0x1000, 10, 1);
	add_alloc(&b, 0x2000, 20, 2);
	add_free_near(&b, 0, 0x1000);
	add_realloc_begin(&b, 0x2000);
	add_realloc_end(&b, 0x3000, WIRE_REALLOC_DONE, 30, 3);
	add_alloc(&b, 0x4000, 40, 4);
	add_free_near(&b, 6, 0x3000);
	decode_all(process, &(struct decode_payload){b.words, b.n, true}, 0, &state);
	expect_balance(process, 1, 40);
	cr_assert_eq(process->totals.peak_live_bytes, 70);
	cr_assert_eq(process->totals.allocated_bytes, 100);
	cr_assert_eq(process->totals.reallocations, 1);
	cr_assert_eq(process_stack_use(process, 1).live_blocks, 0);
	cr_assert_eq(process_stack_use(process, 3).live_blocks, 0);
	cr_assert_eq(process_stack_use(process, 4).live_bytes, 40);
	cr_assert_eq(process->completeness.unknown_frees, 0);
	process_free(process);
}

/* What was read in place may lack the bit, or the free; the rest comes with the frame. */
Test(decode, a_begin_read_in_place)
{
	for (size_t cut = 0; cut <= 8; cut++) {
		struct process *process = new_process();
		const size_t starts[] = {0, 2, 4, 5, 6, 7, 9, 10, 11};
		size_t at = starts[cut];

		clear();
		add_alloc(&b, 0x1000, 10, 1);
		add_alloc(&b, 0x2000, 20, 1);
		add_free_near(&b, 2, 0x2000);
		add_free_near(&b, 0, 0x1000);
		add_free(&b, 0x9990); /* of nothing */
		add_alloc(&b, 0x1000, 11, 1);
		add_free_near(&b, 7, 0x1000);
		add_one(&b, UINT64_C(5) << 4 | WIRE_STAMP);
		decode_all(process, &(struct decode_payload){b.words, at, false}, 0, &state);
		decode_all(process, &(struct decode_payload){b.words, b.n, true}, at, &state);
		expect_balance(process, 0, 0);
		cr_assert_eq(process->totals.allocations, 3);
		cr_assert_eq(process->completeness.unknown_frees, 1);
		process_free(process);
	}
}

/* Frees of another family are told, whichever way they come. */
Test(decode, a_near_free_that_does_not_fit)
{
	struct process *process = new_process();

	clear();
	add_one(&b, wire_addr_word(WIRE_ALLOC, 0x1000, WIRE_KIND_NEW_ARRAY) | WIRE_NEAR);
	add_one(&b, wire_size_word(10, 7));
	add_one(&b, wire_near_word(0x1000, WIRE_KIND_FREE, 2));
	decode_all(process, &(struct decode_payload){b.words, b.n, true}, 0, &state);
	expect_balance(process, 0, 0);
	cr_assert_eq(process->mismatches.n_items, 1);
	cr_assert_eq(process->mismatches.items[0].alloc_stack, 7);
	process_free(process);
}

/* A stream that lies: what it said to be near is a block like others, and all adds up. */
Test(decode, near_blocks_that_are_not_freed)
{
	struct process *process = new_process();
	const struct decode_sink sink = {process, on_events, on_ext};
	bool bad;

	clear();
	add_one(&b, wire_addr_word(WIRE_ALLOC, 0x1000, WIRE_KIND_MALLOC) | WIRE_NEAR);
	add_one(&b, wire_size_word(10, 1));
	add_one(&b, wire_addr_word(WIRE_ALLOC, 0x2000, WIRE_KIND_MALLOC) | WIRE_NEAR);
	add_one(&b, wire_size_word(20, 1));
	add_one(&b, wire_near_word(0x2000, WIRE_KIND_FREE, 2));
	add_one(&b, wire_near_word(0x2000, WIRE_KIND_FREE, 3)); /* twice */
	add_one(&b, wire_near_word(0x2000, WIRE_KIND_FREE, 3)); /* not an allocation */
	add_one(&b, wire_near_word(0x2000, WIRE_KIND_FREE, 100)); /* before the begin */
	decode_all(process, &(struct decode_payload){b.words, b.n, true}, 0, &state);
	expect_balance(process, 1, 10);

	clear();
	add_one(&b, wire_addr_word(WIRE_ALLOC, 0x3000, WIRE_KIND_MALLOC) | WIRE_NEAR);
	add_one(&b, wire_size_word(30, 1));
	add_one(&b, 0);
	decode_run(&state, 0, &(struct decode_payload){b.words, b.n, true}, 0, UINT64_MAX, &sink, &bad);
	cr_assert(bad);
	expect_balance(process, 2, 40);

	clear();
	add_one(&b, wire_addr_word(WIRE_ALLOC, 0x4000, WIRE_KIND_MALLOC) | WIRE_NEAR);
	add_one(&b, wire_size_word(40, 1));
	add_stamp(&b, 100);
	decode_run(&state, 0, &(struct decode_payload){b.words, b.n, true}, 0, 50, &sink, &bad);
	decode_drop(&state, 0, &(struct decode_payload){b.words, b.n, true}, &sink);
	expect_balance(process, 3, 80);
	process_free(process);
}

/* What cannot be pointed at ends the payload; nothing outside of it is read. */
Test(decode, a_same_that_points_nowhere)
{
	static const uint32_t distances[] = {0, 1, 3, 4, 100, 8191};

	for (size_t i = 0; i < sizeof(distances) / sizeof(*distances); i++) {
		struct process *process = new_process();
		const struct decode_sink to = {process, on_events, on_ext};
		bool bad;

		clear();
		add_realloc_end(&b, 0, WIRE_REALLOC_FAILED, 10, 1);
		add_free(&b, 0x9990);
		add_one(&b, wire_back_word(WIRE_SAME, 0x1000, distances[i]));
		cr_assert_eq(decode_run(&state, 0, &(struct decode_payload){b.words, b.n, true}, 0, UINT64_MAX, &to,
					&bad),
			     3);
		cr_assert(bad, "distance %u", distances[i]);
		expect_balance(process, 0, 0);
		process_free(process);
	}
}

static void add_peak(void *ctx, uint32_t stack, uint64_t n_blocks, uint64_t n_bytes)
{
	uint64_t *peaks = ctx;

	cr_assert_leq(stack, N_STACKS);
	peaks[stack] += n_blocks + (n_bytes << 32);
}

/* All that is counted of blocks. */
static void expect_same(const struct process *near, const struct process *far)
{
	uint64_t peaks[2][N_STACKS + 1] = {{0}};

	cr_assert_arr_eq(&near->totals, &far->totals, sizeof(near->totals));
	cr_assert_arr_eq(process_sizes(near), process_sizes(far), PROCESS_SIZE_CLASSES * sizeof(*process_sizes(near)));
	for (uint32_t stack = 1; stack <= N_STACKS; stack++) {
		struct process_use use = process_stack_use(near, stack), other = process_stack_use(far, stack);

		cr_assert_eq(use.allocations, other.allocations);
		cr_assert_eq(use.allocated_bytes, other.allocated_bytes);
		cr_assert_eq(use.live_blocks, other.live_blocks);
		cr_assert_eq(use.live_bytes, other.live_bytes);
	}
	process_each_peak(near, add_peak, peaks[0]);
	process_each_peak(far, add_peak, peaks[1]);
	cr_assert_arr_eq(peaks[0], peaks[1], sizeof(peaks[0]));
	cr_assert_eq(process_take_high(near), process_take_high(far));
}

struct half {
	struct builder words;
	size_t places[64]; /* of the record of each block that lives; SIZE_MAX */
	bool live[64];
};

/* Two threads that never touch the same block, by chance, merged with random watermarks: the same as without bits. */
Test(decode, same_as_far_frees)
{
	static struct half halves[2];

	srand(11);
	for (int round = 0; round < 300; round++) {
		struct process *near = new_process(), *far = new_process();
		struct order *orders[2] = {order_new(&(struct decode_sink){near, on_events, on_ext}),
					   order_new(&(struct decode_sink){far, on_events, on_ext})};
		uint64_t time = 1, limit, n_blocks = 0, n_bytes = 0;

		memset(halves, 0, sizeof(halves));
		for (int payload = 0; payload < 4; payload++) {
			for (int s = 0; s < 2; s++) {
				halves[s].words.n = 0;
				for (int i = 0; i < 64; i++)
					halves[s].places[i] = SIZE_MAX;
			}
			for (int step = 0; step < 400; step++) {
				struct half *h = &halves[rand() % 2];
				int i = rand() % 64;
				uint64_t addr = 0x10000 + (uint64_t)i * 16 + (h == halves ? 0 : 0x8000);

				if (rand() % 16 == 0)
					add_stamp(&h->words, ++time);
				if (!h->live[i]) {
					h->places[i] = h->words.n;
					add_alloc(&h->words, addr, (uint64_t)i % 8 + 1, 1 + (uint32_t)i / 8 % N_STACKS);
					if (rand() % 2) { /* as most temporary ones end */
						add_free_near(&h->words, h->places[i], addr);
						continue;
					}
				} else if (h->places[i] != SIZE_MAX && rand() % 4) {
					add_free_near(&h->words, h->places[i], addr);
				} else {
					add_free(&h->words, addr);
				}
				h->live[i] = !h->live[i];
			}
			for (uint32_t s = 0; s < 2; s++)
				for (int o = 0; o < 2; o++)
					order_push(orders[o], s,
						   &(struct decode_payload){halves[s].words.words,
									    halves[s].words.n, o == 0},
						   0);
			limit = (uint64_t)rand() % (time + 1);
			for (int o = 0; o < 2; o++)
				order_merge(orders[o], limit);
			cr_assert_eq(process_take_high(near), process_take_high(far));
		}
		for (int o = 0; o < 2; o++) {
			order_flush(orders[o]);
			order_free(orders[o]);
		}
		for (int i = 0; i < 128; i++) {
			n_blocks += halves[i / 64].live[i % 64];
			n_bytes += halves[i / 64].live[i % 64] ? (uint64_t)i % 8 + 1 : 0;
		}
		expect_balance(near, n_blocks, n_bytes);
		expect_balance(far, n_blocks, n_bytes);
		cr_assert_eq(near->completeness.unknown_frees + near->completeness.unseen_frees, 0);
		expect_same(near, far);
		process_free(near);
		process_free(far);
	}
}
