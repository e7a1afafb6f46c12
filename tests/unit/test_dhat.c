#include "cli/render/render.h"

#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

#include <jansson.h>

static const struct render_options options;

static const struct report_site sites[] = {
	{.allocated = {9, 9000}, .live = {4, 4000}, .peak = {5, 5000}, .age_seconds = 1.5,
	 .stack = SAMPLE_STACK(sample_stack_plain)},
	{.allocated = {2, 300}, .live = {2, 300}, .peak = {1, 100}, .stack = SAMPLE_STACK(sample_stack_cxx)},
	{.allocated = {1, 3}, .peak = {1, 3}, .age_seconds = 0.000001, .stack = SAMPLE_STACK(sample_stack_strdup)},
	{.allocated = {1, 1},
	 .stack = {sample_stack_strdup, MW_ARRAY_LEN(sample_stack_strdup), .truncated = true}},
	{.allocated = {1, 2}, .live = {1, 2}},
};

static struct report_process with_sites(void)
{
	struct report_process process = sample_course();

	process.sites = sites;
	process.n_sites = MW_ARRAY_LEN(sites);
	return process;
}

Test(dhat, golden)
{
	struct report_process process = with_sites();
	struct report report = sample_report(&process, 1);

	golden_render("dhat", "dhat", &report, &options);
}

/* What the viewer gives up at: a number of no frame, or two stacks that are the same. */
Test(dhat, stacks_differ_and_have_frames)
{
	struct report_process process = with_sites();
	struct report report = sample_report(&process, 1);
	char *text = render_string("dhat", &report, &options);
	json_t *root = json_loads(text, 0, NULL), *pps = json_object_get(root, "pps"), *frames;
	size_t n_frames = json_array_size(json_object_get(root, "ftbl"));

	cr_assert_eq(json_array_size(pps), MW_ARRAY_LEN(sites));
	for (size_t i = 0; i < json_array_size(pps); i++) {
		frames = json_object_get(json_array_get(pps, i), "fs");
		cr_assert_geq(json_array_size(frames), 1);
		for (size_t k = 0; k < json_array_size(frames); k++) {
			cr_assert_geq(json_integer_value(json_array_get(frames, k)), 1);
			cr_assert_lt((size_t)json_integer_value(json_array_get(frames, k)), n_frames);
		}
		for (size_t k = 0; k < i; k++)
			cr_assert(!json_equal(frames, json_object_get(json_array_get(pps, k), "fs")));
	}
	json_decref(root);
	free(text);
}

Test(dhat, of_several_processes_the_largest)
{
	struct report_process processes[] = {sample_clean(1, "/bin/readlink", ORIGIN_FORK), with_sites()};
	struct report report = sample_report(processes, 2);
	char *text = render_string("dhat", &report, &options);

	cr_assert(strstr(text, "\"pid\": 4242,"), "%s", text);
	free(text);
}

Test(dhat, no_process)
{
	struct report report = sample_report(NULL, 0);
	char *text = render_string("dhat", &report, &options);

	cr_assert(strstr(text, "\"pps\": []"), "%s", text);
	free(text);
}
