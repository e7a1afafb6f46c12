#include "cli/render/render.h"

#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

#include <jansson.h>

static const struct render_options options;

static const struct report_site sites[] = {
	{.allocated = {10, 1000}, .live = {4, 400}, .stack = SAMPLE_STACK(sample_stack_plain)},
	{.allocated = {7, 70}, .stack = SAMPLE_STACK(sample_stack_cxx)},
	{.allocated = {1, 0}, .live = {1, 0}},
};

static struct report_process with_sites(void)
{
	struct report_process process = sample_process();

	process.sites = sites;
	process.n_sites = MW_ARRAY_LEN(sites);
	return process;
}

static json_t *parsed(const struct report *report)
{
	char *text = render_string("speedscope", report, &options);
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	cr_assert(root, "%s", text);
	free(text);
	return root;
}

Test(speedscope, golden)
{
	struct report_process process = with_sites();
	struct report report = sample_report(&process, 1);

	golden_render("speedscope", "speedscope", &report, &options);
}

Test(speedscope, the_first_shown_is_of_the_largest_process)
{
	struct report_process processes[] = {with_sites(), sample_clean(1, "/bin/readlink", ORIGIN_FORK), with_sites()};
	struct report report = sample_report(processes, 3);
	json_t *root, *profiles, *first;

	processes[0].shell = true; /* is left out */
	root = parsed(&report);
	profiles = json_object_get(root, "profiles");
	cr_assert_eq(json_array_size(profiles), 8);
	first = json_array_get(profiles, (size_t)json_integer_value(json_object_get(root, "activeProfileIndex")));
	cr_assert_str_eq(json_string_value(json_object_get(first, "name")), "live bytes: server (pid 4242)");
	cr_assert_eq(json_integer_value(json_object_get(first, "endValue")), 400);
	json_decref(root);
}

Test(speedscope, names_of_any_bytes)
{
	static const struct report_frame frame = {.function = "a\"\n\xff", .file = "b\\\xfe", .line = 3};
	static const struct report_frame *const stack[] = {&frame};
	static const struct report_site site = {.live = {1, 5}, .stack = {stack, 1, false}};
	struct report_process process = sample_process();
	struct report report = sample_report(&process, 1);
	json_t *root, *read;

	process.sites = &site;
	process.n_sites = 1;
	root = parsed(&report);
	read = json_array_get(json_object_get(json_object_get(root, "shared"), "frames"), 0);
	cr_assert_str_eq(json_string_value(json_object_get(read, "name")), "a\"\n\xef\xbf\xbd");
	cr_assert_str_eq(json_string_value(json_object_get(read, "file")), "b\\\xef\xbf\xbd");
	json_decref(root);
}

Test(speedscope, no_process)
{
	struct report report = sample_report(NULL, 0);
	json_t *root = parsed(&report);

	cr_assert_eq(json_array_size(json_object_get(root, "profiles")), 0);
	json_decref(root);
}
