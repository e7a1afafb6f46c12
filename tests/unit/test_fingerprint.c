#include "cli/analysis/fingerprint.h"

#include <criterion/criterion.h>
#include <string.h>

#define MAX 8

/* "module!function" for each frame, outermost last; an empty part is not known. */
static const char *id_of(const char *const *names)
{
	static char ids[4][17];
	static unsigned next;
	static char text[MAX][256];
	struct report_frame frames[MAX] = {0};
	const struct report_frame *pointers[MAX];
	struct report_stack stack = {pointers, 0, false};
	char *id = ids[next++ % 4];

	for (size_t i = 0; names[i]; i++) {
		char *function;

		strcpy(text[i], names[i]);
		function = strchr(text[i], '!');
		*function++ = '\0';
		frames[i].module = text[i][0] ? text[i] : NULL;
		frames[i].function = *function ? function : NULL;
		frames[i].offset = next * 1000 + i; /* has no part in it */
		frames[i].line = next;
		pointers[i] = &frames[i];
		stack.n_frames++;
	}
	fingerprint_stack(&stack, id);
	return id;
}

#define ID(...) id_of((const char *const[]){__VA_ARGS__, NULL})

/* A change of these values makes every baseline in the world useless. */
Test(fingerprint, is_what_it_was)
{
	cr_assert_str_eq(ID("/srv/app/server!cache_add", "/srv/app/server!main", "/lib/libc.so.6!__libc_start_main"),
			 "67aa13f5cb8b2756");
	cr_assert_str_eq(id_of((const char *const[]){NULL}), "cbf29ce484222325");
}

Test(fingerprint, neither_folder_nor_version_nor_address_counts)
{
	cr_assert_str_eq(ID("/a/libfoo.so.1.2!f", "/a/prog!main"), ID("/b/libfoo.so.2!f", "/c/d/prog!main"));
	cr_assert_str_eq(ID("libfoo.so!f"), ID("/x/libfoo.so.1!f"));
	cr_assert_str_neq(ID("/a/libfoo.so!f"), ID("/a/libfoo2.so!f"));
	cr_assert_str_neq(ID("/a/foo.sock!f"), ID("/a/foo.so!f"));
}

Test(fingerprint, functions_and_their_order_count)
{
	cr_assert_str_neq(ID("p!f", "p!g"), ID("p!g", "p!f"));
	cr_assert_str_neq(ID("p!f"), ID("p!f", "p!f"));
	cr_assert_str_neq(ID("p!fg"), ID("p!f", "p!g"));
}

Test(fingerprint, clones_of_the_compiler_are_the_function)
{
	cr_assert_str_eq(ID("p!f.constprop.0"), ID("p!f"));
	cr_assert_str_eq(ID("p!f.isra.0.cold"), ID("p!f"));
	cr_assert_str_eq(ID("p!N::f(int) [clone .part.0]"), ID("p!N::f(int)"));
	cr_assert_str_neq(ID("p!main.coldstart"), ID("p!"));
}

Test(fingerprint, inner_names_of_the_c_library_do_not_count)
{
	cr_assert_str_eq(
		ID("/lib/libc.so.6!strdup", "p!main", "/lib/libc.so.6!__libc_start_call_main", "/lib/libc.so.6!x"),
		ID("/lib/libc.so.6!__strdup", "p!main", "/usr/lib/libc.so.6!"));
	cr_assert_str_neq(ID("/lib/libc.so.6!f", "/lib/ld-linux-x86-64.so.2!g"), ID("/lib/libc.so.6!f"));
}

Test(fingerprint, unnamed_code_is_its_module)
{
	cr_assert_str_eq(ID("p!"), ID("/q/p!?"));
	cr_assert_str_neq(ID("p!"), ID("q!"));
	cr_assert_str_eq(ID("!jitted"), ID("?!jitted"));
}
