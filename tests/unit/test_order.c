#include "cli/ingest/order.h"

#include "tests/unit/stream_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* Sizes of allocations and addresses of frees, in the order that they were delivered. */
struct log {
	uint64_t seen[4096];
	size_t n, n_ext;
};

static void on_events(void *ctx, const struct mem_event *events, size_t n)
{
	struct log *log = ctx;

	for (size_t i = 0; i < n; i++) {
		cr_assert_lt(log->n, 4096);
		log->seen[log->n++] = events[i].op == WIRE_ALLOC ? events[i].size_bytes : events[i].addr;
	}
}

static void on_ext(void *ctx, uint32_t stream, const uint64_t *words, size_t n_words)
{
	struct log *log = ctx;

	(void)stream;
	(void)words;
	(void)n_words;
	log->n_ext++;
}

static struct order *open_order(struct log *log)
{
	*log = (struct log){.n = 0};
	return order_new(&(struct decode_sink){.ctx = log, .events = on_events, .ext = on_ext});
}

static void push(struct order *order, uint32_t stream, const struct builder *b)
{
	order_push(order, stream, &(struct decode_payload){b->words, b->n, true}, 0);
}

/* A allocates p, B frees it, B allocates it again, A frees it: only the stamps tell. */
Test(order, hand_over_between_two)
{
	static struct builder a, b;
	struct log log;

	a.n = b.n = 0;
	add_stamp(&a, 10);
	add_alloc(&a, 0x1000, 1, 1);
	add_stamp(&a, 40);
	add_free(&a, 0x1000);
	add_stamp(&b, 20);
	add_free(&b, 0x1000);
	add_alloc(&b, 0x1000, 2, 1);
	for (int b_first = 0; b_first < 2; b_first++) {
		struct order *order = open_order(&log);

		push(order, b_first ? 1 : 0, b_first ? &b : &a);
		push(order, b_first ? 0 : 1, b_first ? &a : &b);
		cr_assert_eq(log.n, 0);
		order_flush(order);
		cr_assert_eq(log.n, 4);
		cr_assert(log.seen[0] == 1 && log.seen[1] == 0x1000 && log.seen[2] == 2 && log.seen[3] == 0x1000);
		order_free(order);
	}
}

/* Four streams whose stamps interleave at random, in payloads of random size that arrive at random times. */
Test(order, any_interleaving)
{
	enum { STREAMS = 4, EVENTS = 1000 };
	static struct builder streams[STREAMS];

	for (unsigned seed = 1; seed <= 200; seed++) {
		size_t ends[STREAMS][EVENTS + 1], n_ends[STREAMS] = {0}, sent[STREAMS] = {0};
		uint64_t stamps[STREAMS][EVENTS + 1];
		struct log log;
		struct order *order = open_order(&log);
		bool more = true;

		srand(seed);
		for (int s = 0; s < STREAMS; s++)
			streams[s].n = 0;
		for (uint64_t t = 1; t <= EVENTS; t++) {
			int s = rand() % STREAMS;

			add_stamp(&streams[s], t);
			add_alloc(&streams[s], 0x1000, t, 1);
			stamps[s][n_ends[s]] = t;
			ends[s][n_ends[s]++] = streams[s].n;
		}
		while (more) {
			uint64_t mark = EVENTS + 1;
			int s = rand() % STREAMS;
			size_t n = (size_t)rand() % 20, from = sent[s] ? ends[s][sent[s] - 1] : 0;

			if (sent[s] + n > n_ends[s])
				n = n_ends[s] - sent[s];
			if (n > 0)
				order_push(order, (uint32_t)s,
					   &(struct decode_payload){streams[s].words, ends[s][sent[s] + n - 1], true},
					   from);
			sent[s] += n;
			more = false;
			for (int i = 0; i < STREAMS; i++) {
				more |= sent[i] < n_ends[i];
				if (sent[i] < n_ends[i] && stamps[i][sent[i]] < mark)
					mark = stamps[i][sent[i]];
			}
			order_merge(order, mark);
			cr_assert_eq(log.n, mark - 1, "%zu delivered, %lu could be", log.n, (unsigned long)mark - 1);
		}
		for (uint64_t t = 1; t <= EVENTS; t++)
			cr_assert_eq(log.seen[t - 1], t);
		cr_assert_eq(order_backlog(order), 0);
		order_free(order);
	}
}

Test(order, unstamped_records_follow_their_stream)
{
	static struct builder a, b;
	struct log log;
	struct order *order = open_order(&log);

	a.n = b.n = 0;
	add_alloc(&a, 0x1000, 1, 1); /* time 0 */
	add_stamp(&a, 10);
	add_alloc(&a, 0x2000, 3, 1);
	add_alloc(&a, 0x3000, 4, 1); /* 10, too */
	add_stamp(&b, 5);
	add_alloc(&b, 0x4000, 2, 1);
	add_stamp(&b, 11);
	add_alloc(&b, 0x5000, 5, 1);
	push(order, 1, &b);
	push(order, 0, &a);
	order_merge(order, 11);
	cr_assert_eq(log.n, 4);
	order_merge(order, 12);
	cr_assert_eq(log.n, 5);
	for (uint64_t i = 0; i < 5; i++)
		cr_assert_eq(log.seen[i], i + 1);
	a.n = 0;
	add_alloc(&a, 0x6000, 6, 1); /* still at 10: late, but not out of order for its addresses */
	push(order, 0, &a);
	order_merge(order, 12);
	cr_assert_eq(log.n, 6);
	order_free(order);
}

Test(order, nonsense_costs_its_payload_only)
{
	static struct builder a, b;
	struct log log;
	struct order *order = open_order(&log);

	a.n = b.n = 0;
	add_alloc(&a, 0x1000, 1, 1);
	add_one(&a, 0); /* never written */
	add_alloc(&a, 0x1000, 9, 1);
	add_alloc(&b, 0x1000, 2, 1);
	add_one(&b, wire_addr_word(WIRE_ALLOC, 0x1000, 1)); /* cut in the middle */
	push(order, 0, &a);
	push(order, 0, &b);
	push(order, 0, &b);
	order_flush(order);
	cr_assert_eq(log.n, 3);
	cr_assert(log.seen[0] == 1 && log.seen[1] == 2 && log.seen[2] == 2);
	cr_assert_eq(order_bad_bytes(order), 24 + 8 + 8);
	order_through(order, 0, &(struct decode_payload){b.words, b.n, true}, 0);
	cr_assert_eq(log.n, 4);
	order_free(order);
}

Test(order, big_records_become_what_they_stand_for)
{
	static struct builder a;
	struct log log;
	struct order *order = open_order(&log);

	a.n = 0;
	add_one(&a, wire_addr_word(WIRE_ALLOC_BIG, 0x1000, WIRE_KIND_MALLOC));
	add_one(&a, UINT64_C(1) << 40);
	add_one(&a, UINT64_C(7) << 8 | WIRE_ALLOC);
	add_hello(&a, 1, WIRE_START_EXEC);
	add_one(&a, wire_addr_word(WIRE_ALLOC_BIG, 0x1000, WIRE_KIND_MALLOC));
	add_one(&a, 1);
	add_one(&a, WIRE_FREE); /* stands for nothing */
	order_through(order, 0, &(struct decode_payload){a.words, a.n, true}, 0);
	cr_assert_eq(log.n, 1);
	cr_assert_eq(log.seen[0], UINT64_C(1) << 40);
	cr_assert_eq(log.n_ext, 1);
	cr_assert_eq(order_bad_bytes(order), 24);
	order_free(order);
}
