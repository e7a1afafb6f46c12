#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

static const struct render_options options = {.show = ~0u, .source = {{"/srv/app", NULL}}};

Test(github, annotations)
{
	static const struct report_gate_failure failure = {"max-peak", "100 % of it, and\nmore"};
	struct report_process processes[] = {sample_scanned(), sample_mismatched()};
	struct report report = sample_report(processes, 2);

	report.gate_failures = &failure;
	report.n_gate_failures = 1;
	golden_render("github-annotations", "github", &report, &options);
}

Test(github, ten_of_a_level)
{
	static struct report_leak leaks[13];
	struct report_process process = sample_scanned();
	struct report report = sample_report(&process, 1);
	size_t n = 0;
	char *text;

	for (size_t i = 0; i < MW_ARRAY_LEN(leaks); i++) {
		snprintf(leaks[i].id, sizeof(leaks[i].id), "%016zx", i);
		leaks[i].direct = (struct report_amount){1, 1 + i};
	}
	process.leaks = leaks;
	process.n_leaks = MW_ARRAY_LEN(leaks);
	text = render_string("github", &report, &options);
	for (const char *s = text; (s = strstr(s, "\n::error ")); s++)
		n++;
	cr_expect_eq(n, 10);
	cr_expect(strstr(text, "3 more findings not annotated"));
	free(text);
}

Test(github, a_command_cannot_be_slipped_in)
{
	static const struct report_frame frame = {.function = "f\n::error::x"};
	static const struct report_frame *const frames[] = {&frame};
	static const struct report_leak leak = {.direct = {1, 2}, .stack = {frames, 1, false}};
	struct report_process process = sample_clean(1, "/srv/app/x", ORIGIN_RUN);
	struct report report = sample_report(&process, 1);
	char *text;

	process.leaks = &leak;
	process.n_leaks = 1;
	text = render_string("github", &report, &options);
	cr_expect_null(strstr(text, "\n::error::x"));
	free(text);
}

Test(github, nothing_to_tell)
{
	struct report_process process = sample_clean(1, "/x", ORIGIN_RUN);
	struct report report = sample_report(&process, 1);
	char *text = render_string("github", &report, &options);

	cr_expect_str_empty(text);
	free(text);
}
