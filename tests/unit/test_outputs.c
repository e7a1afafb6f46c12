#include "cli/outputs/outputs.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/memwatch-outputs-XXXXXX";
static struct report_process processes[3];
static struct report report = {.processes = processes, .n_processes = 3, .gate_passed = true};
static struct options options;

static void init(void)
{
	static const char *const programs[] = {"/bin/one", "/bin/two", "/usr/bin/one"};

	cr_assert(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
	for (int i = 0; i < 3; i++) {
		processes[i].pid = 101 + i;
		processes[i].exe = (char *)(uintptr_t)programs[i];
	}
	opts_init(&options);
}

static void fini(void)
{
	opts_release(&options);
	cr_assert_eq(chdir("/"), 0);
	cr_expect_eq(rmdir(folder), 0, "a test left something in %s", folder);
}

TestSuite(outputs, .init = init, .fini = fini, .timeout = 10);

static int write_to(const char *pattern, struct err *err)
{
	const struct opts_output output = {"json", (char *)(uintptr_t)pattern};

	return outputs_write(&output, &options, &report, 0, err);
}

/* How often `part` is in the file, which is then removed; -1 when there is no file. */
static int count(const char *path, const char *part)
{
	static char text[100000];
	FILE *file = fopen(path, "r");
	size_t n;
	int found = 0;

	if (!file)
		return -1;
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	fclose(file);
	unlink(path);
	for (const char *s = strstr(text, part); s; s = strstr(s + 1, part))
		found++;
	return found;
}

Test(outputs, one_file_for_all)
{
	struct err err = {0};

	cr_assert_eq(write_to("all.json", &err), 0, "%s", err.text);
	cr_expect_eq(count("all.json", "\"pid\""), 3);
}

Test(outputs, a_file_for_each_process)
{
	struct err err = {0};

	cr_assert_eq(write_to("%n-%p.json", &err), 0, "%s", err.text);
	cr_expect_eq(count("1-101.json", "\"pid\""), 1);
	cr_expect_eq(count("2-102.json", "\"pid\""), 1);
	cr_expect_eq(count("3-103.json", "\"pid\""), 1);
}

Test(outputs, processes_of_one_name_share_a_file)
{
	struct err err = {0};

	cr_assert_eq(write_to("%e.json", &err), 0, "%s", err.text);
	cr_expect_eq(count("one.json", "\"pid\""), 2);
	cr_expect_eq(count("two.json", "\"pid\""), 1);
}

Test(outputs, failure_is_told)
{
	struct err err = {0};

	cr_expect_eq(write_to("/proc/none/%p", &err), -1);
	cr_expect(strstr(err.text, "/proc/none"), "%s", err.text);
}

Test(outputs, only_the_text_leaves_stacks_unread)
{
	struct err err = {0};

	cr_assert_eq(outputs_unread_verdicts(&options), 1u << VERDICT_INDIRECT | 1u << VERDICT_REACHABLE);
	cr_assert_eq(opts_set_words(&options, (char *[]){"show=all"}, 1, &err), 0);
	cr_assert_eq(outputs_unread_verdicts(&options), 0);
	cr_assert_eq(opts_set_words(&options, (char *[]){"show=definite"}, 1, &err), 0);
	cr_assert_neq(outputs_unread_verdicts(&options), 0);
	cr_assert_eq(opts_set_words(&options, (char *[]){"json=x"}, 1, &err), 0);
	cr_assert_eq(outputs_unread_verdicts(&options), 0);
}

Test(outputs, colour_by_precedence)
{
	unsetenv("NO_COLOR");
	unsetenv("CLICOLOR");
	unsetenv("CLICOLOR_FORCE");
	setenv("TERM", "xterm", 1);
	cr_expect(outputs_wants_color(COLOR_AUTO, true));
	cr_expect_not(outputs_wants_color(COLOR_AUTO, false));
	cr_expect(outputs_wants_color(COLOR_ALWAYS, false));
	cr_expect_not(outputs_wants_color(COLOR_NEVER, true));
	setenv("CLICOLOR", "0", 1);
	cr_expect_not(outputs_wants_color(COLOR_AUTO, true));
	setenv("CLICOLOR_FORCE", "1", 1);
	cr_expect(outputs_wants_color(COLOR_AUTO, false));
	setenv("NO_COLOR", "1", 1);
	cr_expect_not(outputs_wants_color(COLOR_AUTO, true));
	unsetenv("NO_COLOR");
	unsetenv("CLICOLOR_FORCE");
	unsetenv("CLICOLOR");
	setenv("TERM", "dumb", 1);
	cr_expect_not(outputs_wants_color(COLOR_AUTO, true));
}
