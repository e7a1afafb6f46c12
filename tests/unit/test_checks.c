#include "cli/render/checks.h"

#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

Test(checks, what_could_not_be_judged_is_an_error)
{
	struct report_process process = sample_process();
	struct report report = sample_report(&process, 1);
	struct checks checks = checks_collect(&report);

	cr_assert_eq(checks.n, 3);
	cr_expect_eq(checks.items[0].result, CHECK_ERROR);
	cr_expect_str_eq(checks.items[0].message, "no leak scan of process 4242: --no-scan was given");
	cr_expect_eq(checks.items[2].result, CHECK_PASSED);
	cr_expect_eq(checks_count(&checks, CHECK_ERROR), 2);
	checks_release(&checks);
}

Test(checks, a_program_that_failed_comes_first)
{
	struct report_process processes[] = {sample_clean(1, "/bin/sh", ORIGIN_RUN),
					     sample_clean(2, "/srv/app/x", ORIGIN_FORK)};
	struct report report = sample_report(processes, 2);
	struct checks checks;

	processes[0].shell = true;
	processes[1].exit.code = 3;
	cr_expect_eq(report_main_process(&report), &processes[1]);
	checks = checks_collect(&report);
	cr_assert_eq(checks.n, 4);
	cr_expect_str_eq(checks.items[0].rule, "program");
	cr_expect_str_eq(checks.items[0].message, "exited with status 3");
	cr_expect_eq(checks_count(&checks, CHECK_PASSED), 3);
	checks_release(&checks);
}
