#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

static const struct render_options options = {.show = ~0u, .source = {{"/srv/app", NULL}}};

Test(sarif, findings_of_all_kinds)
{
	struct report_process processes[] = {sample_scanned(), sample_mismatched(), sample_course()};
	struct report report = sample_report(processes, 3);

	processes[0].completeness.complete = false;
	golden_render("sarif-all", "sarif", &report, &options);
}

Test(sarif, braces_are_no_placeholders)
{
	static const struct report_frame frame = {.function = "main::{lambda(int)#1}::operator()(int) const"};
	static const struct report_frame *const frames[] = {&frame};
	static const struct report_leak leak = {
		.id = "00112233445566aa", .direct = {1, 2}, .stack = {frames, 1, false}};
	struct report_process process = sample_clean(1, "/srv/app/x", ORIGIN_RUN);
	struct report report = sample_report(&process, 1);
	char *text;

	process.leaks = &leak;
	process.n_leaks = 1;
	text = render_string("sarif", &report, &options);
	cr_expect(strstr(text, "in main::{{lambda(int)#1}}::operator()"));
	free(text);
}

Test(sarif, no_more_results_than_are_shown)
{
	static struct report_leak leaks[5002];
	struct report_process process = sample_clean(1, "/srv/app/x", ORIGIN_RUN);
	struct report report = sample_report(&process, 1);
	size_t n = 0;
	char *text;

	for (size_t i = 0; i < MW_ARRAY_LEN(leaks); i++) {
		snprintf(leaks[i].id, sizeof(leaks[i].id), "%016zx", i);
		leaks[i].direct = (struct report_amount){1, 1};
	}
	process.leaks = leaks;
	process.n_leaks = MW_ARRAY_LEN(leaks);
	text = render_string("sarif", &report, &options);
	for (const char *s = text; (s = strstr(s, "\"ruleId\"")); s++)
		n++;
	cr_expect_eq(n, 5000);
	cr_expect(strstr(text, "2 more findings not listed"));
	free(text);
}
