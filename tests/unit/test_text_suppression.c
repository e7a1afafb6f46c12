/* What the text says of rules, and the rules that it writes. */
#include "cli/render/text.h"

#include "cli/suppress/match.h"
#include "cli/suppress/parse.h"
#include "common/wire.h"
#include "tests/unit/golden.h"
#include "tests/unit/sample_report.h"

static const struct report_suppression rules[] = {
	{"legacy_init", "known.supp", 3, SUPPRESSION_USED, {16, 1048576}, 1, UINT64_MAX, UINT64_MAX, ""},
	{"a name\twith \033[1m", "known.supp", 5, SUPPRESSION_UNUSED, {0, 0}, 0, 4096, 10, ""},
	{"^grown$", "known.supp", 8, SUPPRESSION_EXCEEDED, {3, 4097}, 0, 4096, UINT64_MAX, ""},
	{"many", "known.supp", 12, SUPPRESSION_EXCEEDED, {30, 60}, 0, 4096, 29, ""},
	{"old", "known.supp", 14, SUPPRESSION_EXPIRED, {0, 0}, 0, UINT64_MAX, UINT64_MAX, "2026-01-31"},
};

static struct report_process with_rules(struct report_leak *leaks)
{
	struct report_process process = sample_scanned();

	memcpy(leaks, process.leaks, process.n_leaks * sizeof(*leaks));
	leaks[0].suppressed_by = "legacy_init";
	process.leaks = leaks;
	process.suppressions = rules;
	process.n_suppressions = MW_ARRAY_LEN(rules);
	return process;
}

Test(text_suppression, rules_in_the_report)
{
	const struct render_options plain = {.top = 20, .show = ~0u};
	const struct render_options verbose = {.top = 20, .show = ~0u, .verbose = true};
	const struct render_options memcheck = {
		.top = 20, .show = ~0u, .verbose = true, .memcheck = true, .gen_suppressions = GEN_VALGRIND};
	const struct render_options gen = {.top = 20, .show = ~0u, .gen_suppressions = GEN_VALGRIND};
	const struct render_options gen_lsan = {.top = 20, .show = ~0u, .gen_suppressions = GEN_LSAN};
	struct report_leak leaks[16];
	struct report_process process = with_rules(leaks);
	struct report report = sample_report(&process, 1);

	golden_render("text-suppressions", "text", &report, &plain);
	golden_render("text-suppressions-verbose", "text", &report, &verbose);
	golden_render("text-suppressions-memcheck", "text", &report, &memcheck);
	golden_render("text-suppressions-new", "text", &report, &gen);
	golden_render("text-suppressions-lsan", "text", &report, &gen_lsan);
	golden_render("json-suppressions", "json", &report, &plain);
}

/* Each rule that is written can be read, and matches its record. */
Test(text_suppression, what_is_written_is_read_back)
{
	static const char *const names[] = {"f",
					    " led by a blank",
					    "two\nlines",
					    "tab\tand\xff\xc3\xa9",
					    "operator*",
					    "?",
					    "ends in a blank ",
					    "# no comment",
					    "}",
					    "..."};

	for (unsigned kind = WIRE_KIND_MALLOC; kind <= WIRE_KIND_NEW_ARRAY; kind++) {
		for (size_t i = 0; i < MW_ARRAY_LEN(names); i++) {
			const struct report_frame frames[] = {
				{.function = names[i], .symbol = i % 2 ? names[i] : NULL},
				{.module = "/lib/libz.so.1"},
				{.offset = 7},
				{.function = "main"},
			};
			const struct report_frame *const stack[] = {&frames[0], &frames[1], &frames[2], &frames[3]};
			const struct report_leak leak = {.id = "00112233445566aa",
							 .verdict = VERDICT_POSSIBLE,
							 .allocator = wire_kind_name(kind),
							 .stack = {.frames = stack, .n_frames = 4}};
			struct out *out = out_memory();
			struct suppress_set set = {0};
			struct suppress_matcher *matcher;
			struct err err = {0};
			const char *text;
			size_t n;

			text_suppression(out, &leak);
			text = out_text(out, &n);
			cr_assert_eq(suppress_parse(&set, "x", text, n, &err), 0, "%s\n%s", err.text, text);
			cr_assert_eq(set.n_rules, 1);
			matcher = suppress_matcher_new(&set);
			cr_assert_eq(suppress_match(matcher, &leak.stack, kind, VERDICT_POSSIBLE, NULL, 0), 0, "%s",
				     text);
			cr_assert_eq(suppress_match(matcher, &leak.stack, kind, VERDICT_DEFINITE, NULL, 0),
				     SUPPRESS_NONE);
			suppress_matcher_free(matcher);
			suppress_release(&set);
			out_close(out, &err);
		}
	}
}

Test(text_suppression, what_is_written_for_lsan_is_read_back)
{
	static const char *const names[] = {"f",
					    " led by a blank",
					    "two\nlines",
					    "a$b",
					    "operator^(X)",
					    "ends in a blank ",
					    "# no comment",
					    "\xc3\xa9t\xc3\xa9",
					    NULL};

	for (size_t i = 0; i < MW_ARRAY_LEN(names); i++) {
		const struct report_frame frame = {.function = names[i], .module = "/lib/libz.so.1"};
		const struct report_frame *const stack[] = {&frame};
		const struct report_leak leak = {.id = "00112233445566aa", .stack = {.frames = stack, .n_frames = 1}};
		struct out *out = out_memory();
		struct suppress_set set = {0};
		struct suppress_matcher *matcher;
		struct err err = {0};
		const char *text;
		size_t n;

		text_suppression_lsan(out, &leak);
		text = out_text(out, &n);
		cr_assert_eq(suppress_parse(&set, "x", text, n, &err), 0, "%s\n%s", err.text, text);
		cr_assert_eq(set.n_rules, 1);
		matcher = suppress_matcher_new(&set);
		cr_assert_eq(suppress_match(matcher, &leak.stack, WIRE_KIND_MALLOC, VERDICT_DEFINITE, NULL, 0), 0, "%s",
			     text);
		suppress_matcher_free(matcher);
		suppress_release(&set);
		out_close(out, &err);
	}
}

Test(text_suppression, a_stack_that_is_not_known_has_none)
{
	const struct report_leak leak = {.id = "00112233445566aa", .allocator = "malloc"};
	struct out *out = out_memory();
	struct err err = {0};

	text_suppression(out, &leak);
	cr_assert_str_eq(out_text(out, NULL), "# leak-00112233445566aa has no suppression: its stack is not known\n");
	out_close(out, &err);
}
