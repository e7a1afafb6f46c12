/*
 * How fast the reporter takes records: built frames through frames, order, decode and model, without any process.
 * Built and run by `make bench-reader`. Times are of the CPU.
 * usage: reader [N_LIVE...]   (default: flat, 1M and 10M live blocks)
 */
#include "cli/ingest/intake.h"
#include "cli/model/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PID    4711u
#define STACKS 2000u

static uint64_t rng_state = 88172645463325252u;

static uint64_t rng(void)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return rng_state;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Frames are built in memory first, so that only the reader is timed. */
struct stream {
	uint64_t *words;
	size_t n, cap, frame; /* index of the open frame's header */
	uint32_t seq;
	uint64_t n_records;
	uint16_t likes[1024]; /* as the shim's writer has it, whose headers and the model's do not go together */
};

static void close_frame(struct stream *s)
{
	struct wire_frame *header = (struct wire_frame *)(void *)(s->words + s->frame);

	wire_frame_init(header, PID, 0, s->seq++, (uint32_t)(s->n - s->frame - 4) * 8);
	s->frame = s->n;
	s->n += 4;
	memset(s->likes, 0, sizeof(s->likes));
}

/* Makes room for `n` words of a record. */
static void reserve(struct stream *s, size_t n)
{
	if (s->n + n + 8 > s->cap) {
		s->cap = s->cap ? s->cap * 2 : 1 << 20;
		s->words = realloc(s->words, s->cap * 8);
		if (!s->words)
			exit(1);
	}
	if ((s->n - s->frame - 4 + n) * 8 > WIRE_PAYLOAD_MAX)
		close_frame(s);
}

static void put(struct stream *s, const uint64_t *words, size_t n)
{
	reserve(s, n);
	memcpy(s->words + s->n, words, n * 8);
	s->n += n;
	s->n_records++;
}

static void put_alloc(struct stream *s, uint64_t addr)
{
	uint64_t w[2] = {wire_addr_word(WIRE_ALLOC, addr, WIRE_KIND_MALLOC),
			 wire_size_word(16 + addr % 512, 1 + (uint32_t)(addr / 48 % STACKS))};
	uint16_t *like = &s->likes[w[1] * UINT64_C(0x9e3779b97f4a7c15) >> 54];
	size_t begin, at;

	reserve(s, 3);
	begin = s->frame + 4;
	at = s->n - begin;
	if (at > *like && s->words[begin + *like + 1] == w[1]) {
		w[0] = wire_back_word(WIRE_SAME, addr, (uint32_t)(at - *like));
		put(s, w, 1);
	} else {
		*like = (uint16_t)at;
		put(s, w, 2);
	}
}

static void put_free(struct stream *s, uint64_t addr)
{
	uint64_t w = wire_addr_word(WIRE_FREE, addr, WIRE_KIND_FREE);

	put(s, &w, 1);
}

/* A block that lives shortly, as the shim tells of it (near frees). */
static void put_pair(struct stream *s, uint64_t addr)
{
	size_t before;
	uint64_t w;

	reserve(s, 3);
	before = s->n;
	put_alloc(s, addr);
	s->words[before] |= WIRE_NEAR;
	w = wire_near_word(addr, WIRE_KIND_FREE, (uint32_t)(s->n - before));
	put(s, &w, 1);
}

static struct process *on_hello(void *ctx, const struct wire_hello *hello)
{
	(void)ctx;
	return process_new(hello, PROCESS_RUN);
}

static void start(struct stream *s)
{
	struct wire_hello hello = {.version = WIRE_VERSION, .pid = PID, .start = WIRE_START_EXEC};
	uint64_t w[7] = {wire_ext_word(WIRE_HELLO, 6, 0)};

	memcpy(w + 1, &hello, sizeof(hello));
	s->n = 4;
	s->words = malloc(64);
	s->cap = 0;
	free(s->words);
	s->words = NULL;
	put(s, w, 7);
}

/* Feeds what was built, a mebibyte at a time as a pipe gives it, and forgets it. Returns seconds. */
static double feed(struct intake *intake, struct stream *s)
{
	size_t n_bytes, step = 1 << 20;
	double t;

	close_frame(s);
	n_bytes = s->frame * 8;
	t = seconds();
	for (size_t at = 0; at < n_bytes; at += step)
		intake_feed(intake, (const char *)s->words + at, n_bytes - at < step ? n_bytes - at : step);
	t = seconds() - t;
	s->frame = 0;
	s->n = 4;
	return t;
}

static void flat(bool near)
{
	struct stream s = {0};
	struct intake *intake = intake_new(PID, &(struct intake_hooks){.hello = on_hello});
	double t, best = 1e9;

	start(&s);
	feed(intake, &s);
	for (int round = 0; round < 8; round++) {
		s.n_records = 0;
		for (int i = 0; i < 1000000; i++) {
			uint64_t addr = UINT64_C(0x555555560000) + rng() % 8 * 48;

			if (near) {
				put_pair(&s, addr);
			} else {
				put_alloc(&s, addr);
				put_free(&s, addr);
			}
		}
		t = feed(intake, &s);
		best = t < best ? t : best;
	}
	printf("flat%s %6.1f M records/s\n",
	       near ? ":            " : ", far frees: ", (double)s.n_records / best / 1e6);
	process_free(intake_process(intake));
	intake_free(intake);
	free(s.words);
}

static void with_live(size_t n)
{
	struct stream s = {0};
	struct intake *intake = intake_new(PID, &(struct intake_hooks){.hello = on_hello});
	uint64_t *blocks = malloc(n * sizeof(*blocks)), next = UINT64_C(0x555555560000);
	double t = 0, best = 1e9, worst = 0;

	start(&s);
	for (size_t i = 0; i < n; i++, next += 48) {
		blocks[i] = next;
		put_alloc(&s, next);
		if (i % 65536 == 65535 || i + 1 == n) {
			double one = feed(intake, &s);

			t += one;
			worst = one > worst ? one : worst;
		}
	}
	printf("%8zu live, fill: %5.1f M records/s, %.1f ms for the slowest 64 Ki records, %.1f bytes per block\n", n,
	       (double)n / t / 1e6, worst * 1e3, (double)process_model_bytes(intake_process(intake)) / (double)n);
	for (int round = 0; round < 6; round++) {
		s.n_records = 0;
		for (int i = 0; i < 1000000; i++) {
			size_t at = rng() % n;

			put_free(&s, blocks[at]);
			put_alloc(&s, blocks[at]);
			next = blocks[at];
			at = rng() % n;
			put_free(&s, blocks[at]);
			blocks[at] = blocks[at] ^ 16;
			put_alloc(&s, blocks[at]);
		}
		t = feed(intake, &s);
		best = t < best ? t : best;
	}
	printf("%8zu live, random free and alloc: %5.1f M records/s, %.1f bytes per block\n", n,
	       (double)s.n_records / best / 1e6, (double)process_model_bytes(intake_process(intake)) / (double)n);
	if (intake_process(intake)->totals.live_blocks != n || intake_process(intake)->completeness.unknown_frees)
		printf("wrong totals\n");
	process_free(intake_process(intake));
	intake_free(intake);
	free(blocks);
	free(s.words);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		flat(true);
		flat(false);
		with_live(1000000);
		with_live(10000000);
	}
	for (int i = 1; i < argc; i++)
		with_live((size_t)atol(argv[i]));
	return 0;
}
