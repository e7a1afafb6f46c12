#include "cli/analysis/fingerprint.h"

#include "common/compiler.h"

#include <criterion/criterion.h>
#include <stdio.h>
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
			 "7e259b4015917b30");
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
	cr_assert_str_neq(ID("p!fg"), ID("p!f", "p!g"));
	cr_assert_str_neq(ID("p!f"), ID("p!f", "p!g"));
}

Test(fingerprint, recursion_is_one_call)
{
	cr_assert_str_eq(ID("p!leaf", "p!f", "p!f", "p!f", "p!main"), ID("p!leaf", "p!f", "p!main"));
	cr_assert_str_neq(ID("p!f", "p!g", "p!f"), ID("p!f", "p!g"));
}

Test(fingerprint, clones_of_the_compiler_are_the_function)
{
	cr_assert_str_eq(ID("p!f.constprop.0"), ID("p!f"));
	cr_assert_str_eq(ID("p!f.isra.0.cold"), ID("p!f"));
	cr_assert_str_eq(ID("p!N::f(int) [clone .part.0]"), ID("p!N::f(int)"));
	cr_assert_str_neq(ID("p!main.coldstart"), ID("p!"));
}

/* What debug information has no more of than the last part, of functions that are local to a file. */
Test(fingerprint, the_last_part_of_a_name_counts)
{
	static const char *const names[][2] = {
		{"p!make(char const*)", "p!make"},
		{"p!(anonymous namespace)::holder::make(unsigned long)", "p!make"},
		{"p!N::C<T<int>, 3>::f(int) const", "p!f"},
		{"p!void N::sort<int*>(int*, int*)", "p!sort"},
		{"p!std::vector<int> N::all<int>(int)", "p!all<int>"},
		{"p!call()::{lambda(int, int)#1}::operator()(int, int) const", "p!operator()"},
		{"p!N::D::~D()", "p!~D"},
		{"p!f(void (*)(int))", "p!f"},
		{"p!<alloc::vec::Vec<T> as core::ops::Drop>::drop", "p!drop"},
		{"p!C::operator std::string() const", "p!operator std::string"},
		{"p!C::operator[](int)", "p!operator[]"},
		{"p!operators(int)", "p!operators"},
	};

	for (size_t i = 0; i < MW_ARRAY_LEN(names); i++)
		cr_expect_str_eq(ID(names[i][0]), ID(names[i][1]), "%s is not %s", names[i][0], names[i][1]);
	cr_expect_str_neq(ID("p!C::f(int)"), ID("p!C::g(int)"));
	cr_expect_str_neq(ID("p!runtime.(*mheap).alloc"), ID("p!runtime.(*mheap).free"));
	cr_expect_str_neq(ID("p!C::operator<<(int)"), ID("p!C::operator>>(int)"));
	for (const char *const *odd =
		     (const char *const[]){"p!(", "p!<", "p!::", "p!operator", "p!f(int", "p!) (", NULL};
	     *odd; odd++)
		cr_expect_eq(strlen(ID(*odd)), 16u);
}

Test(fingerprint, the_runtime_is_one)
{
	cr_assert_str_eq(ID("/lib/libc.so.6!strdup", "p!f"), ID("/usr/lib/libc.so.6!", "p!f"));
	cr_assert_str_eq(ID("/lib/libc.so.6!f", "/lib/ld-linux-x86-64.so.2!g", "p!f"), ID("/lib/libc.so.6!f", "p!f"));
	cr_assert_str_neq(ID("/lib/libc.so.6!strdup", "p!f"), ID("p!f"));
	cr_assert_str_neq(ID("/lib/libc.so.6!f", "p!compare", "/lib/libc.so.6!qsort", "p!main"),
			  ID("/lib/libc.so.6!f", "p!compare", "p!main"));
}

Test(fingerprint, what_the_system_has_counts_by_module_alone)
{
	const struct report_frame in_libcurl = {.module = "/usr/lib/libcurl.so.4", .function = "a", .system = true};
	const struct report_frame inner = {.module = "/usr/lib/libcurl.so.4", .function = "b", .system = true};
	const struct report_frame in_libssl = {.module = "/usr/lib/libssl.so.3", .function = "a", .system = true};
	const struct report_frame templates = {
		.module = "p", .function = "std::vector<int>::push_back(int)", .system = true};
	const struct report_frame inlined = {.module = "p", .function = "assign", .system = true, .inlined = true};
	const struct report_frame in_libstdcxx = {.module = "/usr/lib/libstdc++.so.6", .function = "x", .system = true};
	const struct report_frame f = {.module = "p", .function = "f"};
	char a[17], b[17];

#define STACK(...)                                                                                                     \
	(&(struct report_stack){.frames = (const struct report_frame *const[]){__VA_ARGS__},                           \
				.n_frames = sizeof((const struct report_frame *[]){__VA_ARGS__}) / sizeof(void *)})
	fingerprint_stack(STACK(&inner, &in_libcurl, &f), a);
	fingerprint_stack(STACK(&in_libcurl, &f), b);
	cr_expect_str_eq(a, b);
	fingerprint_stack(STACK(&in_libssl, &f), b);
	cr_expect_str_neq(a, b);
	fingerprint_stack(STACK(&in_libstdcxx, &inlined, &templates, &f), a);
	fingerprint_stack(STACK(&in_libstdcxx, &f), b);
	cr_expect_str_eq(a, b);
	fingerprint_stack(STACK(&templates, &f), b);
	cr_expect_str_eq(a, b);
}

Test(fingerprint, what_only_starts_main_does_not_count)
{
	cr_assert_str_eq(ID("p!f", "p!main", "/lib/libc.so.6!__libc_start_call_main",
			    "/lib/libc.so.6!__libc_start_main", "p!_start"),
			 ID("p!f", "p!main"));
	cr_assert_str_eq(ID("p!f", "p!main", "/lib/libc.so.6!", "/lib/libc.so.6!"), ID("p!f", "p!main"));
	cr_assert_str_neq(ID("/lib/libc.so.6!f"), id_of((const char *const[]){NULL}));
}

Test(fingerprint, unnamed_code_is_its_module)
{
	cr_assert_str_eq(ID("p!"), ID("/q/p!?"));
	cr_assert_str_neq(ID("p!"), ID("q!"));
	cr_assert_str_eq(ID("!jitted"), ID("?!jitted"));
}

/* Enough frames to make its table grow; each is in several stacks, and neighbours are of different modules. */
Test(fingerprint, what_is_kept_of_frames_changes_no_id)
{
	static const char *const modules[] = {"/srv/app", "/usr/lib/libcurl.so.4", "/lib/libc.so.6", NULL,
					      "/srv/libown.so.1"};
	static struct report_frame frames[2000];
	static char names[MW_ARRAY_LEN(frames)][32];
	struct fingerprints *kept = fingerprints_new();
	const struct report_frame *pointers[MAX];
	const struct report_stack stack = {pointers, MAX, false};

	for (size_t i = 0; i < MW_ARRAY_LEN(frames); i++) {
		snprintf(names[i], sizeof(names[i]), "ns::function_%zu<int>(int)", i / 2);
		frames[i].function = names[i];
		frames[i].module = modules[i % MW_ARRAY_LEN(modules)];
		frames[i].system = i % MW_ARRAY_LEN(modules) == 1;
	}
	for (size_t i = 0; i < MW_ARRAY_LEN(frames); i++) {
		char id[17], again[17];

		for (size_t j = 0; j < MAX; j++)
			pointers[j] = &frames[(i + j * j) % MW_ARRAY_LEN(frames)];
		fingerprint_stack(&stack, id);
		fingerprints_stack(kept, &stack, again);
		cr_assert_str_eq(id, again);
	}
	fingerprints_free(kept);
}
