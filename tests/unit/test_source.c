#include "cli/render/source.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static const struct source_roots roots = {{"/srv/link", "/srv/app"}};

static void normal(const char *path, const char *wanted)
{
	char *got = source_normal(path);

	cr_expect_str_eq(got, wanted, "%s: '%s', wanted '%s'", path, got, wanted);
	free(got);
}

Test(source, paths_are_made_normal)
{
	normal("/a/b/c.c", "/a/b/c.c");
	normal("/a//b/./c.c", "/a/b/c.c");
	normal("/a/build/../src/c.c", "/a/src/c.c");
	normal("/../../a", "/a");
	normal("/", "/");
	normal("/..", "/");
	normal("./src/x.c", "src/x.c");
	normal("a/b/../../c", "c");
	normal("a/..", "");
	normal("../x.c", "");
	normal("a/../../b", "");
	normal("..x/...", "..x/...");
	normal("", "");
}

static void relative(const char *path, const char *wanted)
{
	char *got = source_relative(&roots, path);

	if (wanted)
		cr_expect_str_eq(got ? got : "nothing", wanted, "%s", path);
	else
		cr_expect_null(got, "%s: %s", path, got);
	free(got);
}

Test(source, relative_to_either_name_of_the_root)
{
	relative("/srv/app/src/x.c", "src/x.c");
	relative("/srv/link/x.c", "x.c");
	relative("/srv/app/build/../src/x.c", "src/x.c");
	relative("/srv/app/../other/x.c", NULL);
	relative("/srv/apple/x.c", NULL);
	relative("/srv/app", NULL);
	relative("/srv/app/", NULL);
	relative("./src/x.c", "src/x.c");
	relative("../x.c", NULL);
}

Test(source, the_root_of_all_and_no_root)
{
	static const struct source_roots top = {{"/", NULL}}, none;
	char *path = source_relative(&top, "/usr/x.c");

	cr_expect_str_eq(path, "usr/x.c");
	free(path);
	cr_expect_null(source_relative(&none, "/usr/x.c"));
	path = source_relative(&none, "x.c");
	cr_expect_str_eq(path, "x.c");
	free(path);
}

static void placed(struct source_place place, const char *path, bool in_root, uint32_t line)
{
	cr_expect_str_eq(place.path ? place.path : "nothing", path);
	cr_expect_eq(place.in_root, in_root, "%s", path);
	cr_expect_eq(place.line, line, "%s: line %u", path, place.line);
	source_place_release(&place);
}

Test(source, the_innermost_frame_below_the_root)
{
	static const struct report_frame frames[] = {
		{.file = "/usr/include/c++/12/vector", .line = 5, .system = true},
		{.file = "/opt/lib/list.c", .line = 7},
		{.module = "/opt/lib/liblist.so"},
		{.file = "/srv/app/src/x.c", .line = 9},
		{.file = "/srv/app/src/main.c"},
	};
	static const struct report_frame *const list[] = {&frames[0], &frames[1], &frames[2], &frames[3], &frames[4]};
	static const struct report_process program = {.exe = "/srv/app/build/prog"}, foreign = {.exe = "/bin/x"};
	static const struct report_process nameless;
	struct report_stack stack = {list, 5, false};

	placed(source_stack(&roots, &program, &stack), "src/x.c", true, 9);
	stack.n_frames = 3;
	placed(source_stack(&roots, &program, &stack), "/opt/lib/list.c", false, 7);
	stack.n_frames = 1;
	placed(source_stack(&roots, &program, &stack), "build/prog", true, 1);
	placed(source_stack(&roots, &foreign, NULL), "/bin/x", false, 1);
	placed(source_stack(&roots, &nameless, NULL), "nothing", false, 1);
	placed(source_frame(&roots, &frames[4]), "src/main.c", true, 1);
}

Test(source, uris)
{
	const struct source_place relative_place = {.path = (char *)(uintptr_t) "a b/\xc3\xa9#%.c"};
	const struct source_place absolute_place = {.path = (char *)(uintptr_t) "/x/y+z.h"};
	struct out *out = out_memory();

	source_put_uri(out, &relative_place);
	out_char(out, '\n');
	source_put_uri(out, &absolute_place);
	cr_expect_str_eq(out_text(out, NULL), "a%20b/%C3%A9%23%25.c\nfile:///x/y+z.h");
	out_close(out, NULL);
}
