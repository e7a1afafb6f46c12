/* What functions hold, from events of the model. No object file can be read here: functions go by their module. */
#include "cli/analysis/functions.h"

#include "cli/model/event.h"
#include "common/wire.h"

#include <criterion/criterion.h>
#include <string.h>

#define BASE UINT64_C(0x555500000000)

static struct process *process;
static struct symbols *symbols;
static struct functions functions;
static struct report_process report;
static struct store *store;

static void load_module(uint32_t id, const char *path, uint64_t bias)
{
	uint64_t words[32] = {0};
	const struct wire_module module = {.id = id, .bias = bias, .start = bias, .end = bias + 0x10000};
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
	symbols = symbols_new(NULL);
	load_module(1, "/nonexistent/first.so", BASE);
	load_module(2, "second.so", BASE + 0x100000);
	store = store_new();
}

static void build(void)
{
	struct names *names = names_new(process, NULL, symbols, store);

	functions_build(&functions, process, names, store, &report);
	names_free(names);
}

static void end(void)
{
	functions_release(&functions);
	store_free(store);
	symbols_free(symbols);
	process_free(process);
}

TestSuite(functions, .init = begin, .fini = end);

Test(functions, nothing_was_allocated)
{
	build();
	cr_assert_eq(report.n_functions, 0);
}

Test(functions, stacks_of_a_name_are_one_and_the_next_call_adds)
{
	apply(WIRE_NODE, BASE + 0x10, 0, 1);
	apply(WIRE_NODE, BASE + 0x20, 0, 2);
	apply(WIRE_NODE, BASE + 0x100010, 0, 3);
	apply(WIRE_ALLOC, 0x10000, 100, 1);
	apply(WIRE_ALLOC, 0x20000, 10, 2);
	apply(WIRE_ALLOC, 0x30000, 300, 3);
	apply(WIRE_ALLOC, 0x40000, 1, 0);
	apply(WIRE_FREE, 0x10000, 0, 0);
	build();
	cr_assert_eq(report.n_functions, 3);
	cr_assert_str_eq(report.functions[0].name, "[second.so]");
	cr_assert_eq(report.functions[0].live.bytes, 300);
	cr_assert_str_eq(report.functions[1].name, "[first.so]");
	cr_assert_eq(report.functions[1].live.bytes, 10);
	cr_assert_eq(report.functions[1].live.blocks, 1);
	cr_assert_eq(report.functions[1].allocated.bytes, 110);
	cr_assert_eq(report.functions[1].allocated.blocks, 2);
	cr_assert_str_eq(report.functions[2].name, "[unknown]");
	apply(WIRE_NODE, BASE + 0x30, 0, 1000);
	apply(WIRE_ALLOC, 0x50000, 1000, 1000);
	build();
	cr_assert_eq(report.n_functions, 3);
	cr_assert_str_eq(report.functions[0].name, "[first.so]");
	cr_assert_eq(report.functions[0].live.bytes, 1010);
}
