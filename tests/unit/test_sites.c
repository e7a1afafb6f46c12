/* What each stack allocated in all, from events of the model. No object file can be read here: frames have no names. */
#include "cli/analysis/build.h"

#include "cli/base/xalloc.h"
#include "cli/model/event.h"
#include "common/wire.h"

#include <criterion/criterion.h>
#include <string.h>

#define PROG "/nonexistent/prog"
#define BASE UINT64_C(0x555500000000)
#define LIB  UINT64_C(0x7f0000000000)

static struct process *process;
static struct symbols *symbols;
static struct report_process report;

static void load_module(uint32_t id, const char *path, uint64_t bias)
{
	uint64_t words[64] = {0};
	struct wire_module module = {.id = id,
				     .build_id_bytes = 2,
				     .bias = bias,
				     .start = bias,
				     .end = bias + 0x10000,
				     .build_id = {0xab, 0x01}};
	unsigned n = (unsigned)(sizeof(module) / 8 + (strlen(path) + 7) / 8);

	words[0] = wire_ext_word(WIRE_MODULE_LOAD, n, (uint32_t)strlen(path));
	memcpy(&words[1], &module, sizeof(module));
	memcpy(&words[1 + sizeof(module) / 8], path, strlen(path));
	cr_assert(process_announce(process, 0, words, n + 1));
}

static void apply(uint8_t op, uint64_t addr, uint64_t size_bytes, uint32_t stack)
{
	const struct mem_event event = {.op = op, .addr = addr, .size_bytes = size_bytes, .stack = stack};

	process_apply(process, &event, 1);
}

static void begin(void)
{
	const struct wire_hello hello = {.version = WIRE_VERSION, .pid = 42, .start = WIRE_START_EXEC};

	process = process_new(&hello, PROCESS_RUN);
	process->exe = xstrdup(PROG);
	symbols = symbols_new(NULL);
	load_module(1, "/nonexistent/first.so", LIB);
	load_module(2, PROG, BASE);
	load_module(3, "/nonexistent/unused.so", LIB + 0x100000);
}

static void build(void)
{
	const struct build_options options = {.sites = true};

	report_process_build(process, symbols, &options, &report);
}

static void end(void)
{
	report_process_clear(&report);
	symbols_free(symbols);
	process_free(process);
}

TestSuite(sites, .init = begin, .fini = end);

Test(sites, freed_blocks_count_and_equal_stacks_are_one)
{
	apply(WIRE_NODE, BASE + 0x1020, 0, 1);
	apply(WIRE_NODE, BASE + 0x1010, 1, 2);
	apply(WIRE_NODE, BASE + 0x1010, 1, 3); /* the same again */
	apply(WIRE_NODE, LIB + 0x1040, 1, 4);
	apply(WIRE_ALLOC, 0x10000, 100, 2);
	apply(WIRE_ALLOC, 0x20000, 50, 3);
	apply(WIRE_FREE, 0x10000, 0, 0);
	apply(WIRE_ALLOC, 0x30000, 7, 4);
	apply(WIRE_FREE, 0x30000, 0, 0);
	build();
	cr_assert_eq(report.n_sites, 2);
	cr_assert_eq(report.sites[0].stack.n_frames, 2);
	cr_assert_eq(report.sites[0].stack.frames[0]->offset, 0x100f);
	cr_assert_eq(report.sites[0].allocated.blocks, 2);
	cr_assert_eq(report.sites[0].allocated.bytes, 150);
	cr_assert_eq(report.sites[0].live.blocks, 1);
	cr_assert_eq(report.sites[0].live.bytes, 50);
	cr_assert_eq(report.sites[0].peak.bytes, 150);
	cr_assert_eq(report.sites[1].allocated.bytes, 7);
	cr_assert_eq(report.sites[1].live.blocks, 0);
	cr_assert_eq(report.sites[1].peak.blocks, 0);
}

Test(sites, ages_of_freed_and_of_live_blocks)
{
	const struct build_options options = {.sites = true, .ages = true};

	apply(WIRE_NODE, BASE + 0x1010, 0, 1);
	apply(WIRE_NODE, BASE + 0x1010, 0, 2); /* the same */
	process_clock(process, process->start_monotonic_ns + 1000000000);
	apply(WIRE_ALLOC, 0x10000, 100, 1);
	apply(WIRE_ALLOC, 0x20000, 100, 2);
	process_clock(process, process->start_monotonic_ns + 1500000000);
	apply(WIRE_FREE, 0x10000, 0, 0);
	process_clock(process, process->start_monotonic_ns + 3000000000);
	report_process_build(process, symbols, &options, &report);
	cr_assert_eq(report.n_sites, 1);
	cr_assert_float_eq(report.sites[0].age_seconds, 0.5 + 2.0, 1e-9);
}

Test(sites, modules_are_those_of_frames_the_program_first)
{
	apply(WIRE_NODE, LIB + 0x500, 0, 1);
	apply(WIRE_ALLOC, 0x10000, 1, 1);
	build();
	cr_assert_eq(report.n_modules, 2);
	cr_assert_str_eq(report.modules[0].path, PROG);
	cr_assert_str_eq(report.modules[0].build_id, "ab01");
	cr_assert_eq(report.modules[0].bias, BASE);
	cr_assert_eq(report.modules[0].start, BASE); /* the file cannot be read: all of it */
	cr_assert_eq(report.modules[0].end, BASE + 0x10000);
	cr_assert_eq(report.modules[1].path, report.sites[0].stack.frames[0]->module);
}

Test(sites, nothing_was_allocated)
{
	build();
	cr_assert_eq(report.n_sites, 0);
	cr_assert_eq(report.n_modules, 1);
}

/* What comes while the stacks are named is not in it, but for the names. */
Test(sites, made_bit_by_bit_are_of_one_instant)
{
	const struct build_options options = {.totals_only = true, .sites = true};
	struct report_rest *rest;

	apply(WIRE_NODE, BASE + 0x1010, 0, 1);
	apply(WIRE_NODE, BASE + 0x1020, 0, 2);
	apply(WIRE_NODE, LIB + 0x900010, 0, 3); /* of a module that is told of later */
	apply(WIRE_ALLOC, 0x10000, 100, 1);
	apply(WIRE_ALLOC, 0x20000, 10, 2);
	apply(WIRE_ALLOC, 0x30000, 1, 3);
	rest = report_process_begin(process, symbols, &options, &report);
	cr_assert_not(report_process_name(rest, 1));
	apply(WIRE_FREE, 0x10000, 0, 0);
	apply(WIRE_ALLOC, 0x40000, 1000, 2);
	apply(WIRE_NODE, BASE + 0x1030, 0, 4);
	apply(WIRE_ALLOC, 0x50000, 5000, 4);
	for (uint32_t i = 4; i < 40; i++)
		load_module(i, "/nonexistent/late.so", LIB + i * 0x100000);
	cr_assert_not(report_process_name(rest, 1));
	cr_assert(report_process_name(rest, 1));
	report_process_complete(rest);
	apply(WIRE_FREE, 0x20000, 0, 0);
	report_process_end(rest, &report);
	cr_assert_eq(report.totals.live_bytes, 111);
	cr_assert_eq(report.n_sites, 3);
	cr_assert_eq(report.sites[0].live.bytes, 100);
	cr_assert_eq(report.sites[0].stack.frames[0]->offset, 0x100f);
	cr_assert_eq(report.sites[1].live.bytes, 10);
	cr_assert_eq(report.sites[2].live.bytes, 1);
	cr_assert_str_eq(report.sites[2].stack.frames[0]->module, "/nonexistent/late.so");
}
