/* The stacks that have most, looked at again and again. No object file can be read here: frames have no names but those
 * of their module. */
#include "cli/answers/busiest.h"

#include "cli/base/xalloc.h"
#include "cli/model/event.h"
#include "common/wire.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define BASE UINT64_C(0x555500000000)

static struct process *process;
static struct symbols *symbols;
static struct busiest *busiest;
static struct busiest_look look;

static void apply(uint8_t op, uint64_t addr, uint64_t size_bytes, uint32_t stack)
{
	const struct mem_event event = {.op = op, .addr = addr, .size_bytes = size_bytes, .stack = stack};

	process_apply(process, &event, 1);
}

static void load_module(uint32_t id, const char *path, uint64_t bias)
{
	uint64_t words[64] = {0};
	struct wire_module module = {.id = id, .bias = bias, .start = bias, .end = bias + 0x10000};
	unsigned n = (unsigned)(sizeof(module) / 8 + (strlen(path) + 7) / 8);

	words[0] = wire_ext_word(WIRE_MODULE_LOAD, n, (uint32_t)strlen(path));
	memcpy(&words[1], &module, sizeof(module));
	memcpy(&words[1 + sizeof(module) / 8], path, strlen(path));
	cr_assert(process_announce(process, 0, words, n + 1));
}

/* Stacks 1 to 4: 3 is the same as 2, 4 is of another file. 1000 blocks of 10 bytes, one of 500 and one of 40. */
static void begin(void)
{
	const struct wire_hello hello = {.version = WIRE_VERSION, .pid = 42, .start = WIRE_START_EXEC};

	process = process_new(&hello, PROCESS_RUN);
	process->exe = xstrdup("/nonexistent/prog");
	symbols = symbols_new(NULL);
	busiest = busiest_new(process, symbols);
	load_module(1, "/nonexistent/prog", BASE);
	load_module(2, "/nonexistent/Plugin.so", BASE + 0x100000);
	apply(WIRE_NODE, BASE + 0x1010, 0, 1);
	apply(WIRE_NODE, BASE + 0x1020, 0, 2);
	apply(WIRE_NODE, BASE + 0x1020, 0, 3);
	apply(WIRE_NODE, BASE + 0x100020, 0, 4);
	for (uint64_t i = 0; i < 1000; i++)
		apply(WIRE_ALLOC, 0x10000 + i * 16, 10, 1);
	apply(WIRE_ALLOC, 0x90000, 20000, 2);
	apply(WIRE_ALLOC, 0xa0000, 5000, 3);
	apply(WIRE_ALLOC, 0xb0000, 40, 4);
}

static void end(void)
{
	free(look.rows);
	busiest_free(busiest);
	symbols_free(symbols);
	process_free(process);
}

static void see(const struct request_top *want, unsigned n_rows, double seconds)
{
	free(look.rows);
	look = busiest_look(busiest, want, n_rows, seconds);
}

TestSuite(busiest, .init = begin, .fini = end);

Test(busiest, the_largest_first_and_equal_stacks_are_one)
{
	see(&(struct request_top){.stack = 4}, 2, 10);
	cr_assert_eq(look.n_rows, 2);
	cr_expect_eq(look.rows[0].stack, 2);
	cr_expect_eq(look.rows[0].live.bytes, 25000);
	cr_expect_eq(look.rows[0].live.blocks, 2);
	cr_expect_eq(look.rows[1].stack, 1);
	cr_expect_eq(look.n_stacks, 3);
	cr_expect_eq(look.n_matching, 3);
	cr_expect(look.since_start);
	cr_expect_float_eq(look.rows[1].growth, 1000, 1e-9);
	cr_expect_eq(look.chosen.stack, 4);
	cr_expect_eq(look.chosen.live.bytes, 40);
	see(&(struct request_top){.sort = SORT_BLOCKS}, 9, 10);
	cr_expect_eq(look.rows[0].stack, 1);
	cr_expect_eq(look.chosen.stack, 0);
}

Test(busiest, rates_are_against_the_look_that_was_named)
{
	uint64_t first;

	see(&(struct request_top){0}, 9, 10);
	first = look.number;
	apply(WIRE_FREE, 0xa0000, 0, 0);
	apply(WIRE_ALLOC, 0xc0000, 60, 4);
	apply(WIRE_FREE, 0xc0000, 0, 0);
	see(&(struct request_top){0}, 9, 11); /* another one looks between */
	apply(WIRE_ALLOC, 0xd0000, 300, 1);
	see(&(struct request_top){.since = (unsigned)first, .sort = SORT_GROWTH}, 9, 12);
	cr_expect_not(look.since_start);
	cr_expect_float_eq(look.period_seconds, 2, 1e-9);
	cr_expect_eq(look.rows[0].stack, 1);
	cr_expect_float_eq(look.rows[0].growth, 150, 1e-9);
	cr_expect_eq(look.rows[2].stack, 2);
	cr_expect_float_eq(look.rows[2].growth, -2500, 1e-9);
	cr_expect_float_eq(look.rows[1].rate, 30, 1e-9);
}

Test(busiest, stacks_that_have_nothing_are_left_out)
{
	uint64_t before;

	see(&(struct request_top){0}, 9, 1);
	before = look.number;
	apply(WIRE_FREE, 0xb0000, 0, 0);
	see(&(struct request_top){.since = (unsigned)before}, 9, 2);
	cr_expect_eq(look.n_stacks, 2);
	cr_expect_eq(look.n_rows, 2);
}

Test(busiest, forgets_old_looks)
{
	for (int i = 0; i < 20; i++)
		see(&(struct request_top){0}, 9, i);
	see(&(struct request_top){.since = 1}, 9, 20);
	cr_expect_not(look.since_start);
	cr_expect_float_eq(look.period_seconds, 4, 1e-9); /* the oldest that is kept */
}

Test(busiest, a_filter_by_names_in_any_letters)
{
	see(&(struct request_top){.filter = "PLUGIN"}, 9, 1);
	cr_assert_eq(look.n_rows, 1);
	cr_expect_eq(look.rows[0].stack, 4);
	cr_expect_eq(look.n_matching, 1);
	cr_expect_eq(look.n_stacks, 3);
	cr_expect_eq(look.n_unsearched, 0);
	see(&(struct request_top){.filter = "nosuch"}, 9, 2);
	cr_expect_eq(look.n_rows, 0);
	load_module(3, "/nonexistent/late-nosuch.so", BASE + 0x200000);
	apply(WIRE_NODE, BASE + 0x200020, 0, 5);
	apply(WIRE_ALLOC, 0xe0000, 1, 5);
	see(&(struct request_top){.filter = "nosuch"}, 9, 3);
	cr_expect_eq(look.n_rows, 1);
	see(&(struct request_top){0}, 9, 4);
	cr_expect_eq(look.n_rows, 4);
}

Test(busiest, nothing_at_all)
{
	see(&(struct request_top){0}, 0, 0);
	cr_expect_eq(look.n_rows, 0);
	cr_expect_eq(look.n_stacks, 3);
}
