#include "cli/symbols/jit_map.h"
#include "cli/symbols/symbols.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	cr_assert_not_null(f);
	fputs(text, f);
	fclose(f);
}

static void expect_name(struct jit_map *map, uint64_t addr, const char *want)
{
	const char *got = jit_map_name(map, addr);

	if (want)
		cr_expect_str_eq(got ? got : "(null)", want);
	else
		cr_expect_null(got);
}

Test(jit_map, lines, .timeout = 10)
{
	char path[] = "/tmp/test_jit_map.XXXXXX";
	struct jit_map *map;

	close(mkstemp(path));
	write_file(path, "1000 100 first\n"
			 "garbage\n"
			 "\n"
			 "3000\n"
			 "3000 10\n"
			 "3000 10 \n"
			 "0x2000 20 LazyCompile:*add /srv/a b.js:3:1\n"
			 "ffffffffffffffff 10 wraps\n"
			 "1080 100 second, over the end of the first\n"
			 "10f0 8 third\n"
			 "4000 10 no newline at the end");
	map = jit_map_read(path);
	expect_name(map, 0xfff, NULL);
	expect_name(map, 0x1000, "first");
	expect_name(map, 0x107f, "first");
	expect_name(map, 0x1080, "second, over the end of the first");
	expect_name(map, 0x10f7, "third");
	expect_name(map, 0x117f, "second, over the end of the first");
	expect_name(map, 0x1180, NULL);
	expect_name(map, 0x201f, "LazyCompile:*add /srv/a b.js:3:1");
	expect_name(map, 0x3000, NULL);
	expect_name(map, 0x400f, "no newline at the end");
	expect_name(map, UINT64_MAX, NULL);
	jit_map_free(map);
	unlink(path);
}

Test(jit_map, code_memory_used_again, .timeout = 10)
{
	char path[] = "/tmp/test_jit_map.XXXXXX";
	struct jit_map *map;

	close(mkstemp(path));
	write_file(path, "1010 10 old inner\n1000 100 new outer\n");
	map = jit_map_read(path);
	expect_name(map, 0x1015, "new outer");
	jit_map_free(map);
	unlink(path);
}

Test(jit_map, only_a_regular_file_of_ours, .timeout = 10)
{
	char dir[] = "/tmp/test_jit_map.XXXXXX", path[64], link_path[64];
	struct jit_map *map;

	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/map", dir);
	snprintf(link_path, sizeof(link_path), "%s/link", dir);
	write_file(path, "1000 100 name\n");
	cr_assert_eq(symlink(path, link_path), 0);
	map = jit_map_read(link_path);
	expect_name(map, 0x1000, NULL);
	jit_map_free(map);
	unlink(link_path);
	cr_assert_eq(mkfifo(link_path, 0600), 0);
	map = jit_map_read(link_path); /* must not wait for a writer */
	expect_name(map, 0x1000, NULL);
	jit_map_free(map);
	if (geteuid() == 0 && chown(path, 12345, 12345) == 0) {
		map = jit_map_read(path);
		expect_name(map, 0x1000, NULL);
		jit_map_free(map);
	}
	unlink(path);
	unlink(link_path);
	rmdir(dir);
}

Test(jit_map, by_pid, .timeout = 10)
{
	struct symbols *symbols = symbols_new(NULL);
	char path[64];
	int pid = (int)getpid();
	const char *name;

	snprintf(path, sizeof(path), "/tmp/perf-%d.map", pid);
	write_file(path, "5000 10 jitted\n");
	name = symbols_jit_name(symbols, pid, 0x5001);
	unlink(path);
	cr_assert_not_null(name);
	cr_expect_str_eq(name, "jitted");
	cr_expect_eq(symbols_jit_name(symbols, pid, 0x5002), name); /* read once */
	cr_expect_null(symbols_jit_name(symbols, -1, 0x5001));
	symbols_free(symbols);
}
