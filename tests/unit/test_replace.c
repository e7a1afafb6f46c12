#include "cli/base/replace.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/memwatch-replace-XXXXXX";

static void make_folder(void)
{
	cr_assert(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
}

static void remove_folder(void)
{
	unlink("file");
	unlink("link");
	cr_assert_eq(chdir("/"), 0);
	cr_expect_eq(rmdir(folder), 0, "a test left something in %s", folder);
}

TestSuite(replace, .init = make_folder, .fini = remove_folder, .timeout = 10);

static void print(const void *what, struct out *out)
{
	out_str(out, what);
}

static void expect_file(const char *path, const char *want)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY);

	cr_assert(fd >= 0, "%s", path);
	cr_expect_gt(read(fd, text, sizeof(text) - 1), 0);
	cr_expect_str_eq(text, want);
	close(fd);
}

Test(replace, file_and_what_a_link_leads_to)
{
	struct err err = {0};
	struct stat st;

	cr_expect_eq(replace_file("file", print, "one", &err), 0, "%s", err.text);
	expect_file("file", "one");
	cr_assert_eq(symlink("file", "link"), 0);
	cr_expect_eq(replace_file("link", print, "two", &err), 0, "%s", err.text);
	expect_file("file", "two");
	cr_assert_eq(lstat("link", &st), 0);
	cr_expect(S_ISLNK(st.st_mode));
	unlink("file");
	cr_expect_eq(replace_file("link", print, "three", &err), 0, "%s", err.text);
	expect_file("file", "three");
}

/* A file in the place of /dev/null would be the end of many programs. */
Test(replace, device_stays)
{
	struct err err = {0};
	struct stat st;

	cr_assert_eq(symlink("/dev/null", "link"), 0);
	cr_expect_eq(replace_file("link", print, "one", &err), 0, "%s", err.text);
	cr_assert_eq(stat("link", &st), 0);
	cr_expect(S_ISCHR(st.st_mode));
	cr_assert_eq(unlink("link"), 0);
	cr_assert_eq(symlink("/dev/full", "link"), 0);
	cr_expect_eq(replace_file("link", print, "one", &err), -1);
	cr_expect(strstr(err.text, "No space left"), "%s", err.text);
	cr_expect_eq(lstat("link", &st), 0);
}
