#include "cli/start/launch.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(launch, .timeout = 10);

static void expect_environment(char *const *env, const char *const *want)
{
	char **got = launch_environment(env, "/lib/shim.so", "/tmp/folder");
	size_t n = 0;

	for (; want[n] && got[n]; n++)
		cr_expect_str_eq(got[n], want[n]);
	cr_expect(!want[n] && !got[n], "%zu settings are not all", n);
	launch_free_environment(got);
}

Test(launch, environment_gets_two_settings)
{
	char *const env[] = {"A=1", "LD_PRELOADED=x", "EMPTY=", NULL};
	const char *const want[] = {
		"A=1", "LD_PRELOADED=x", "EMPTY=", "LD_PRELOAD=/lib/shim.so", "MEMWATCH_SESSION=/tmp/folder", NULL,
	};

	expect_environment(env, want);
}

Test(launch, earlier_settings_are_kept_or_replaced)
{
	char *const env[] = {"MEMWATCH_SESSION=/old", "LD_PRELOAD=/lib/other.so", "B=2", NULL};
	const char *const want[] = {"LD_PRELOAD=/lib/shim.so:/lib/other.so", "B=2", "MEMWATCH_SESSION=/tmp/folder",
				    NULL};

	expect_environment(env, want);
}

Test(launch, shim_is_not_preloaded_twice)
{
	char *const env[] = {"LD_PRELOAD=/lib/shim.so:/lib/other.so", NULL};
	const char *const want[] = {"LD_PRELOAD=/lib/shim.so:/lib/other.so", "MEMWATCH_SESSION=/tmp/folder", NULL};
	char *const alike[] = {"LD_PRELOAD=/lib/shim.so.2", NULL};
	const char *const want_alike[] = {"LD_PRELOAD=/lib/shim.so:/lib/shim.so.2", "MEMWATCH_SESSION=/tmp/folder",
					  NULL};

	expect_environment(env, want);
	expect_environment(alike, want_alike);
}

Test(launch, closed_standard_descriptors_are_not_taken_by_files_of_ours)
{
	struct launch launch;
	struct err err = {0};

	close(STDIN_FILENO);
	cr_expect_eq(launch_prepare(&launch, &err), 0, "%s", err.text);
	cr_expect_neq(fcntl(STDIN_FILENO, F_GETFD), -1);
	cr_expect(fcntl(STDIN_FILENO, F_GETFD) & FD_CLOEXEC, "the program would not find it closed");
}
