/* A folder under /tmp for a test to compile in. */
#ifndef TESTS_UNIT_BUILD_FOLDER_H
#define TESTS_UNIT_BUILD_FOLDER_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static char dir[] = "/tmp/memwatch-test-XXXXXX";

static inline void make_dir(void)
{
	cr_assert_not_null(mkdtemp(dir));
}

/* A command of the shell in the folder; what it says goes to the file `log` there. Its status. */
static inline int run(const char *command)
{
	char line[1024];

	snprintf(line, sizeof(line), "cd %s && { %s; } >log 2>&1", dir, command);
	return system(line);
}

static inline void remove_dir(void)
{
	run("rm -rf \"$PWD\"");
}

#endif
