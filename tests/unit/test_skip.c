#include "cli/session/skip.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

/* The processes left of: 1 make, 2 sh (forked by 1, exec), 3 cc (child of 2), 4 test (child of 1), 2 again (reused). */
static void left(const char *patterns, const char *wanted)
{
	static const struct report_process family[] = {
		{.pid = 1, .exe = "/usr/bin/make", .origin = ORIGIN_RUN},
		{.pid = 2, .parent_pid = 1, .exe = "/usr/bin/make", .origin = ORIGIN_FORK},
		{.pid = 2, .parent_pid = 1, .exe = "/bin/sh", .origin = ORIGIN_EXEC},
		{.pid = 3, .parent_pid = 2, .exe = "/usr/bin/cc", .origin = ORIGIN_EXEC},
		{.pid = 4, .parent_pid = 1, .exe = "/src/test", .origin = ORIGIN_EXEC},
		{.pid = 2, .parent_pid = 1, .exe = "/src/test", .origin = ORIGIN_FORK},
	};
	struct report report = {0};
	char text[100] = "";

	for (size_t i = 0; i < sizeof(family) / sizeof(family[0]); i++)
		*report_add_process(&report) = family[i];
	skip_processes(&report, patterns);
	for (size_t i = 0; i < report.n_processes; i++) {
		size_t n = strlen(text);

		snprintf(text + n, sizeof(text) - n, "%d:%s ", report.processes[i].pid,
			 strrchr(report.processes[i].exe, '/') + 1);
	}
	cr_expect_str_eq(text, wanted, "%s leaves %s", patterns, text);
	report_clear(&report);
}

Test(skip, a_program_and_its_descendants)
{
	left("/none", "1:make 2:make 2:sh 3:cc 4:test 2:test ");
	left("", "1:make 2:make 2:sh 3:cc 4:test 2:test ");
	left("*/sh", "1:make 2:make 4:test 2:test ");
	left("*/cc,/src/*", "1:make 2:make 2:sh 2:test ");
	left("/bin/s?", "1:make 2:make 4:test 2:test ");
	left("/usr/bin/make", "1:make 2:make 2:sh 3:cc 4:test 2:test "); /* forks are the same program */
}
