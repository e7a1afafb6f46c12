/* From a model that is followed to the report's events and their stacks. */
#include "cli/analysis/build.h"

#include "cli/analysis/event_log.h"

#include <criterion/criterion.h>

static struct process *process;
static struct symbols *symbols;
static struct spool *spool;
static struct event_log *event_log;
static struct report_process report;

static void on_allocated(void *ctx, uint64_t addr, uint32_t stack, uint64_t size_bytes, uint32_t ms)
{
	event_log_allocated(ctx, addr, stack, size_bytes, ms);
}

static void on_freed(void *ctx, uint64_t addr, uint32_t stack, uint64_t size_bytes, uint32_t ms)
{
	event_log_freed(ctx, addr, stack, size_bytes, ms);
}

static void begin(void)
{
	const struct wire_hello hello = {.version = WIRE_VERSION, .pid = 42, .start = WIRE_START_EXEC};

	symbols = symbols_new(NULL);
	spool = spool_new(NULL);
	event_log = event_log_new(spool);
	process = process_new(&hello, PROCESS_RUN);
	process_follow(process, &(struct process_follower){event_log, on_allocated, on_freed});
}

static void end(void)
{
	report_process_clear(&report);
	process_free(process);
	event_log_free(event_log);
	spool_free(spool);
	symbols_free(symbols);
}

TestSuite(event_stacks, .init = begin, .fini = end);

static void apply(uint8_t op, uint64_t addr, uint64_t size_bytes, uint32_t stack)
{
	const struct mem_event event = {.op = op, .addr = addr, .size_bytes = size_bytes, .stack = stack};

	process_apply(process, &event, 1);
}

static void build(void)
{
	event_log_end(event_log);
	report_process_build(process, symbols, &(struct build_options){.events = event_log}, &report);
}

static const struct report_stack *stack_of(uint32_t id)
{
	for (size_t i = 0; i < report.events->n_stacks; i++)
		if (report.events->stacks[i].id == id)
			return &report.events->stacks[i].stack;
	return NULL;
}

Test(event_stacks, each_id_that_allocated_has_its_frames)
{
	apply(WIRE_NODE, 0x1020, 0, 1);
	apply(WIRE_NODE, 0x1010, 1, 2);
	apply(WIRE_NODE, 0x1010, 1, 3); /* the same again */
	apply(WIRE_NODE, 0x1040, 1, 4); /* of nobody */
	apply(WIRE_ALLOC, 0x10000, 100, 2);
	apply(WIRE_ALLOC, 0x20000, 100, 3);
	apply(WIRE_ALLOC, 0x30000, 7, 1);
	apply(WIRE_ALLOC, 0x40000, 7, 0);
	apply(WIRE_ALLOC, 0x50000, 7, 9); /* never defined */
	build();
	cr_assert_eq(report.events->n_stacks, 5);
	for (size_t i = 1; i < 5; i++)
		cr_assert_lt(report.events->stacks[i - 1].id, report.events->stacks[i].id);
	cr_assert_eq(stack_of(2)->n_frames, 2);
	cr_assert_eq(stack_of(2)->frames[0]->offset, 0x100f);
	cr_assert_eq(stack_of(3)->frames, stack_of(2)->frames, "kept once");
	cr_assert_eq(stack_of(1)->n_frames, 1);
	cr_assert_eq(stack_of(0)->n_frames, 0);
	cr_assert_eq(stack_of(9)->n_frames, 0);
	cr_assert_null(stack_of(4));
}

Test(event_stacks, the_log_has_the_stack_that_the_totals_have)
{
	struct log_reader reader = {.log = event_log};
	struct log_event event;
	uint64_t n = 0;

	apply(WIRE_NODE, 0x1020, 0, 1);
	apply(WIRE_ALLOC, 0x10000, 100, 1);
	apply(WIRE_ALLOC, 0x20000, 5, 4000000000); /* no such id can be: it is counted for 0 */
	apply(WIRE_FREE, 0x20000, 0, 0);
	apply(WIRE_FREE, 0x30000, 0, 0); /* not known */
	build();
	while (event_log_next(&reader, &event)) {
		if (event.kind == LOG_INFO)
			cr_assert_not_null(stack_of(event.stack));
		n += event.kind == LOG_ALLOCATED || event.kind == LOG_FREED;
	}
	cr_assert_eq(n, 3);
}

Test(event_stacks, only_if_asked_for)
{
	apply(WIRE_ALLOC, 0x10000, 100, 0);
	report_process_build(process, symbols, &(struct build_options){0}, &report);
	cr_assert_null(report.events);
}
