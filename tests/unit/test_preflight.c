#include "cli/start/preflight.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/memwatch-preflight-XXXXXX";
static struct preflight pf;

static void make_folder(void)
{
	cr_assert(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
}

static void remove_folder(void)
{
	static const char *const names[] = {"prog", "a", "b", "c", "d", "e", "f", "folder/prog", "folder"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		remove(names[i]);
	cr_assert_eq(chdir("/"), 0);
	cr_expect_eq(rmdir(folder), 0, "a test left something in %s", folder);
}

TestSuite(preflight, .init = make_folder, .fini = remove_folder, .timeout = 10);

static void put(const char *path, const char *text, size_t n, mode_t mode)
{
	FILE *file = fopen(path, "w");

	cr_assert(file);
	fwrite(text, 1, n, file);
	fclose(file);
	chmod(path, mode);
}

static void put_text(const char *path, const char *text)
{
	put(path, text, strlen(text), 0755);
}

static enum preflight_code check(const char *program)
{
	preflight_check(program, &pf);
	cr_expect_eq(pf.code == PREFLIGHT_OK, pf.problem[0] == '\0', "%s: '%s'", program, pf.problem);
	return pf.code;
}

Test(preflight, ordinary_program_is_found)
{
	cr_expect_eq(check("ls"), PREFLIGHT_OK, "%s", pf.problem);
	cr_expect_eq(pf.path[0], '/');
	cr_expect_str_eq(pf.binary, pf.path);
	cr_expect(strstr(pf.loader, "ld-linux-x86-64.so.2"));
	cr_expect_eq(preflight_status(PREFLIGHT_OK), 0);
}

Test(preflight, missing_programs)
{
	cr_expect_eq(check("no-such-program-here"), PREFLIGHT_NOT_FOUND);
	cr_expect(strstr(pf.problem, "PATH"));
	cr_expect_eq(check("./prog"), PREFLIGHT_NOT_FOUND);
	cr_expect_eq(check("/bin/ls/x"), PREFLIGHT_NOT_FOUND);
	cr_expect_eq(check(""), PREFLIGHT_NOT_FOUND);
	cr_expect_eq(preflight_status(PREFLIGHT_NOT_FOUND), 127);
}

Test(preflight, what_cannot_be_executed)
{
	char name[PATH_MAX + 100];

	put("prog", "#!/bin/sh\n", 10, 0644);
	cr_expect_eq(check("./prog"), PREFLIGHT_CANNOT_EXECUTE);
	cr_expect_eq(check("/tmp"), PREFLIGHT_CANNOT_EXECUTE);
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	cr_expect_eq(check(name), PREFLIGHT_CANNOT_EXECUTE);
	cr_expect_eq(preflight_status(PREFLIGHT_CANNOT_EXECUTE), 126);
}

Test(preflight, search_passes_over_what_cannot_be_executed)
{
	mkdir("folder", 0755);
	put("folder/prog", "", 0, 0644);
	put_text("prog", "#!/bin/sh\n");
	setenv("PATH", "/nonexistent:folder::/bin", 1);
	cr_expect_eq(check("prog"), PREFLIGHT_OK, "%s", pf.problem);
	cr_expect_str_eq(pf.path, "prog");
	setenv("PATH", "folder:/bin", 1);
	cr_expect_eq(check("prog"), PREFLIGHT_CANNOT_EXECUTE);
}

Test(preflight, scripts_and_their_interpreters)
{
	put_text("prog", "#! /bin/sh -e\n");
	cr_expect_eq(check("./prog"), PREFLIGHT_OK, "%s", pf.problem);
	cr_expect_str_eq(pf.binary, "/bin/sh");
	put_text("prog", "#!/usr/bin/env sh\n");
	cr_expect_eq(check("./prog"), PREFLIGHT_OK, "%s", pf.problem);
	cr_expect(strstr(pf.binary, "sh"));
	put_text("prog", "#!/no/such/thing\n");
	cr_expect_eq(check("./prog"), PREFLIGHT_NOT_FOUND);
	cr_expect(strstr(pf.problem, "/no/such/thing"));
	put_text("prog", "#!/tmp\n");
	cr_expect_eq(check("./prog"), PREFLIGHT_CANNOT_EXECUTE);
	put_text("prog", "#!  \n");
	cr_expect_eq(check("./prog"), PREFLIGHT_CANNOT_EXECUTE);
}

Test(preflight, chains_of_scripts_have_an_end)
{
	put_text("a", "#!/bin/sh\n");
	put_text("b", "#!./a\n");
	put_text("c", "#!./b\n");
	put_text("d", "#!./c\n");
	put_text("e", "#!./d\n");
	cr_expect_eq(check("./d"), PREFLIGHT_OK, "%s", pf.problem);
	cr_expect_eq(check("./e"), PREFLIGHT_CANNOT_EXECUTE);
	put_text("f", "#!./f\n");
	cr_expect_eq(check("./f"), PREFLIGHT_CANNOT_EXECUTE);
}

Test(preflight, text_goes_to_the_shell_and_bytes_do_not)
{
	put_text("prog", "echo hello\n");
	cr_expect_eq(check("./prog"), PREFLIGHT_OK);
	cr_expect(pf.via_shell);
	put("prog", "", 0, 0755);
	cr_expect_eq(check("./prog"), PREFLIGHT_OK);
	put("prog", "MZ\0\1\2\n", 6, 0755);
	cr_expect_eq(check("./prog"), PREFLIGHT_CANNOT_EXECUTE);
	cr_expect_not(pf.via_shell);
	put("prog", "\177ELF", 4, 0755);
	cr_expect_eq(check("./prog"), PREFLIGHT_CANNOT_EXECUTE);
}

Test(preflight, static_program_is_refused)
{
	/* Debian's ldconfig is linked statically */
	if (access("/sbin/ldconfig", X_OK))
		cr_skip("there is no ldconfig");
	cr_expect_eq(check("/sbin/ldconfig"), PREFLIGHT_STATIC);
	cr_expect(strstr(pf.problem, "statically linked"));
	cr_expect(pf.remedy[0]);
	cr_expect_eq(preflight_status(PREFLIGHT_STATIC), 125);
}

Test(preflight, the_loader_itself_is_let_through)
{
	cr_expect_eq(check("/lib64/ld-linux-x86-64.so.2"), PREFLIGHT_OK, "%s", pf.problem);
}
