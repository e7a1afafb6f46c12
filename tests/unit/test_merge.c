#include "cli/analysis/merge.h"

#include "tests/unit/sample_report.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(merge, .timeout = 30);

static struct report merge_all(const struct report *reports, size_t n)
{
	struct merge *merge = merge_new();
	struct report sum;

	for (size_t i = 0; i < n; i++)
		merge_add(merge, &reports[i]);
	merge_finish(merge, &sum);
	merge_free(merge);
	return sum;
}

Test(merge, counts_are_added_up_by_program)
{
	struct report_process first[2] = {sample_scanned(), sample_clean(7, "/bin/true", ORIGIN_EXEC)};
	struct report_process second[2] = {sample_clean(8, "/usr/bin/true", ORIGIN_EXEC), sample_scanned()};
	struct report reports[2] = {sample_report(first, 2), sample_report(second, 2)};
	struct report sum;
	const struct report_process *server;

	second[0].exit.code = 3;
	second[0].totals.peak_live_bytes = 1000;
	second[1].exe = "/elsewhere/server";
	sum = merge_all(reports, 2);
	cr_assert_eq(sum.n_processes, 2u);
	server = &sum.processes[0];
	cr_expect_str_eq(server->exe, SAMPLE_EXE);
	cr_expect_eq(server->merged, 2u);
	cr_expect_eq(server->totals.allocations, 2468u);
	cr_expect_eq(server->totals.peak_live_bytes, 5452595u, "the peak is of one process");
	cr_expect(server->verdicts.scanned);
	cr_expect_eq(server->verdicts.by_verdict[VERDICT_DEFINITE].blocks, 32u);
	cr_assert_eq(server->n_leaks, 4u);
	cr_expect_str_eq(server->leaks[0].id, "00112233445566aa");
	cr_expect_eq(server->leaks[0].direct.bytes, 2097152u);
	cr_expect_eq(server->leaks[0].indirect.blocks, 4u);
	cr_expect_str_eq(server->leaks[0].stack.frames[0]->function, "cache_add");
	cr_expect_eq(sum.processes[1].exit.code, 3, "that of the one that failed");
	cr_expect_eq(sum.processes[1].totals.peak_live_bytes, 1000u);
	report_clear(&sum);
}

Test(merge, the_order_of_reports_does_not_change_the_findings)
{
	struct report_process a[1] = {sample_scanned()}, b[1] = {sample_mismatched()}, c[1] = {sample_course()};
	struct report forward[3] = {sample_report(a, 1), sample_report(b, 1), sample_report(c, 1)};
	struct report backward[3] = {forward[2], forward[1], forward[0]};
	struct report x = merge_all(forward, 3), y = merge_all(backward, 3);

	cr_assert_eq(x.n_processes, 1u);
	cr_assert_eq(x.processes[0].n_leaks, y.processes[0].n_leaks);
	for (size_t i = 0; i < x.processes[0].n_leaks; i++) {
		cr_expect_str_eq(x.processes[0].leaks[i].id, y.processes[0].leaks[i].id);
		cr_expect_eq(x.processes[0].leaks[i].direct.bytes, y.processes[0].leaks[i].direct.bytes);
	}
	cr_expect_eq(x.processes[0].n_mismatches, 4u);
	cr_expect_eq(x.processes[0].n_warnings, 3u, "one of each threshold");
	report_clear(&x);
	report_clear(&y);
}

Test(merge, one_that_was_not_scanned_is_told)
{
	struct report_process a[1] = {sample_scanned()}, b[1] = {sample_process()};
	struct report reports[2] = {sample_report(a, 1), sample_report(b, 1)};
	struct report sum = merge_all(reports, 2);

	cr_expect_not(sum.processes[0].verdicts.scanned);
	cr_expect_str_eq(sum.processes[0].verdicts.why_not, "--no-scan was given");
	report_clear(&sum);
}

Test(merge, many)
{
	struct report_process process = sample_scanned();
	struct report report = sample_report(&process, 1);
	struct merge *merge = merge_new();
	struct report sum;

	for (int i = 0; i < 1000; i++)
		merge_add(merge, &report);
	merge_finish(merge, &sum);
	merge_free(merge);
	cr_expect_eq(sum.processes[0].merged, 1000u);
	cr_expect_eq(sum.processes[0].n_leaks, 4u);
	cr_expect_eq(sum.processes[0].leaks[0].direct.blocks, 16000u);
	report_clear(&sum);
	merge = merge_new();
	merge_finish(merge, &sum);
	cr_expect_eq(sum.n_processes, 0u);
	merge_free(merge);
	report_clear(&sum);
}
