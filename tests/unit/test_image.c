#include "cli/symbols/image.h"
#include "tests/unit/build_folder.h"

#include <criterion/criterion.h>

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The program `prog`, which `link` leads to and `copy` is like. */
static void build(void)
{
	make_dir();
	cr_assert_eq(run("printf 'int numbers[9] = {1};\\nint main(void)\\n{\\n\\treturn numbers[8];\\n}\\n' >a.c &&"
			 "gcc -g -Wl,--build-id a.c -o prog && ln -s prog link && cp prog copy &&"
			 "nm prog | sed -n 's/ [TD] \\(main\\|numbers\\)$/ \\1/p' >places"),
		     0);
}

TestSuite(image, .init = build, .fini = remove_dir, .timeout = 60);

static char path[128];

static struct symbols_object object(const char *file)
{
	snprintf(path, sizeof(path), "%s/%s", dir, file);
	return (struct symbols_object){.path = path};
}

static struct image *image_of(const char *file)
{
	const struct symbols_object o = object(file);

	return image_new(&o);
}

static bool serves(const struct image *image, const char *file)
{
	const struct symbols_object o = object(file);

	return image_serves(image, &o);
}

static uint64_t place(const char *name)
{
	char line[200];
	uint64_t addr = 0, found = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/places", dir);
	f = fopen(path, "r");
	cr_assert_not_null(f);
	while (fscanf(f, "%" SCNx64 " %199s", &addr, line) == 2)
		if (strcmp(line, name) == 0)
			found = addr;
	fclose(f);
	cr_assert(found);
	return found;
}

static void expect_answers(struct image *image)
{
	struct dwarf_frame frames[4];
	uint64_t offset = 0;
	const char *function = image_function(image, place("main") + 1);
	const char *variable = image_variable(image, place("numbers") + 8, &offset);

	cr_assert(function && variable);
	cr_expect_str_eq(function, "main");
	cr_expect_str_eq(variable, "numbers");
	cr_expect_eq(offset, 8);
	cr_assert_eq(image_frames(image, place("main") + 1, frames, 4), 1);
	cr_expect_str_eq(frames[0].name, "main");
	cr_expect_geq(frames[0].line, 2);
	cr_expect_null(image_function(image, 0));
	cr_expect_null(image_variable(image, 0, &offset));
}

Test(image, answers_the_same_read_ahead_or_not)
{
	struct image *late = image_of("prog"), *early = image_of("prog"), *half = image_of("prog");

	expect_answers(late);
	image_read(early, true);
	image_read(half, false);
	cr_assert_eq(run("rm prog"), 0);
	expect_answers(early);
	expect_answers(half);
	image_free(late);
	image_free(early);
	image_free(half);
}

Test(image, says_nothing_where_there_is_no_file)
{
	struct image *image = image_of("missing");
	struct dwarf_frame frames[4];
	uint64_t offset;

	image_read(image, true);
	cr_expect_not(image_usable(image));
	cr_expect_null(image_function(image, 0x1000));
	cr_expect_null(image_variable(image, 0x1000, &offset));
	cr_expect_eq(image_frames(image, 0x1000, frames, 4), 0);
	cr_expect_not(serves(image, "missing"));
	image_free(image);
}

Test(image, serves_the_same_file_under_any_path)
{
	struct image *image = image_of("link");

	cr_expect(serves(image, "link"));
	cr_expect(serves(image, "prog"));
	cr_expect_not(serves(image, "copy"));
	cr_assert_eq(run("mv copy prog"), 0);
	cr_expect_not(serves(image, "prog"));
	image_free(image);
}

Test(image, serves_nobody_who_wants_another_build_id)
{
	static const uint8_t id[] = {1, 2, 3, 4}, other[] = {1, 2, 3, 5};
	struct symbols_object o = object("prog");
	struct image *any = image_new(&o), *one;

	o.build_id = id;
	o.build_id_bytes = sizeof(id);
	cr_expect_not(image_serves(any, &o), "what was opened as any build may be another one");
	one = image_new(&o);
	cr_expect(image_serves(one, &o));
	o.build_id = other;
	cr_expect_not(image_serves(one, &o));
	o.build_id_bytes = 3;
	cr_expect_not(image_serves(one, &o));
	cr_expect_not(image_usable(one));
	o.build_id = NULL;
	cr_expect(image_serves(one, &o));
	image_free(any);
	image_free(one);
}

Test(image, belongs_to_the_first_to_come)
{
	struct image *image = image_of("prog");

	cr_expect(image_take(image, IMAGE_AHEADS));
	cr_expect_not(image_take(image, IMAGE_OURS));
	cr_expect_eq(image_whose(image), IMAGE_AHEADS);
	image_give_back(image);
	cr_expect(image_take(image, IMAGE_OURS));
	cr_expect_not(image_take(image, IMAGE_AHEADS));
	cr_expect_eq(image_whose(image), IMAGE_OURS);
	image_free(image);
}

static int count_files(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(folder))
		n++;
	closedir(folder);
	return n;
}

/* Stacks tell a library by its link and build id, roots by its file alone. */
Test(image, is_opened_once_for_all_that_ask)
{
	struct symbols *symbols = symbols_new(NULL);
	struct symbols_object o;
	struct symbols_frame frame;
	uint64_t main_at = place("main"), numbers_at = place("numbers"), offset;
	int n_files;

	o = object("link");
	symbols_resolve(symbols, &o, main_at, &frame, 1);
	cr_expect_str_eq(frame.function, "main");
	n_files = count_files();
	o = object("prog");
	cr_expect_str_eq(symbols_variable(symbols, &o, numbers_at, &offset), "numbers");
	cr_expect_eq(count_files(), n_files);
	o = object("copy");
	cr_expect_str_eq(symbols_variable(symbols, &o, numbers_at, &offset), "numbers");
	cr_expect_gt(count_files(), n_files);
	symbols_free(symbols);
}
