/* What a session answers to memwatch top, as the one who asked reads it. */
#include "cli/answers/top_answer.h"

#include "cli/base/xalloc.h"
#include "cli/model/event.h"
#include "cli/model/process.h"
#include "cli/answers/busiest.h"
#include "cli/top/top_data.h"
#include "common/wire.h"

#include <criterion/criterion.h>

static struct process *process;
static struct tracker tracker;
static struct tracked tracked;

static void begin(void)
{
	const struct wire_hello hello = {.version = WIRE_VERSION, .pid = 42, .start = WIRE_START_EXEC};

	process = process_new(&hello, PROCESS_RUN);
	tracker = (struct tracker){.symbols = symbols_new(NULL)};
	tracked = (struct tracked){.process = process};
}

static void end(void)
{
	busiest_free(tracked.busiest);
	course_release(&tracked.course);
	symbols_free(tracker.symbols);
	process_free(process);
}

static void ask(uint32_t stack, struct top_data *data)
{
	const struct request request = {.verb = REQUEST_TOP, .pid = 42, .how.top = 10, .list = {.stack = stack}};
	struct out *out = out_memory();
	struct err err = {""};
	const char *text;
	size_t n;

	top_answer(&tracker, &tracked, &request, out);
	text = out_text(out, &n);
	cr_assert_eq(top_data_read(text, n, data, &err), 0, "%s", err.text);
	out_close(out, &err);
}

TestSuite(top_answer, .init = begin, .fini = end);

/* It may be asked about before it has told its name. */
Test(top_answer, a_process_of_which_nothing_is_known)
{
	struct top_data data;

	ask(0, &data);
	cr_expect_eq(data.pid, 42);
	cr_assert_not_null(data.program);
	cr_expect_eq(data.n_rows, 0);
	cr_expect(!data.has_stack);
	top_data_release(&data);
}

Test(top_answer, a_block_whose_stack_is_not_known)
{
	const struct mem_event event = {.op = WIRE_ALLOC, .addr = 0x1000, .size_bytes = 100, .stack = 7};
	struct top_data data;

	process_apply(process, &event, 1);
	ask(0, &data);
	cr_assert_eq(data.n_rows, 1);
	cr_expect_eq(data.rows[0].live_bytes, 100);
	cr_expect_eq(data.live_bytes, 100);
	cr_expect_str_eq(data.rows[0].where, "(the stack is not known)");
	top_data_release(&data);
}
