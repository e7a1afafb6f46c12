#include "cli/base/pattern.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(pattern, .timeout = 10);

static const struct pattern_values values = {.pid = 42, .program = "/usr/bin/prog", .sequence = 3, .time = 0};

static void expect(const char *pattern, const char *want)
{
	struct err err = {0};
	char *name = pattern_expand(pattern, &values, &err);

	cr_expect(name, "%s: %s", pattern, err.text);
	if (name)
		cr_expect_str_eq(name, want);
	free(name);
}

static void expect_error(const char *pattern, const char *part)
{
	struct err err = {0};

	cr_expect_eq(pattern_check(pattern, &err), -1, "'%s' is taken", pattern);
	cr_expect(strstr(err.text, part), "'%s' is not in: %s", part, err.text);
}

Test(pattern, conversions)
{
	setenv("TZ", "UTC", 1);
	setenv("PATTERN_TEST", "value", 1);
	expect("plain", "plain");
	expect("%p-%n-%e", "42-3-prog");
	expect("%t.json", "19700101-000000.json");
	expect("%q{PATTERN_TEST}/x", "value/x");
	expect("100%%", "100%");
}

Test(pattern, program_cannot_lead_elsewhere)
{
	const struct pattern_values odd = {.program = "/tmp/.."}, none = {.program = NULL};
	struct err err = {0};
	char *name = pattern_expand("%e", &odd, &err);

	cr_expect_str_eq(name, "unknown");
	free(name);
	name = pattern_expand("%e", &none, &err);
	cr_expect_str_eq(name, "unknown");
	free(name);
}

Test(pattern, errors)
{
	unsetenv("PATTERN_TEST");
	expect_error("", "empty");
	expect_error("x%", "single %");
	expect_error("%z", "%z");
	expect_error("%q", "braces");
	expect_error("%q{}", "braces");
	expect_error("%q{X", "braces");
	expect_error("%q{PATTERN_TEST}", "PATTERN_TEST");
}

Test(pattern, per_process)
{
	cr_expect(pattern_per_process("%p"));
	cr_expect(pattern_per_process("a%%%n"));
	cr_expect(pattern_per_process("x.%e"));
	cr_expect_not(pattern_per_process("%%p"));
	cr_expect_not(pattern_per_process("%t"));
	cr_expect_not(pattern_per_process("%"));
}

Test(pattern, of_a_file_that_is_read_before_the_program_runs)
{
	struct err err = {0};
	char *name = pattern_expand_input("%e-%%p", "/usr/bin/prog", &err);

	cr_expect_str_eq(name, "prog-%p");
	free(name);
	cr_expect_null(pattern_expand_input("%e", NULL, &err));
	err.text[0] = '\0';
	cr_expect_null(pattern_expand_input("%p", "prog", &err));
	cr_expect(strstr(err.text, "%p"), "%s", err.text);
	cr_expect_null(pattern_expand_input("%n", "prog", &err));
}

Test(pattern, that_has_the_pid)
{
	cr_expect(pattern_has_pid("x%%-%p"));
	cr_expect_not(pattern_has_pid("x%%p-%e"));
}
