#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

#define LOST (1u << VERDICT_DEFINITE | 1u << VERDICT_POSSIBLE)

static const struct render_options options = {.show = LOST, .source = {{"/srv/app", NULL}}};

/* Gates of all kinds: passed, failed, failed twice, not known by its name. */
static const char *const rules[] = {"definite", "growth", "max-peak", "a <rule>"};
static const struct report_gate_failure failures[] = {
	{"definite", "1,048,576 bytes in 16 blocks are definitely lost"},
	{"max-peak", "5,452,595 bytes at the peak of process 4242"},
	{"max-peak", "7 bytes & more"},
	{"a <rule>", "\"\x01\xff"},
};

static void set_gates(struct report *report)
{
	report->gate_rules = rules;
	report->n_gate_rules = MW_ARRAY_LEN(rules);
	report->gate_failures = failures;
	report->n_gate_failures = MW_ARRAY_LEN(failures);
	report->gate_passed = false;
}

Test(junit, a_test_for_each_gate)
{
	struct report_process process = sample_scanned();
	struct report report = sample_report(&process, 1);

	set_gates(&report);
	golden_render("junit-gates", "junit", &report, &options);
	golden_render("tap-gates", "tap", &report, &options);
}

Test(junit, without_gates)
{
	struct report_process processes[] = {sample_process(), sample_mismatched()};
	struct report report = sample_report(processes, 2);

	processes[0].exit = (struct report_exit){.kind = EXIT_SIGNAL, .signal = 11};
	golden_render("junit-no-gates", "junit", &report, &options);
	golden_render("tap-no-gates", "tap", &report, &options);
}

Test(junit, all_is_well)
{
	struct report_process process = sample_clean(7, "/srv/app/a&b", ORIGIN_RUN);
	struct report report = sample_report(&process, 1);

	golden_render("junit-clean", "junit", &report, &options);
	golden_render("tap-clean", "tap", &report, &options);
}

Test(junit, no_process_at_all)
{
	struct report report = sample_report(NULL, 0);
	char *text = render_string("junit", &report, &options);

	cr_expect(strstr(text, "name=\"memwatch.program\""));
	free(text);
}
