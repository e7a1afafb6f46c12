#include "cli/render/render.h"

#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

static const struct render_options options;

Test(folded, one_process)
{
	struct report_process process = sample_process();
	struct report report = sample_report(&process, 1);

	golden_render("folded-one-process", "folded", &report, &options);
}

Test(folded, several_processes)
{
	struct report_process processes[] = {sample_process(), sample_process(),
					     sample_clean(9, "/srv/app/other", ORIGIN_FORK)};
	struct report report = sample_report(processes, 3);

	processes[1].n_leaks = 1; /* the same program: its lines add up */
	golden_render("folded-several-processes", "folded", &report, &options);
}

Test(folded, names_cannot_break_a_line)
{
	static const struct report_frame frames[] = {{.function = "a;b c,  d\n\t\xff\xc3\xa9"}, {.module = "/x/y z"}};
	static const struct report_frame *const stack[] = {&frames[0], &frames[1]};
	static const struct report_leak leak = {.direct = {1, 5}, .stack = {stack, 2, false}};
	struct report_process process = sample_process();
	struct report report = sample_report(&process, 1);
	char *text;

	process.leaks = &leak;
	process.n_leaks = 1;
	text = render_string("folded", &report, &options);
	cr_assert_str_eq(text, "y_z+0x0;a:b_c,_d???\xc3\xa9 5\n");
	free(text);
}

Test(folded, nothing_live)
{
	struct report_process process = sample_clean(1, "/x", ORIGIN_RUN);
	struct report report = sample_report(&process, 1);
	char *text = render_string("folded", &report, &options);

	cr_assert_str_empty(text);
	free(text);
}

Test(folded, a_stack_that_is_not_known)
{
	static const struct report_leak leak = {.direct = {1, 5}};
	struct report_process process = sample_process();
	struct report report = sample_report(&process, 1);
	char *text;

	process.leaks = &leak;
	process.n_leaks = 1;
	text = render_string("folded", &report, &options);
	cr_assert_str_eq(text, "server 5\n");
	free(text);
}
