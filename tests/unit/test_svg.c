#include "cli/render/render.h"

#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

static const struct render_options options;

Test(svg, one_process)
{
	struct report_process process = sample_scanned();
	struct report report = sample_report(&process, 1);

	golden_render("svg-one-process", "svg", &report, &options);
}

Test(svg, several_processes_without_verdicts)
{
	struct report_process processes[] = {sample_process(), sample_process()};
	struct report report = sample_report(processes, 2);

	processes[1].pid = 4243;
	golden_render("svg-several-processes", "svg", &report, &options);
}

Test(svg, nothing_live)
{
	struct report_process process = sample_clean(1, "/x", ORIGIN_RUN);
	struct report report = sample_report(&process, 1);
	char *text = render_string("svg", &report, &options);

	cr_assert(strstr(text, "Nothing is live."));
	cr_assert(strstr(text, "</svg>"));
	free(text);
}

Test(svg, names_are_harmless)
{
	static const struct report_frame frame = {
		.function = "</title><script>alert(1)</script>\xff\x01", .file = "<&'\".c", .module = "]]>"};
	static const struct report_frame *const stack = &frame;
	static const struct report_leak leak = {.direct = {1, 5}, .stack = {&stack, 1, false}};
	struct report_process process = {.exe = "/x/<b>", .leaks = &leak, .n_leaks = 1};
	struct report report = sample_report(&process, 1);
	char *text = render_string("svg", &report, &options);

	cr_assert_not(strstr(text, "<script"));
	cr_assert_not(strstr(text, "<b>"));
	cr_assert(strstr(text, "&lt;script&gt;alert(1)"));
	cr_assert(strstr(text, "&lt;&amp;'&quot;.c"));
	free(text);
}
