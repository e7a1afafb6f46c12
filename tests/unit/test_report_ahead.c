/* Leaks that are made ahead of the report of a process. */
#include "cli/analysis/build.h"

#include "cli/model/event.h"
#include "common/wire.h"

#include <criterion/criterion.h>
#include <string.h>

#define PROG "/srv/app/prog"
#define BASE UINT64_C(0x555500000000)

/* These stand before those of the reporter's library when the test is linked. */
static unsigned n_resolved;

size_t symbols_resolve(struct symbols *symbols, const struct symbols_object *object, uint64_t vaddr,
		       struct symbols_frame *frames, size_t max)
{
	(void)symbols, (void)object, (void)max;
	n_resolved++;
	frames[0] = (struct symbols_frame){.function = vaddr < 0x1010 ? "leaf" : "main"};
	return 1;
}

const char *symbols_jit_name(struct symbols *symbols, int pid, uint64_t addr)
{
	(void)symbols, (void)pid, (void)addr;
	return NULL;
}

const char *symbols_variable(struct symbols *symbols, const struct symbols_object *wanted, uint64_t vaddr,
			     uint64_t *offset)
{
	(void)symbols, (void)wanted, (void)vaddr, (void)offset;
	return NULL;
}

static const struct build_options options = {.why_not = "--no-scan was given"};

/* Two blocks of two stacks. */
static struct process *new_process(void)
{
	const struct wire_hello hello = {
		.version = WIRE_VERSION, .pid = 42, .ppid = 41, .start = WIRE_START_EXEC, .monotonic_ns = 1000000000};
	const struct mem_event events[] = {
		{.op = WIRE_NODE, .addr = BASE + 0x1020, .size_bytes = 0, .stack = 1},
		{.op = WIRE_NODE, .addr = BASE + 0x1010, .size_bytes = 1, .stack = 2},
		{.op = WIRE_ALLOC, .addr = 0x1000, .size_bytes = 24, .stack = 1, .kind = WIRE_KIND_MALLOC},
		{.op = WIRE_ALLOC, .addr = 0x2000, .size_bytes = 8, .stack = 2, .kind = WIRE_KIND_MALLOC},
	};
	struct process *process = process_new(&hello, PROCESS_RUN);
	const struct wire_module module = {.id = 1, .bias = BASE, .start = BASE, .end = BASE + 0x10000};
	uint64_t words[1 + sizeof(module) / 8 + 2] = {
		wire_ext_word(WIRE_MODULE_LOAD, sizeof(module) / 8 + 2, sizeof(PROG) - 1)};

	memcpy(&words[1], &module, sizeof(module));
	memcpy(&words[1 + sizeof(module) / 8], PROG, sizeof(PROG) - 1);
	cr_assert(process_announce(process, 0, words, sizeof(words) / 8));
	process_apply(process, events, sizeof(events) / sizeof(*events));
	return process;
}

/* Nothing is named again when the process has ended, and how it ended is told. */
Test(report_ahead, is_taken_over_by_the_report)
{
	const struct process_exit exited = {.kind = PROCESS_EXITED, .code = 3};
	struct process *process = new_process();
	struct build_options how = options;
	struct report_process report;

	how.ahead = report_ahead_begin(process, NULL, &options);
	cr_assert_not(report_process_name(how.ahead, 1));
	cr_assert(report_process_name(how.ahead, 2));
	cr_assert_geq(n_resolved, 2);
	n_resolved = 0;
	process_finish(process, &exited, 5000000000);
	report_process_build(process, NULL, &how, &report);
	process_free(process);
	cr_assert_eq(n_resolved, 0);
	cr_assert_eq(report.n_leaks, 2);
	cr_assert_eq(report.leaks[0].direct.bytes, 24);
	cr_assert_str_eq(report.leaks[0].stack.frames[0]->function, "main");
	cr_assert_eq(report.leaks[1].direct.bytes, 8);
	cr_assert_str_eq(report.leaks[1].stack.frames[0]->function, "leaf");
	cr_assert_eq(report.verdicts.by_verdict[VERDICT_UNCLASSIFIED].bytes, 32);
	cr_assert_eq(report.exit.code, 3);
	report_process_clear(&report);
}

Test(report_ahead, is_freed_half_named)
{
	struct process *process = new_process();
	struct report_rest *ahead = report_ahead_begin(process, NULL, &options);

	cr_assert_not(report_process_name(ahead, 1));
	report_ahead_free(ahead);
	report_ahead_free(NULL);
	process_free(process);
}

Test(report_ahead, totals_have_no_leaks)
{
	const struct build_options totals = {.totals_only = true};
	struct process *process = new_process();
	struct build_options how = totals;
	struct report_process report;

	how.ahead = report_ahead_begin(process, NULL, &totals);
	cr_assert(report_process_name(how.ahead, 0));
	report_process_build(process, NULL, &how, &report);
	process_free(process);
	cr_assert_eq(report.n_leaks, 0);
	cr_assert_eq(report.totals.live_bytes, 32);
	report_process_clear(&report);
}
