#include "cli/base/out.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/memwatch-out-XXXXXX";

static void make_folder(void)
{
	cr_assert(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
}

static void remove_folder(void)
{
	cr_assert_eq(chdir("/"), 0);
	cr_expect_eq(rmdir(folder), 0, "a test left something in %s", folder);
}

TestSuite(out, .init = make_folder, .fini = remove_folder, .timeout = 10);

Test(out, memory_collects_all_kinds_of_writes)
{
	struct out *out = out_memory();
	struct err err = {0};
	size_t n;

	out_str(out, "a");
	out_char(out, 'b');
	out_printf(out, "%d", 12);
	out_write(out, "\0z", 2);
	cr_assert_arr_eq(out_text(out, &n), "ab12\0z", 7);
	cr_assert_eq(n, 6);
	cr_assert_eq(out_close(out, &err), 0);
}

Test(out, decimal_numbers)
{
	static const uint64_t numbers[] = {0, 7, 10, 99, 100, 4294967296, UINT64_MAX};
	static const char *const wanted[] = {"0", "7", "10", "99", "100", "4294967296", "18446744073709551615"};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct out *out = out_memory();

		out_decimal(out, numbers[i]);
		cr_expect_str_eq(out_text(out, NULL), wanted[i]);
		cr_assert_eq(out_close(out, NULL), 0);
	}
}

Test(out, long_printf_is_not_cut)
{
	struct out *out = out_memory();
	struct err err = {0};
	char text[3000];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	out_printf(out, "%s", text);
	cr_assert_str_eq(out_text(out, NULL), text);
	cr_assert_eq(out_close(out, &err), 0);
}

Test(out, more_than_the_buffer_reaches_the_file_and_folders_are_made)
{
	struct err err = {0};
	struct out *out = out_open("a/b/file", &err);
	char chunk[1000];
	FILE *file;
	long size;

	cr_assert(out, "%s", err.text);
	memset(chunk, 'y', sizeof(chunk));
	for (int i = 0; i < 300; i++)
		out_write(out, chunk, sizeof(chunk));
	cr_assert_eq(out_close(out, &err), 0);
	file = fopen("a/b/file", "r");
	cr_assert(file);
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	fclose(file);
	cr_assert_eq(size, 300000);
	unlink("a/b/file");
	rmdir("a/b");
	rmdir("a");
}

Test(out, full_disk_is_told_once_at_the_end)
{
	struct err err = {0};
	struct out *out = out_open("/dev/full", &err);

	cr_assert(out);
	out_str(out, "text");
	cr_assert_eq(out_close(out, &err), -1);
	cr_assert_str_eq(err.text, "cannot write the report to /dev/full: No space left on device");
}

Test(out, folder_that_cannot_be_made_is_named)
{
	struct err err = {0};

	cr_assert_null(out_open("/proc/none/file", &err));
	cr_assert(strstr(err.text, "/proc/none"), "%s", err.text);
}

Test(out, empty_name_is_an_error)
{
	struct err err = {0};

	cr_assert_null(out_open("", &err));
	cr_assert(err.text[0]);
}

Test(out, descriptor_stays_open_and_non_blocking_is_waited_for)
{
	struct err err = {0};
	char big[200000], got[4096];
	size_t total = 0;
	int ends[2];
	pid_t pid;

	cr_assert_eq(pipe(ends), 0);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	pid = fork();
	if (pid == 0) {
		struct out *out = out_fd(ends[1], "pipe");

		memset(big, 'z', sizeof(big));
		out_write(out, big, sizeof(big));
		_exit(out_close(out, &err) || fcntl(ends[1], F_GETFD) < 0);
	}
	close(ends[1]);
	for (ssize_t n; (n = read(ends[0], got, sizeof(got))) > 0;)
		total += (size_t)n;
	close(ends[0]);
	cr_assert_eq(total, sizeof(big));
}

Test(out, closing_nothing_is_fine)
{
	struct err err = {0};

	cr_assert_eq(out_close(NULL, &err), 0);
}

/* Opened anew, what is behind it would be truncated. */
Test(out, path_of_a_descriptor_is_the_descriptor)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	struct err err = {0};
	char path[32], text[16] = "";
	struct out *out;

	cr_assert_eq(write(fd, "first ", 6), 6);
	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	cr_expect_eq(out_descriptor(path), fd);
	out = out_open(path, &err);
	cr_assert(out, "%s", err.text);
	out_str(out, "second");
	cr_assert_eq(out_close(out, &err), 0, "%s", err.text);
	cr_expect_eq(pread(fd, text, sizeof(text), 0), 12);
	cr_expect_str_eq(text, "first second");
	cr_expect_eq(out_descriptor("/dev/stdout"), STDOUT_FILENO);
	cr_expect_eq(out_descriptor("/proc/self/fd/2"), STDERR_FILENO);
	cr_expect_eq(out_descriptor("/dev/fd/"), -1);
	cr_expect_eq(out_descriptor("/dev/fd/1x"), -1);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	cr_expect_eq(out_descriptor(path), -1, "one of ours");
	close(fd);
	unlink("file");
}
