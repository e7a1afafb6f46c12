/* Costly work on a loop: it is done in pieces and beside the loop, and the loop's other matters go on meanwhile. */
#include "cli/serve/turns.h"

#include "cli/base/clock.h"
#include "common/compiler.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct event_base *base;
static struct turns *turns;
static char events[64]; /* a letter for each, in their order */
static int pipe_ends[2];

static void note(char letter)
{
	size_t n = strlen(events);

	cr_assert_lt(n + 1, sizeof(events));
	events[n] = letter;
}

static void setup(void)
{
	base = event_base_new();
	turns = turns_new(base);
	cr_assert_eq(pipe(pipe_ends), 0);
}

static void teardown(void)
{
	turns_free(turns);
	event_base_free(base);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

TestSuite(turns, .init = setup, .fini = teardown);

static void run_until(const char *expected)
{
	for (int i = 0; i < 1000 && strlen(events) < strlen(expected); i++)
		event_base_loop(base, EVLOOP_ONCE);
	cr_expect_str_eq(events, expected);
}

struct job {
	struct turn turn;
	char letter;
	int pieces;
};

static void piece(void *ctx)
{
	struct job *job = ctx;

	note(job->letter);
	if (--job->pieces > 0)
		turns_again(turns, &job->turn, 0, piece);
}

static void on_readable(evutil_socket_t fd, short what, void *ctx)
{
	char byte;

	(void)what, (void)ctx;
	cr_assert_eq(read(fd, &byte, 1), 1);
	note(byte);
}

static void piece_that_writes(void *ctx)
{
	struct job *job = ctx;

	note(job->letter);
	cr_assert_eq(write(pipe_ends[1], "|", 1), 1);
	if (--job->pieces > 0)
		turns_again(turns, &job->turn, 0, piece_that_writes);
}

Test(turns, work_is_done_whole_before_the_next)
{
	struct job a = {.letter = 'a', .pieces = 3}, b = {.letter = 'b', .pieces = 2};

	turns_wait(turns, &a.turn, 0, piece, &a);
	turns_wait(turns, &b.turn, 0, piece, &b);
	run_until("aaabb");
}

Test(turns, what_is_due_first_comes_first)
{
	struct job late = {.letter = 'l', .pieces = 1}, early = {.letter = 'e', .pieces = 1};

	turns_wait(turns, &late.turn, 50000000, piece, &late);
	turns_wait(turns, &early.turn, 0, piece, &early);
	run_until("el");
}

Test(turns, the_loop_reads_between_two_pieces)
{
	struct event *event = event_new(base, pipe_ends[0], EV_READ | EV_PERSIST, on_readable, NULL);
	struct job job = {.letter = 'a', .pieces = 4};

	event_add(event, NULL);
	turns_wait(turns, &job.turn, 0, piece_that_writes, &job);
	run_until("a|a|a|a|");
	event_free(event);
}

static void piece_that_takes_long(void *ctx)
{
	uint64_t begin_ns = clock_now_ns();

	while (clock_now_ns() < begin_ns + 30000000)
		continue;
	piece(ctx);
}

/* A fourth of a second is left for those that come together after a while of nothing; then they take turns. */
Test(turns, all_take_a_fourth_of_the_time)
{
	struct job jobs[14];
	uint64_t begin_ns = clock_now_ns();

	for (size_t i = 0; i < MW_ARRAY_LEN(jobs); i++) {
		jobs[i] = (struct job){.letter = 'a', .pieces = 1};
		turns_wait(turns, &jobs[i].turn, 0, piece_that_takes_long, &jobs[i]);
	}
	run_until("aaaaaaaaaaaaaa");
	/* before the last one 13, of 4 * 30 ms each, less the second that ends with the first; else it were 420 ms */
	cr_expect_geq(clock_now_ns() - begin_ns, 600000000);
}

Test(turns, what_was_ended_is_not_done)
{
	struct job a = {.letter = 'a', .pieces = 9}, b = {.letter = 'b', .pieces = 1}, c = {.letter = 'c', .pieces = 1};

	turns_wait(turns, &a.turn, 0, piece, &a);
	turns_wait(turns, &b.turn, 0, piece, &b);
	turns_wait(turns, &c.turn, 0, piece, &c);
	run_until("a");
	turns_end(turns, &b.turn);
	turns_end(turns, &a.turn);
	turns_end(turns, &a.turn);
	run_until("ac");
}

/* ---- beside the loop */

struct thing {
	struct turn turn;
	int go[2]; /* what the thread waits for */
	char made;
};

static void make_when_told(void *ctx)
{
	struct thing *thing = ctx;

	cr_assert_eq(read(thing->go[0], &thing->made, 1), 1);
}

static void use(void *ctx)
{
	struct thing *thing = ctx;

	note(thing->made);
}

static void have_it_made(void *ctx)
{
	struct thing *thing = ctx;

	note('a');
	turns_aside(turns, &thing->turn, make_when_told, use);
}

static void tell(evutil_socket_t fd, short what, void *ctx)
{
	struct thing *thing = ctx;

	(void)fd, (void)what;
	note('t');
	cr_assert_eq(write(thing->go[1], "m", 1), 1);
}

/* The loop tells the thread to go on: it could not if it waited for the thread. */
Test(turns, the_loop_goes_on_beside_the_thread)
{
	struct job next = {.letter = 'n', .pieces = 1};
	struct thing thing = {.made = 0};
	struct event *timer = evtimer_new(base, tell, &thing);
	const struct timeval soon = {0, 20000};

	cr_assert_eq(pipe(thing.go), 0);
	turns_wait(turns, &thing.turn, 0, have_it_made, &thing);
	turns_wait(turns, &next.turn, 0, piece, &next);
	evtimer_add(timer, &soon);
	run_until("atmn");
	event_free(timer);
	close(thing.go[0]);
	close(thing.go[1]);
}

Test(turns, its_thread_is_waited_for_at_the_end)
{
	struct job next = {.letter = 'n', .pieces = 1};
	struct thing thing = {.made = 0};

	cr_assert_eq(pipe(thing.go), 0);
	turns_wait(turns, &thing.turn, 0, have_it_made, &thing);
	run_until("a");
	cr_assert_eq(write(thing.go[1], "m", 1), 1);
	turns_end(turns, &thing.turn);
	cr_expect_eq(thing.made, 'm');
	turns_wait(turns, &next.turn, 0, piece, &next);
	run_until("an"); /* and it is not used */
	close(thing.go[0]);
	close(thing.go[1]);
}
