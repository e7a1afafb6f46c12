/* What is told over HTTP in texts: metrics, Go's variables, gperftools' profile. */
#include "cli/render/metrics.h"

#include "cli/render/pprof.h"
#include "cli/render/vars.h"
#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

#include <math.h>

static void check(const char *golden, struct out *out)
{
	golden_check(golden, out_text(out, NULL));
	cr_assert_eq(out_close(out, NULL), 0);
}

static const struct metrics_process figures = {
	.cpu_seconds = 12.25,
	.start_seconds = 1738327000.5,
	.virtual_bytes = 123456789,
	.resident_bytes = 9876543,
	.open_fds = 17,
	.max_fds = 1024,
	.max_virtual_bytes = INFINITY,
};

static const struct report_function functions[] = {
	{"std::vector<int, std::allocator<int> >::push_back(int const&)", {3, 3000}, {9, 9000}},
	{"std::vector<char, std::allocator<char> >::push_back(char const&)", {1, 100}, {2, 200}},
	{"say \"\\hello\\\"\n\xff", {2, 2000}, {2, 2000}},
	{"[libfoo.so]", {0, 0}, {5, 5}},
};

static struct report two(struct report_process *processes)
{
	processes[0] = sample_course();
	processes[0].exit.kind = EXIT_RUNNING;
	processes[0].functions = functions;
	processes[0].n_functions = MW_ARRAY_LEN(functions);
	processes[1] = sample_clean(7, "/x", ORIGIN_FORK);
	return sample_report(processes, 2);
}

Test(metrics, of_a_running_and_an_ended_process)
{
	struct report_process processes[2];
	struct report report = two(processes);
	struct out *out = out_memory();

	metrics_print(&report, &(struct metrics_options){.process = &figures}, out);
	check("metrics-prometheus", out);
}

Test(metrics, openmetrics)
{
	struct report_process processes[2];
	struct report report = two(processes);
	struct out *out = out_memory();

	metrics_print(&report, &(struct metrics_options){.openmetrics = true, .process = &figures}, out);
	check("metrics-openmetrics", out);
}

/* Each is a series where they are kept: there must not be as many as a program has functions. */
Test(metrics, only_a_few_functions)
{
	struct report_function many[1000];
	char names[1000][16];
	struct report_process process = sample_course();
	struct report report = sample_report(&process, 1);
	struct out *out = out_memory();
	const char *at;
	size_t n = 0;

	for (size_t i = 0; i < 1000; i++) {
		snprintf(names[i], sizeof(names[i]), "f%zu", i);
		many[i] = (struct report_function){names[i], {1, 1000 - i}, {1, 1000 - i}};
	}
	process.exit.kind = EXIT_RUNNING;
	process.functions = many;
	process.n_functions = 1000;
	metrics_print(&report, &(struct metrics_options){0}, out);
	for (at = out_text(out, NULL); (at = strstr(at, "\nmemwatch_function_live_bytes{")); at++)
		n++;
	cr_assert_eq(n, 10);
	cr_assert(strstr(out_text(out, NULL), "\nmemwatch_function_live_bytes{function=\"f9\"} 991\n"));
	cr_assert(!strstr(out_text(out, NULL), "process_"));
	out_close(out, NULL);
}

Test(metrics, which_format)
{
	cr_assert(metrics_wants_openmetrics("application/openmetrics-text;version=1.0.0,text/plain;q=0.5"));
	cr_assert_not(metrics_wants_openmetrics("text/plain;version=0.0.4"));
	cr_assert_not(metrics_wants_openmetrics(""));
}

Test(vars, of_a_process)
{
	struct report_process process = sample_process();
	struct out *out = out_memory();

	vars_print(&process, out);
	check("vars", out);
}

Test(pprof_text, with_and_without_notes)
{
	static const struct report_site sites[] = {
		{.allocated = {10, 1000}, .live = {4, 400}, .stack = SAMPLE_STACK(sample_stack_plain)},
		{.allocated = {7, 70}, .stack = SAMPLE_STACK(sample_stack_cxx)},
		{.allocated = {1, 0}, .live = {1, 0}},
	};
	static const struct report_module module = {.path = SAMPLE_EXE,
						    .build_id = SAMPLE_BUILD_ID,
						    .bias = 0x555500000000,
						    .start = 0x555500001000,
						    .end = 0x555500003000,
						    .file_offset = 0x1000};
	struct report_process process = sample_process();
	struct report report = sample_report(&process, 1);
	struct out *out = out_memory();

	process.sites = sites;
	process.n_sites = 3;
	process.modules = &module;
	process.n_modules = 1;
	pprof_heap_text(&report, false, out);
	check("pprof-text", out);
	out = out_memory();
	pprof_heap_text(&report, true, out);
	check("pprof-text-notes", out);
}
