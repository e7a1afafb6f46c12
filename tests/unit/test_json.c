#include "cli/render/render.h"

#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

#include <jansson.h>

static const struct render_options options;

static json_t *load(const struct report *report)
{
	char *text = render_string("json", report, &options);
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	cr_assert(root, "line %d: %s", error.line, error.text);
	cr_assert(text[strlen(text) - 1] == '\n');
	free(text);
	return root;
}

static json_t *first(json_t *root, const char *array)
{
	return json_array_get(json_object_get(root, array), 0);
}

static void has_fields(json_t *object, const char *const *names, size_t n)
{
	cr_assert(json_is_object(object));
	for (size_t i = 0; i < n; i++)
		cr_assert(json_object_get(object, names[i]), "no %s", names[i]);
}

#define HAS_FIELDS(object, ...)                                                                                        \
	has_fields(object, (const char *const[]){__VA_ARGS__}, MW_ARRAY_LEN(((const char *const[]){__VA_ARGS__})))

Test(json, golden)
{
	struct report_process processes[2] = {sample_process(), sample_clean(4243, "/srv/app/child", ORIGIN_FORK)};
	struct report report = sample_report(processes, 2);

	golden_render("json-report", "json", &report, &options);
}

Test(json, golden_verdicts)
{
	struct report_process process = sample_scanned();
	struct report report = sample_report(&process, 1);

	golden_render("json-verdicts", "json", &report, &options);
}

Test(json, golden_course)
{
	struct report_process process = sample_course();
	struct report report = sample_report(&process, 1);

	golden_render("json-course", "json", &report, &options);
}

Test(json, has_every_field)
{
	struct report_process processes[1] = {sample_process()};
	struct report report = sample_report(processes, 1);
	json_t *root = load(&report), *process = first(root, "processes"), *leak = first(process, "leaks");

	HAS_FIELDS(root, "schema", "memwatch_version", "processes", "gate");
	HAS_FIELDS(process, "pid", "parent_pid", "argv", "exe", "origin", "exit", "start_time", "duration_seconds",
		   "completeness", "totals", "verdicts", "leaks", "growth", "history", "warnings", "forecast",
		   "mismatches", "memstats", "overhead", "mappings");
	HAS_FIELDS(json_object_get(process, "exit"), "kind", "code", "signal");
	HAS_FIELDS(json_object_get(process, "completeness"), "complete", "records", "lost_records", "unknown_frees",
		   "truncated_stacks", "reasons");
	HAS_FIELDS(json_object_get(process, "totals"), "allocations", "frees", "reallocations", "allocated_bytes",
		   "freed_bytes", "live_blocks", "live_bytes", "inherited_blocks", "inherited_bytes", "peak_live_bytes",
		   "peak_seconds", "temporary_allocations", "failed_allocations");
	HAS_FIELDS(json_object_get(process, "verdicts"), "scanned", "why_not", "scans", "pause_ns_total", "definite",
		   "indirect", "possible", "reachable", "suppressed");
	HAS_FIELDS(leak, "id", "verdict", "blocks", "bytes", "indirect_blocks", "indirect_bytes", "allocator",
		   "first_seconds", "last_seconds", "thread_names", "suppressed_by", "held_by", "frames");
	HAS_FIELDS(first(leak, "frames"), "function", "file", "line", "module", "build_id", "offset", "inlined");
	HAS_FIELDS(json_object_get(process, "forecast"), "trend", "bytes_per_second", "r2", "limit_bytes",
		   "seconds_to_limit");
	HAS_FIELDS(json_object_get(process, "overhead"), "shim_bytes", "reporter_bytes", "reporter_cpu_seconds");
	HAS_FIELDS(json_object_get(root, "gate"), "passed", "failures");
	json_decref(root);
}

Test(json, values)
{
	struct report_process process = sample_process();
	struct report report = sample_report(&process, 1);
	json_t *root, *object;

	process.exit = (struct report_exit){.kind = EXIT_SIGNAL, .code = -1, .signal = 9};
	process.totals.allocated_bytes = UINT64_MAX;
	process.duration_seconds = 0.1;
	root = load(&report);
	object = first(root, "processes");
	cr_assert_str_eq(json_string_value(json_object_get(object, "start_time")), "2025-01-31T12:34:56.789Z");
	cr_assert_eq(json_real_value(json_object_get(object, "duration_seconds")), 0.1);
	cr_assert_eq(json_array_size(json_object_get(object, "leaks")), 4);
	cr_assert_str_eq(json_string_value(json_object_get(first(object, "leaks"), "verdict")), "unclassified");
	cr_assert(json_is_null(json_object_get(json_object_get(object, "exit"), "code")));
	cr_assert_str_eq(json_string_value(json_object_get(json_object_get(object, "exit"), "signal")), "SIGKILL");
	cr_assert_eq(json_integer_value(json_object_get(json_object_get(object, "totals"), "allocated_bytes")),
		     INT64_MAX);
	cr_assert(json_is_false(json_object_get(json_object_get(object, "verdicts"), "scanned")));
	json_decref(root);
}

Test(json, every_exit)
{
	static const struct {
		struct report_exit exit;
		const char *kind;
	} cases[] = {
		{{EXIT_EXIT, 3, 0}, "exit"},  {{EXIT_EXIT, -1, 0}, "exit"},       {{EXIT_SIGNAL, -1, 0}, "signal"},
		{{EXIT_EXEC, -1, 0}, "exec"}, {{EXIT_RUNNING, -1, 0}, "running"},
	};

	for (size_t i = 0; i < MW_ARRAY_LEN(cases); i++) {
		struct report_process process = sample_process();
		struct report report = sample_report(&process, 1);
		json_t *root, *exit;

		process.exit = cases[i].exit;
		root = load(&report);
		exit = json_object_get(first(root, "processes"), "exit");
		cr_assert_str_eq(json_string_value(json_object_get(exit, "kind")), cases[i].kind);
		cr_assert_eq(json_is_null(json_object_get(exit, "code")), i != 0);
		cr_assert(json_is_null(json_object_get(exit, "signal")));
		json_decref(root);
	}
}

Test(json, bytes_that_are_not_utf8_are_repaired)
{
	static const char *const argv[] = {"a\xff-b",          "\xed\xa0\x80", "\xc0\xaf", "line\nfeed\x01\"\\",
					   "\xf0\x9f\x98\x80", "\xe2\x82"};
	static const char *const wanted[] = {"a\xef\xbf\xbd-b",          "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
					     "\xef\xbf\xbd\xef\xbf\xbd", "line\nfeed\x01\"\\",
					     "\xf0\x9f\x98\x80",         "\xef\xbf\xbd\xef\xbf\xbd"};
	struct report_process process = sample_process();
	struct report report = sample_report(&process, 1);
	json_t *root, *array;

	process.argv = argv;
	process.argc = MW_ARRAY_LEN(argv);
	root = load(&report);
	array = json_object_get(first(root, "processes"), "argv");
	for (size_t i = 0; i < MW_ARRAY_LEN(argv); i++)
		cr_assert_str_eq(json_string_value(json_array_get(array, i)), wanted[i]);
	json_decref(root);
}

Test(json, no_processes)
{
	struct report report = sample_report(NULL, 0);
	json_t *root = load(&report);

	cr_assert_eq(json_array_size(json_object_get(root, "processes")), 0);
	json_decref(root);
}
