#include "cli/load/load_report.h"

#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

TestSuite(load_report, .timeout = 20);

static const struct render_options plain = {.top = 20, .show = ~0u};

/* Written, read and written again it is the same. */
static void expect_same(struct report_process *processes, size_t n)
{
	struct report report = sample_report(processes, n), again;
	char *first = render_string("json", &report, &plain), *second;
	struct err err = {0};

	cr_assert_eq(load_report_bytes(first, strlen(first), "it", &again, &err), 0, "%s", err.text);
	cr_expect_eq(again.n_processes, n);
	again.memwatch_version = report.memwatch_version;
	second = render_string("json", &again, &plain);
	cr_expect_str_eq(second, first);
	report_clear(&again);
	free(first);
	free(second);
}

Test(load_report, each_member_comes_back)
{
	static const char *const reasons[] = {"3 calls could not be recorded in the program.", "\"quoted\""};
	static const struct report_suppression rules[] = {
		{.name = "a",
		 .file = "f",
		 .line = 3,
		 .state = SUPPRESSION_EXCEEDED,
		 .amount = {1, 2},
		 .max_bytes = 7,
		 .max_blocks = UINT64_MAX,
		 .expires = "2031-01-31"},
	};
	struct report_process processes[4] = {sample_course(), sample_mismatched(),
					      sample_clean(7, "/bin/true", ORIGIN_FORK), sample_process()};
	struct report_leak suppressed = processes[0].leaks[0];
	struct report_growth growth = {.id = "0123456789abcdef",
				       .verdict = GROWTH_GROWING,
				       .bytes_per_second = 1.5,
				       .live = {3, 4},
				       .lifetime_mean_seconds = -1,
				       .why = "it grows",
				       .stack = SAMPLE_STACK(sample_stack_plain)};

	suppressed.suppressed_by = "known";
	processes[0].leaks = &suppressed;
	processes[0].n_leaks = 1;
	processes[0].growth = &growth;
	processes[0].n_growth = 1;
	processes[0].suppressions = rules;
	processes[0].n_suppressions = 1;
	processes[1].exit = (struct report_exit){.kind = EXIT_SIGNAL, .code = -1, .signal = 11};
	processes[2].exit = (struct report_exit){.kind = EXIT_EXEC, .code = -1};
	processes[3].shell = true;
	processes[3].completeness = (struct report_completeness){.records = 1,
								 .lost_records = 2,
								 .unknown_frees = 3,
								 .truncated_stacks = 4,
								 .reasons = reasons,
								 .n_reasons = 2};
	expect_same(processes, 4);
	expect_same(processes, 0);
}

Test(load_report, what_is_of_the_system_is_told_again)
{
	struct report_process process = sample_scanned();
	struct report report = sample_report(&process, 1), again;
	char *text = render_string("json", &report, &plain);

	cr_assert_eq(load_report_bytes(text, strlen(text), "it", &again, NULL), 0);
	for (size_t i = 0; i < process.n_leaks; i++)
		for (size_t k = 0; k < process.leaks[i].stack.n_frames; k++)
			cr_expect_eq(again.processes[0].leaks[i].stack.frames[k]->system,
				     process.leaks[i].stack.frames[k]->system);
	report_clear(&again);
	free(text);
}

static void expect_refused(const char *text, const char *part)
{
	struct report report;
	struct err err = {0};

	cr_expect_eq(load_report_bytes(text, strlen(text), "some.json", &report, &err), -1, "taken: %s", text);
	cr_expect(strstr(err.text, "cannot read the report some.json: ") == err.text, "%s", err.text);
	cr_expect(strstr(err.text, part), "'%s' is not in: %s", part, err.text);
	cr_expect_eq(report.n_processes, 0u);
}

#define WITH(processes) "{\"schema\": \"memwatch-report/1\", \"processes\": " processes "}"

Test(load_report, bad_input)
{
	struct report report;
	struct err err = {0};

	expect_refused("", "it is not JSON");
	expect_refused("{\"schema\": ", "it is not JSON");
	expect_refused("[]", "no report of memwatch");
	expect_refused("{}", "no report of memwatch");
	expect_refused("{\"schema\": \"memwatch-report/2\", \"processes\": []}", "its schema is memwatch-report/2");
	expect_refused(WITH("3"), "no array of \"processes\"");
	expect_refused(WITH("[3]"), "\"processes\" is not an array of objects");
	expect_refused(WITH("[{\"pid\": -1}]"), "\"pid\" is not a number from 0 on");
	expect_refused(WITH("[{\"pid\": 1.5}]"), "\"pid\" is not");
	expect_refused(WITH("[{\"argv\": [3]}]"), "\"argv\" is not an array of strings");
	expect_refused(WITH("[{\"leaks\": [{}]}]"), "\"id\" is not 16 hex digits");
	expect_refused(WITH("[{\"leaks\": [{\"id\": \"0123456789abcdeF\"}]}]"), "\"id\" is not 16 hex digits");
	expect_refused(WITH("[{\"leaks\": [{\"id\": \"0123456789abcdef\", \"verdict\": \"lost\"}]}]"),
		       "\"verdict\" is not");
	expect_refused(WITH("[{\"leaks\": [{\"id\": \"0123456789abcdef\", \"frames\": [1]}]}]"), "\"frames\" is not");
	expect_refused(WITH("[{\"mismatches\": [{\"count\": 0}]}]"), "\"count\" is not at least 1");
	cr_expect_eq(load_report("/no/such/file", &report, &err), -1);
	cr_expect(strstr(err.text, "cannot read the report /no/such/file: No such file"), "%s", err.text);
	cr_assert_eq(load_report_bytes(WITH("[{}]"), strlen(WITH("[{}]")), "it", &report, NULL), 0,
		     "what is not there was not seen");
	report_clear(&report);
}
