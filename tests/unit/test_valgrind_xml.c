#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

static const struct render_options all = {.show = ~0u};
static const struct render_options lost = {.show = 1u << VERDICT_DEFINITE | 1u << VERDICT_POSSIBLE};

Test(valgrind_xml, leaks_and_wrong_frees_of_two_processes)
{
	static const struct report_suppression rule = {.name = "known <T>", .state = SUPPRESSION_USED, .records = 3};
	struct report_process processes[] = {sample_scanned(), sample_mismatched()};
	struct report report = sample_report(processes, 2);

	processes[0].suppressions = &rule;
	processes[0].n_suppressions = 1;
	golden_render("valgrind-xml", "valgrind-xml", &report, &all);
}

Test(valgrind_xml, no_verdicts)
{
	struct report_process process = sample_process();
	struct report report = sample_report(&process, 1);
	char *text = render_string("valgrind-xml", &report, &all);

	cr_expect_null(strstr(text, "<error>"));
	cr_expect(strstr(text, "not freed and not classified: --no-scan was given</line>"));
	free(text);
}

Test(valgrind_xml, numbers_that_readers_cannot_hold)
{
	static const struct report_leak leak = {.verdict = VERDICT_DEFINITE, .direct = {1, UINT64_C(5000000000)}};
	struct report_process process = sample_scanned();
	struct report report = sample_report(&process, 1);
	char *text;

	process.leaks = &leak;
	process.n_leaks = 1;
	text = render_string("valgrind-xml", &report, &lost);
	cr_expect(strstr(text, "<text>5,000,000,000 bytes in 1 blocks"));
	cr_expect(strstr(text, "<leakedbytes>2147483647</leakedbytes>"));
	cr_expect(strstr(text, "<ip>0x0</ip>"));
	free(text);
}

Test(valgrind_xml, no_process_at_all)
{
	struct report report = sample_report(NULL, 0);
	char *text = render_string("valgrind-xml", &report, &lost);

	cr_expect(strstr(text, "</valgrindoutput>"));
	free(text);
}
