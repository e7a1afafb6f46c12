#include "cli/render/html_page.h"
#include "cli/render/render.h"

#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

#include <jansson.h>

static const struct render_options options;

/* What is within the element of the data; for free(). */
static char *data_of(const char *page, const char *type)
{
	char *begin, *end;
	char tag[100];

	snprintf(tag, sizeof(tag), "<script type=\"%s\" id=\"report\">\n", type);
	begin = strstr(page, tag);
	cr_assert(begin, "no %s", tag);
	begin += strlen(tag);
	end = strstr(begin, "</script>");
	cr_assert(end);
	return strndup(begin, (size_t)(end - begin));
}

Test(html, data_is_the_json_report_and_no_markup)
{
	static const struct report_frame frame = {.function = "</script><script>alert(1)</script><!--",
						  .file = "<b>&amp;"};
	static const struct report_frame *const stack = &frame;
	static const struct report_leak leak = {.direct = {1, 5}, .stack = {&stack, 1, false}};
	struct report_process process = sample_course();
	struct report report = sample_report(&process, 1);
	char *page, *data, *json;
	json_t *got, *wanted;

	process.leaks = &leak;
	process.n_leaks = 1;
	page = render_string("html", &report, &options);
	json = render_string("json", &report, &options);
	data = data_of(page, "application/json");
	cr_assert_null(strchr(data, '<'));
	got = json_loads(data, JSON_REJECT_DUPLICATES, NULL);
	wanted = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
	cr_assert(got);
	cr_assert(json_equal(got, wanted));
	json_decref(got);
	json_decref(wanted);
	free(data);
	free(json);
	free(page);
}

/* The flame graph's "allocated": in the page alone. */
Test(html, has_what_each_stack_allocated)
{
	static const struct report_site sites[] = {
		{.allocated = {10, 1000}, .live = {4, 400}, .stack = SAMPLE_STACK(sample_stack_plain)},
		{.allocated = {7, 70}},
	};
	struct report_process process = sample_process();
	struct report report = sample_report(&process, 1);
	char *page, *data, *json;
	json_t *got, *list;

	process.sites = sites;
	process.n_sites = 2;
	page = render_string("html", &report, &options);
	json = render_string("json", &report, &options);
	cr_assert_null(strstr(json, "\"sites\""));
	data = data_of(page, "application/json");
	got = json_loads(data, JSON_REJECT_DUPLICATES, NULL);
	list = json_object_get(json_array_get(json_object_get(got, "processes"), 0), "sites");
	cr_assert_eq(json_array_size(list), 2);
	cr_assert_eq(json_integer_value(json_object_get(json_array_get(list, 0), "allocated_bytes")), 1000);
	cr_assert_eq(json_integer_value(json_object_get(json_array_get(list, 1), "allocations")), 7);
	cr_assert_eq(json_array_size(json_object_get(json_array_get(list, 0), "frames")),
		     MW_ARRAY_LEN(sample_stack_plain));
	json_decref(got);
	free(data);
	free(json);
	free(page);
}

Test(html, page_is_whole)
{
	struct report_process process = sample_scanned();
	struct report report = sample_report(&process, 1);
	char *page = render_string("html", &report, &options);

	cr_assert_eq(strncmp(page, "<!doctype html>", 15), 0);
	cr_assert(strstr(page, "default-src 'none'; script-src 'sha256-"));
	cr_assert_null(strstr(page, "@SCRIPT@"));
	cr_assert(strstr(page, "</html>"));
	free(page);
}

Test(html, large_reports_are_packed)
{
	enum { N = 2000 };
	struct report_process process = sample_scanned();
	struct report report = sample_report(&process, 1);
	struct report_leak *leaks = calloc(N, sizeof(*leaks));
	char *page, *data;

	for (size_t i = 0; i < N; i++) {
		leaks[i] = sample_judged[i % MW_ARRAY_LEN(sample_judged)];
		leaks[i].direct.bytes = i;
	}
	process.leaks = leaks;
	process.n_leaks = N;
	page = render_string("html", &report, &options);
	data = data_of(page, "text/plain");
	cr_assert_eq(strspn(data, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="),
		     strlen(data) - 1);
	cr_assert_eq((strlen(data) - 1) % 4, 0);
	cr_assert_lt(strlen(data), 200000);
	free(data);
	free(page);
	free(leaks);
}
