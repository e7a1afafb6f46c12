#include "cli/ingest/frames.h"

#include "tests/unit/stream_builder.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define PID 77u

/* Words as they came, all streams, with the stream above. */
struct log {
	uint64_t words[400];
	size_t n;
};

static void on_payload(void *ctx, uint32_t stream, const struct decode_payload *payload, size_t from)
{
	struct log *log = ctx;

	for (size_t i = from; i < payload->n_words; i++) {
		cr_assert_lt(log->n, 400);
		log->words[log->n++] = (uint64_t)stream << 32 | payload->words[i];
	}
}

static struct frames *open_frames(struct log *log)
{
	log->n = 0;
	return frames_new(PID, &(struct frames_sink){log, on_payload});
}

/* A frame of `n` words with the values first, first + 1, … */
static size_t counted(uint8_t *out, uint32_t stream, uint32_t seq, uint64_t first, size_t n)
{
	static struct builder b;

	b.n = 0;
	for (size_t i = 0; i < n; i++)
		add_one(&b, first + i);
	return make_frame(out, PID, stream, seq, &b);
}

static void expect(const struct log *log, uint64_t first, size_t n)
{
	cr_assert_eq(log->n, n, "%zu words", log->n);
	for (size_t i = 0; i < n; i++)
		cr_assert_eq(log->words[i], first + i, "word %zu is %lx", i, (unsigned long)log->words[i]);
}

Test(frames, in_pieces_of_any_size)
{
	static uint8_t bytes[4096];
	struct log log;
	size_t n = counted(bytes, 0, 0, 0, 20);

	n += counted(bytes + n, 0, 1, 20, 30);
	n += counted(bytes + n, 0, 2, 50, 1);
	for (size_t piece = 1; piece <= n; piece++) {
		struct frames *frames = open_frames(&log);

		for (size_t at = 0; at < n; at += piece)
			frames_feed(frames, bytes + at, n - at < piece ? n - at : piece);
		frames_end(frames);
		expect(&log, 0, 51);
		cr_assert_eq(frames_loss(frames)->garbage_bytes, 0);
		cr_assert_eq(frames_seq(frames, 0), 3);
		frames_free(frames);
	}
}

Test(frames, what_was_read_in_place_comes_once)
{
	static uint8_t bytes[4096];
	struct log log;
	struct frames *frames = open_frames(&log);
	const uint64_t words[] = {0, 1, 2, 3, 4};
	size_t n;

	frames_place(frames, 0, words, 2);
	frames_place(frames, 0, words, 5);
	cr_assert_eq(frames_done(frames, 0), 40);
	n = counted(bytes, 0, 0, 0, 9);
	frames_feed(frames, bytes, n);
	expect(&log, 0, 9);
	cr_assert_eq(frames_seq(frames, 0), 1);
	cr_assert_eq(frames_done(frames, 0), 0);
	frames_feed(frames, bytes, n);
	expect(&log, 0, 9);
	cr_assert_eq(frames_loss(frames)->stale_frames, 1);
	frames_free(frames);
}

Test(frames, killed_in_the_middle_of_a_write)
{
	static uint8_t bytes[4096];
	struct log log;
	struct frames *frames = open_frames(&log);
	uint64_t words[10];
	size_t n = counted(bytes, 0, 0, 0, 10);

	frames_feed(frames, bytes, n - 20);
	frames_end(frames);
	cr_assert_eq(log.n, 0);
	memcpy(words, bytes + sizeof(struct wire_frame), sizeof(words));
	frames_place(frames, 0, words, 10);
	expect(&log, 0, 10);
	cr_assert_eq(frames_loss(frames)->garbage_bytes, 0);
	cr_assert_eq(frames_loss(frames)->missing_frames, 0);
	frames_free(frames);
}

Test(frames, gaps_are_counted)
{
	static uint8_t bytes[4096];
	struct log log;
	struct frames *frames = open_frames(&log);
	size_t n = counted(bytes, 0, 0, 0, 2);

	n += counted(bytes + n, 0, 3, 2, 2);
	frames_feed(frames, bytes, n);
	expect(&log, 0, 4);
	cr_assert_eq(frames_loss(frames)->missing_frames, 2);
	cr_assert_eq(frames_seq(frames, 0), 4);
	frames_free(frames);
}

Test(frames, finds_its_way_back_after_garbage)
{
	static uint8_t bytes[8192];
	struct log log;

	for (size_t junk = 1; junk < 200; junk++) {
		struct frames *frames = open_frames(&log);
		size_t n = counted(bytes, 0, 0, 0, 4);

		for (size_t i = 0; i < junk; i++)
			bytes[n++] = (uint8_t)(i % 5 == 0 ? 'M' : i);
		n += counted(bytes + n, 0, 1, 4, 4);
		for (size_t at = 0; at < n; at += 33)
			frames_feed(frames, bytes + at, n - at < 33 ? n - at : 33);
		expect(&log, 0, 8);
		cr_assert_eq(frames_loss(frames)->garbage_bytes, junk);
		frames_free(frames);
	}
}

Test(frames, a_cut_frame_sent_again)
{
	static uint8_t bytes[8192];
	struct log log;
	struct frames *frames = open_frames(&log);
	size_t n = counted(bytes, 0, 0, 0, 100);

	n = 300; /* the descriptor was taken away here, and the frame sent again through a new one */
	n += counted(bytes + n, 0, 0, 0, 100);
	n += counted(bytes + n, 0, 1, 100, 50);
	frames_feed(frames, bytes, n);
	expect(&log, 0, 150);
	cr_assert_eq(frames_loss(frames)->garbage_bytes, 300);
	frames_free(frames);
}

Test(frames, headers_that_lie)
{
	static uint8_t bytes[4096];
	struct log log;
	struct frames *frames = open_frames(&log);
	struct wire_frame header;
	size_t n = 0;

	wire_frame_init(&header, PID, 16384, 0, 8); /* a stream that cannot be */
	memcpy(bytes, &header, sizeof(header));
	wire_frame_init(&header, PID + 1, 0, 0, 8); /* another process's */
	memcpy(bytes + 40, &header, sizeof(header));
	wire_frame_init(&header, PID, 0, 0, 8);
	header.payload_bytes = 0xfffffff8;
	memcpy(bytes + 80, &header, sizeof(header));
	wire_frame_init(&header, PID, 0, 0, 8);
	header.version++;
	memcpy(bytes + 120, &header, sizeof(header));
	n = 160 + counted(bytes + 160, 0, 0, 0, 3);
	frames_feed(frames, bytes, n);
	expect(&log, 0, 3);
	cr_assert_eq(frames_loss(frames)->garbage_bytes, 160);
	cr_assert(frames_loss(frames)->other_version);
	frames_free(frames);
}
