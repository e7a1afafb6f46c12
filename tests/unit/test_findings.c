#include "cli/render/findings.h"

#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

static const struct render_options lost = {.show = 1u << VERDICT_DEFINITE | 1u << VERDICT_POSSIBLE};
static const struct render_options all = {.show = ~0u};

/* A finding in a line. */
static void sentence(const struct finding *finding, const char *wanted)
{
	char *text = finding_message(finding);

	cr_expect_str_eq(text, wanted);
	free(text);
}

Test(findings, the_gravest_first_and_only_what_is_shown)
{
	struct report_process process = sample_scanned();
	struct report report = sample_report(&process, 1);
	struct findings findings = findings_collect(&report, &lost);

	cr_assert_eq(findings.n, 2);
	cr_expect_eq(findings.items[0].kind, FINDING_DEFINITE);
	cr_expect_eq(findings.items[0].level, FINDING_ERROR);
	sentence(&findings.items[0],
		 "1,048,640 bytes in 18 blocks definitely lost, allocated in cache_add, 64 bytes in "
		 "2 blocks of them by way of others");
	cr_expect_eq(findings.items[1].kind, FINDING_POSSIBLE);
	findings_release(&findings);
	findings = findings_collect(&report, &all);
	cr_assert_eq(findings.n, 4);
	sentence(&findings.items[2], "1 byte in 1 block still reachable, allocated in handle_request, held by global "
				     "cache_head in server (cache.c)");
	findings_release(&findings);
}

Test(findings, the_same_leak_of_many_processes_is_one)
{
	struct report_process processes[] = {sample_scanned(), sample_scanned(), sample_scanned()};
	struct report report = sample_report(processes, 3);
	struct findings findings = findings_collect(&report, &lost);

	cr_assert_eq(findings.n, 2);
	cr_expect_eq(findings.items[0].n_processes, 3);
	cr_expect_eq(findings.items[0].amount.bytes, 3 * UINT64_C(1048640));
	cr_expect_eq(findings.items[0].process, &processes[0]);
	findings_release(&findings);
}

Test(findings, suppressed_leaks_are_none)
{
	struct report_process process = sample_scanned();
	struct report report = sample_report(&process, 1);
	struct findings findings;

	sample_judged[0].suppressed_by = "leak:cache";
	findings = findings_collect(&report, &lost);
	cr_expect_eq(findings.n, 1);
	findings_release(&findings);
}

Test(findings, wrong_frees_and_the_highest_threshold)
{
	struct report_process processes[] = {sample_mismatched(), sample_course()};
	struct report report = sample_report(processes, 2);
	struct findings findings;

	processes[1].n_leaks = 0;
	processes[1].n_growth = 0;
	findings = findings_collect(&report, &lost);
	cr_assert_eq(findings.n, MW_ARRAY_LEN(sample_mismatches) + 1);
	sentence(&findings.items[0],
		 "90 % of the memory limit crossed: 5.2 MiB of 5.3 MiB, most of it allocated in cache_add "
		 "(limit: --limit)");
	sentence(&findings.items[1], "a block of new[] is released by free, freed in cache_add, 3 times");
	cr_expect_not_null(findings.items[1].other);
	for (size_t i = 0; i < findings.n; i++)
		cr_expect_eq(findings.items[i].level, FINDING_ERROR);
	findings_release(&findings);
}

Test(findings, nothing)
{
	struct report_process process = sample_clean(1, "/x", ORIGIN_RUN);
	struct report report = sample_report(&process, 1);
	struct findings findings = findings_collect(&report, &all);

	cr_expect_eq(findings.n, 0);
	findings_release(&findings);
}
