#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

static const struct render_options options = {.top = 20, .show = ~0u, .source = {{"/srv/app", NULL}}};

Test(markdown, findings_of_all_kinds)
{
	static const struct report_gate_failure failure = {"max-peak", "5,452,595 bytes | *more* than allowed"};
	struct report_process processes[] = {sample_scanned(), sample_mismatched(), sample_course()};
	struct report report = sample_report(processes, 3);

	processes[1].exit = (struct report_exit){.kind = EXIT_SIGNAL, .signal = 11};
	report.gate_passed = false;
	report.gate_failures = &failure;
	report.n_gate_failures = 1;
	golden_render("markdown-all", "markdown", &report, &options);
}

Test(markdown, nothing_found)
{
	struct report_process process = sample_clean(7, "/srv/app/a_b<c>", ORIGIN_RUN);
	struct report report = sample_report(&process, 1);

	report.n_gate_rules = 2;
	golden_render("markdown-clean", "markdown", &report, &options);
}

Test(markdown, the_end_of_a_long_list)
{
	static struct report_leak leaks[5000];
	static const struct render_options unlimited = {.show = ~0u};
	struct report_process process = sample_scanned();
	struct report report = sample_report(&process, 1);
	char *text;

	for (size_t i = 0; i < MW_ARRAY_LEN(leaks); i++) {
		leaks[i] = sample_judged[0];
		snprintf(leaks[i].id, sizeof(leaks[i].id), "%016zx", i);
	}
	process.leaks = leaks;
	process.n_leaks = MW_ARRAY_LEN(leaks);
	text = render_string("markdown", &report, &unlimited);
	cr_expect_lt(strlen(text), 300000u);
	cr_expect(strstr(text, "more findings not shown."));
	free(text);
	text = render_string("markdown", &report, &options);
	cr_expect(strstr(text, "4,980 more findings not shown."));
	free(text);
}
