#include "cli/ingest/pipe_wait.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define CHUNK ((size_t)64 << 10)

static struct event_base *base;
static struct pipe_wait *wait_;
static int fds[2];
static int n_ready;
static size_t n_read, n_read_in_all;

/* As the reader does: what is there, once. `fake`, if not 0, is told instead. */
static size_t fake;

static void on_ready(void *ctx)
{
	static char buf[1 << 20];
	ssize_t n = read(fds[0], buf, sizeof(buf));

	(void)ctx;
	n_ready++;
	n_read = n > 0 ? (size_t)n : 0;
	n_read_in_all += n_read;
	pipe_wait_read(wait_, fake ? fake : n_read);
}

static void setup(void)
{
	cr_assert_eq(pipe2(fds, O_NONBLOCK), 0);
	cr_assert_geq(fcntl(fds[1], F_SETPIPE_SZ, 1 << 20), 1 << 20);
	base = event_base_new();
	wait_ = pipe_wait_new(base, fds[0], on_ready, NULL);
	pipe_wait_on(wait_);
}

static void teardown(void)
{
	pipe_wait_free(wait_);
	event_base_free(base);
	close(fds[0]);
	close(fds[1]);
}

static void put(size_t n_bytes)
{
	static char buf[1 << 20];

	cr_assert_eq(write(fds[1], buf, n_bytes), (ssize_t)n_bytes);
}

static void write_steadily(int n, size_t n_bytes)
{
	for (int i = 0; i < n; i++) {
		int before = n_ready;

		put(n_bytes);
		while (n_ready == before)
			event_base_loop(base, EVLOOP_ONCE);
		cr_assert_eq(n_read, n_bytes);
	}
}

static void expect_no_rest(size_t n_bytes)
{
	put(n_bytes);
	n_read_in_all = 0;
	event_base_loop(base, EVLOOP_NONBLOCK); /* does not wait: the rest must be over */
	cr_assert_eq(n_read_in_all, n_bytes);
}

TestSuite(pipe_wait, .init = setup, .fini = teardown, .timeout = 30);

Test(pipe_wait, what_comes_now_and_then_is_read_at_once)
{
	write_steadily(20, 100);
	cr_assert(!pipe_wait_rests(wait_));
}

Test(pipe_wait, a_steady_writer_does_not_wake_us)
{
	write_steadily(1, 100);
	cr_assert(!pipe_wait_rests(wait_));
	write_steadily(2, CHUNK);
	cr_assert(pipe_wait_rests(wait_));
}

Test(pipe_wait, a_writer_that_stops_is_waited_for_again)
{
	write_steadily(2, CHUNK);
	while (pipe_wait_rests(wait_))
		event_base_loop(base, EVLOOP_ONCE); /* rests are over, nothing came */
	cr_assert_eq(n_read, 0);
	write_steadily(1, CHUNK);
}

/* Of so many bytes at once, in no time: it is not to wait for the end of a rest. */
Test(pipe_wait, a_fast_writer_is_read_without_rest)
{
	write_steadily(2, (size_t)600 << 10);
	fake = (size_t)1 << 30; /* so fast that the clock's pace does not matter */
	write_steadily(1, CHUNK);
	fake = 0;
	cr_assert(pipe_wait_rests(wait_));
	expect_no_rest(CHUNK);
}

/* One that has filled the pipe had to wait, and so looks slow; of a small pipe as of a large one. */
Test(pipe_wait, a_writer_that_fills_the_pipe_is_read_without_rest)
{
	static const int sizes[] = {1 << 20, 256 << 10, 64 << 10};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		pipe_wait_free(wait_);
		cr_assert_eq(fcntl(fds[1], F_SETPIPE_SZ, sizes[i]), sizes[i]);
		wait_ = pipe_wait_new(base, fds[0], on_ready, NULL);
		pipe_wait_on(wait_);
		write_steadily(3, (size_t)sizes[i]);
		cr_assert(pipe_wait_rests(wait_), "what comes does not wake us");
		expect_no_rest((size_t)sizes[i]);
	}
}

Test(pipe_wait, off_is_off)
{
	write_steadily(8, CHUNK);
	pipe_wait_off(wait_);
	cr_assert_eq(event_base_loop(base, EVLOOP_NONBLOCK), 1, "no event is left");
	pipe_wait_on(wait_);
	write_steadily(1, CHUNK);
}
