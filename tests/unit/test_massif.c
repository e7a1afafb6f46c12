#include "cli/render/render.h"

#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

static const struct render_options options;

static const struct report_site sites[] = {
	{.live = {4, 4000}, .peak = {5, 5000}, .stack = SAMPLE_STACK(sample_stack_plain)},
	{.live = {2, 300}, .peak = {2, 300}, .stack = SAMPLE_STACK(sample_stack_cxx)},
	{.peak = {1, 3}, .stack = SAMPLE_STACK(sample_stack_strdup)},
	{.live = {1, 1}, .stack = SAMPLE_STACK(sample_stack_strdup)},
	{.live = {1, 2}},
};

static struct report_process with_sites(void)
{
	struct report_process process = sample_course();

	process.sites = sites;
	process.n_sites = MW_ARRAY_LEN(sites);
	process.totals.peak_live_bytes = 5303;
	process.totals.live_bytes = 4303;
	return process;
}

Test(massif, golden)
{
	struct report_process process = with_sites();
	struct report report = sample_report(&process, 1);

	golden_render("massif", "massif", &report, &options);
}

Test(massif, of_several_processes_the_largest)
{
	struct report_process processes[] = {sample_course(), sample_clean(1, "/bin/readlink", ORIGIN_FORK),
					     with_sites()};
	struct report report = sample_report(processes, 3);
	char *text;

	processes[0].shell = true;
	processes[0].pid = 7;
	processes[1].totals.peak_live_bytes = 5302;
	text = render_string("massif", &report, &options);
	cr_assert(strstr(text, ", pid 4242 of 3 processes (%p in the name of the file: a file each)\ncmd: ./server "));
	free(text);
}

Test(massif, names_cannot_break_a_line)
{
	static const struct report_frame frame = {.function = "a\nsnapshot=7\xff", .file = "/b\nc", .line = 3};
	static const struct report_frame *const stack[] = {&frame};
	static const struct report_site site = {.live = {1, 5}, .stack = {stack, 1, false}};
	struct report_process process = sample_clean(1, "/x", ORIGIN_RUN);
	struct report report = sample_report(&process, 1);
	char *text;

	process.sites = &site;
	process.n_sites = 1;
	text = render_string("massif", &report, &options);
	cr_assert(strstr(text, "\n n0: 5 0x0: a\\nsnapshot=7\\xff (b\\nc:3)\n"), "%s", text);
	free(text);
}

Test(massif, nothing_was_allocated)
{
	struct report_process process = {.duration_seconds = 0.25};
	struct report report = sample_report(&process, 1);
	char *text = render_string("massif", &report, &options);

	cr_assert(strstr(text, "\nsnapshot=1\n#-----------\ntime=250\nmem_heap_B=0\n"), "%s", text);
	cr_assert(!strstr(text, "peak"));
	free(text);
}

Test(massif, no_process)
{
	struct report report = sample_report(NULL, 0);
	char *text = render_string("massif", &report, &options);

	cr_assert(strstr(text, "\ncmd:\ntime_unit: ms\n"));
	free(text);
}
