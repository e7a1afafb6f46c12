#include "cli/render/render.h"

#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

#include <jansson.h>

static const struct render_options options;

Test(timeline, golden)
{
	static const struct report_growth growth[] = {
		{.id = "00112233445566aa",
		 .verdict = GROWTH_GROWING,
		 .bytes_per_second = 100,
		 .live = {16, 1048576},
		 .since_seconds = 0.25,
		 .why = "it grows",
		 .stack = SAMPLE_STACK(sample_stack_strdup)},
		{.id = "00112233445566ab", .verdict = GROWTH_BOUNDED, .stack = SAMPLE_STACK(sample_stack_cxx)},
	};
	struct report_process processes[] = {sample_course(), sample_clean(4243, "/srv/app/child", ORIGIN_FORK)};
	struct report report = sample_report(processes, 2);

	processes[0].growth = growth;
	processes[0].n_growth = MW_ARRAY_LEN(growth);
	processes[1].start_realtime_ns = processes[0].start_realtime_ns + 700000000;
	processes[1].exit = (struct report_exit){.kind = EXIT_SIGNAL, .code = -1, .signal = 9};
	golden_render("timeline", "timeline", &report, &options);
}

Test(timeline, times_begin_at_the_first_process)
{
	struct report_process processes[] = {sample_clean(2, "/b", ORIGIN_FORK), sample_clean(1, "/a", ORIGIN_RUN)};
	struct report report = sample_report(processes, 2);
	char *text;
	json_t *root, *event;
	size_t i, n_lives = 0;

	processes[0].start_realtime_ns = 5000000000;
	processes[1].start_realtime_ns = 3000000000;
	text = render_string("timeline", &report, &options);
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	cr_assert(root);
	json_array_foreach(json_object_get(root, "traceEvents"), i, event)
	{
		if (strcmp(json_string_value(json_object_get(event, "ph")), "X"))
			continue;
		cr_assert_eq(json_number_value(json_object_get(event, "ts")),
			     json_integer_value(json_object_get(event, "pid")) == 2 ? 2e6 : 0);
		n_lives++;
	}
	cr_assert_eq(n_lives, 2);
	json_decref(root);
	free(text);
}

Test(timeline, no_process)
{
	struct report report = sample_report(NULL, 0);
	char *text = render_string("timeline", &report, &options);
	json_t *root = json_loads(text, 0, NULL);

	cr_assert(root);
	cr_assert_eq(json_array_size(json_object_get(root, "traceEvents")), 0);
	json_decref(root);
	free(text);
}
