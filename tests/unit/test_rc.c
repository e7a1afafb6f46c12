#include "cli/opts/rc.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/memwatch-rc-XXXXXX";
static struct options options;

static void init(void)
{
	cr_assert(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
	unsetenv("MEMWATCH_OPTIONS");
	unsetenv("XDG_CONFIG_HOME");
	setenv("HOME", folder, 1);
	opts_init(&options);
}

static void fini(void)
{
	opts_release(&options);
	unlink(".memwatchrc");
	unlink(".config/memwatch/config");
	rmdir(".config/memwatch");
	rmdir(".config");
	cr_assert_eq(chdir("/"), 0);
	cr_expect_eq(rmdir(folder), 0, "a test left something in %s", folder);
}

TestSuite(rc, .init = init, .fini = fini, .timeout = 10);

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	cr_assert(file);
	fputs(text, file);
	fclose(file);
}

static void put_user_file(const char *text)
{
	mkdir(".config", 0700);
	mkdir(".config/memwatch", 0700);
	put(".config/memwatch/config", text);
}

Test(rc, nothing_there_is_fine)
{
	struct err remark = {0}, err = {0};

	cr_expect_eq(rc_load(&options, &remark, &err), 0);
	cr_expect_str_empty(remark.text);
}

Test(rc, later_sources_win)
{
	struct err remark = {0}, err = {0};

	put_user_file("top=1\ndepth=11\nquiet\n");
	put(".memwatchrc", "# comment\n\n  top = 2  \r\n--trace-children=no\ndepth=12");
	setenv("MEMWATCH_OPTIONS", "top=3:quiet=no verbose", 1);
	cr_assert_eq(rc_load(&options, &remark, &err), 0, "%s", err.text);
	cr_expect_str_empty(remark.text, "%s", remark.text);
	cr_expect_eq(options.top, 3);
	cr_expect_eq(options.depth, 12);
	cr_expect_not(options.quiet);
	cr_expect(options.verbose);
	cr_expect_not(options.trace_children);
}

static const char *words_error(const char *text)
{
	static struct err err;

	err = (struct err){0};
	cr_expect_eq(rc_apply_words(&options, "ENV", text, &err), -1, "%s is taken", text);
	return err.text;
}

/* As on a command line: quotes, values in a word of their own, letters; colons within values stay. */
Test(rc, words)
{
	struct err err = {0};

	cr_assert_eq(rc_apply_words(&options, "ENV",
				    " --top 5\t-q:show=all on-warning='a \"b\" c:d'\n--log-file=x\\ \"y z\"w: "
				    "export=massif:m:no-scan:record='a:b=c' depth 9 --baseline=\"q\\\"\\'\"",
				    &err),
		     0, "%s", err.text);
	cr_expect_eq(options.top, 5);
	cr_expect(options.quiet);
	cr_expect_str_eq(options.on_warning, "a \"b\" c:d");
	cr_expect_str_eq(options.outputs[0].path, "x y zw");
	cr_expect_str_eq(options.outputs[1].path, "m");
	cr_expect(options.no_scan);
	cr_expect_str_eq(options.record, "a:b=c");
	cr_expect_eq(options.depth, 9);
	cr_expect_str_eq(options.baseline, "q\"\\'");
	cr_assert_eq(rc_apply_words(&options, "ENV", "http=127.0.0.1:0 push=http://h:4040/ingest?name=y", &err), 0,
		     "%s", err.text);
	cr_expect_str_eq(options.http.address.host, "127.0.0.1");
	cr_expect_eq(options.push.n, 1);
	cr_expect_eq(rc_apply_words(&options, "ENV", " \n", &err), 0);
}

Test(rc, words_that_are_wrong)
{
	cr_expect(strstr(words_error("record='a"), "no second '"));
	cr_expect(strstr(words_error("top=1:tpo=2"), "--tpo"));
	cr_expect(strstr(words_error("quiet ''"), "there is no option"));
	cr_expect(strstr(words_error("--fail-on"), "needs a value"));
	cr_expect(strstr(words_error("-"), "there is no option"));
}

Test(rc, lines_with_blanks_instead_of_equals)
{
	struct err err = {0};

	const char *text = "top 7\n-q\n-o  a b\n--show = all\non-warning=echo a = b\n";

	cr_expect_eq(rc_apply_lines(&options, "FILE", text, &err), 0, "%s", err.text);
	cr_expect_eq(options.top, 7);
	cr_expect(options.quiet);
	cr_expect_str_eq(options.record, "a b");
	cr_expect_str_eq(options.on_warning, "echo a = b");
	cr_expect_eq(rc_apply_lines(&options, "FILE", "quiet 7\n", &err), -1);
}

Test(rc, errors_tell_the_line)
{
	struct err err = {0};

	cr_expect_eq(rc_apply_lines(&options, "FILE", "top=1\n# x\ntop=many\n", &err), -1);
	cr_expect(!strncmp(err.text, "FILE:3: --top:", 14), "%s", err.text);
	memset(&err, 0, sizeof(err));
	cr_expect_eq(rc_apply_words(&options, "MEMWATCH_OPTIONS", "depht=3", &err), -1);
	cr_expect(strstr(err.text, "MEMWATCH_OPTIONS: ") && strstr(err.text, "--depth"), "%s", err.text);
}

Test(rc, file_that_all_may_write_is_left_out)
{
	struct err remark = {0}, err = {0};

	put(".memwatchrc", "top=2\n");
	chmod(".memwatchrc", 0666);
	cr_expect_eq(rc_load(&options, &remark, &err), 0);
	cr_expect_eq(options.top, 20);
	cr_expect(strstr(remark.text, ".memwatchrc"));
}

Test(rc, fifo_does_not_hang)
{
	struct err remark = {0}, err = {0};

	cr_assert_eq(mkfifo(".memwatchrc", 0600), 0);
	cr_expect_eq(rc_load(&options, &remark, &err), 0);
	cr_expect(strstr(remark.text, "not a file"));
}

Test(rc, very_long_file_is_an_error)
{
	struct err remark = {0}, err = {0};
	FILE *file = fopen(".memwatchrc", "w");

	for (int i = 0; i < 70000; i++)
		fputc('\n', file);
	fclose(file);
	cr_expect_eq(rc_load(&options, &remark, &err), -1);
	cr_expect(strstr(err.text, "too long"), "%s", err.text);
}
