#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

static const struct render_options options = {.show = ~0u, .source = {{"/srv/app", NULL}}};

Test(gitlab, findings_of_all_kinds)
{
	struct report_process processes[] = {sample_scanned(), sample_mismatched(), sample_course()};
	struct report report = sample_report(processes, 3);

	golden_render("gitlab-all", "gitlab", &report, &options);
}

Test(gitlab, paths_never_begin_with_a_slash)
{
	static const struct render_options elsewhere = {.show = ~0u, .source = {{"/home", NULL}}};
	struct report_process process = sample_scanned();
	struct report report = sample_report(&process, 1);
	char *text = render_string("gitlab", &report, &elsewhere);

	cr_expect(strstr(text, "\"path\": \"srv/app/src/cache.c\""));
	free(text);
}

Test(gitlab, nothing)
{
	struct report_process process = sample_clean(1, "/x", ORIGIN_RUN);
	struct report report = sample_report(&process, 1);
	char *text = render_string("gitlab", &report, &options);

	cr_expect_str_eq(text, "[]\n");
	free(text);
}
