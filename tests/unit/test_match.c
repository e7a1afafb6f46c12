/* Rules against stacks: what heads them, names of all sorts, and random ones against a slow and simple definition. */
#include "cli/suppress/match.h"

#include "cli/suppress/parse.h"
#include "common/compiler.h"
#include "common/wire.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EXE "/srv/app/prog"

static const struct report_frame frames[] = {
	{.function = "cache_add", .symbol = "cache_add", .file = "/src/cache.c", .line = 42, .module = EXE},
	{.function = "shop::Till::open(int)", .symbol = "_ZN4shop4Till4openEi", .file = "/src/till.cc", .module = EXE},
	{.function = "tiny(unsigned long)", .symbol = "tiny", .module = EXE, .inlined = true},
	{.function = "main", .symbol = "main", .file = "/src/main.c", .line = 7, .module = EXE},
	{.function = "__libc_start_main", .symbol = "__libc_start_main", .module = "/lib/libc.so.6"},
	{.module = "/opt/plugin.so"},
	{.offset = 4711},
	{.function = "dlopen", .symbol = "dlopen.part.0", .module = "/lib/libc.so.6"},
};

/* Whether the rules suppress the stack whose frames' numbers are the digits of `digits`; "-" is none. */
static bool matches_as(const char *text, unsigned kind, enum verdict verdict, const char *digits)
{
	const struct report_frame *pointers[64];
	struct report_stack stack = {.frames = pointers};
	struct suppress_matcher *matcher;
	struct suppress_set set = {0};
	struct err err = {0};
	size_t rule;

	for (; *digits && *digits != '-'; digits++)
		pointers[stack.n_frames++] = &frames[*digits - '0'];
	cr_assert_eq(suppress_parse(&set, "x", text, strlen(text), &err), 0, "%s", err.text);
	matcher = suppress_matcher_new(&set);
	rule = suppress_match(matcher, &stack, kind, verdict, NULL, 0);
	suppress_matcher_free(matcher);
	suppress_release(&set);
	return rule != SUPPRESS_NONE;
}

static bool matches(const char *lines, unsigned kind, const char *digits)
{
	char text[512];

	snprintf(text, sizeof(text), "{\nname\nMemcheck:Leak\n%s}\n", lines);
	return matches_as(text, kind, VERDICT_DEFINITE, digits);
}

#define MALLOC WIRE_KIND_MALLOC

Test(match, the_head_is_the_allocation_function)
{
	cr_assert(matches("fun:malloc\nfun:cache_add\nfun:main\n", MALLOC, "034"));
	cr_assert(matches("fun:malloc\nfun:cache_add\n", MALLOC, "034"), "outer frames do not matter");
	cr_assert(!matches("fun:malloc\nfun:main\n", MALLOC, "034"), "frames follow each other");
	cr_assert(!matches("fun:calloc\nfun:cache_add\n", MALLOC, "034"));
	cr_assert(matches("fun:calloc\nfun:cache_add\n", WIRE_KIND_CALLOC, "034"));
	cr_assert(matches("fun:*alloc\nfun:cache_add\n", WIRE_KIND_CALLOC, "034"));
	cr_assert(matches("fun:?alloc\nfun:cache_add\n", WIRE_KIND_CALLOC, "034"));
	cr_assert(!matches("fun:??alloc\nfun:cache_add\n", WIRE_KIND_CALLOC, "034"));
	cr_assert(matches("fun:malloc\n", MALLOC, "-"));
	cr_assert(matches("fun:_Znwm\nfun:main\n", WIRE_KIND_NEW, "3"));
	cr_assert(matches("fun:_Znw*\nfun:main\n", WIRE_KIND_NEW, "3"));
	cr_assert(matches("fun:operator new(unsigned long)\nfun:main\n", WIRE_KIND_NEW, "3"));
	cr_assert(!matches("fun:_Znam\nfun:main\n", WIRE_KIND_NEW, "3"));
	cr_assert(matches("fun:_ZnamRKSt9nothrow_t\nfun:main\n", WIRE_KIND_NEW_ARRAY, "3"));
	cr_assert(!matches("fun:*align*\nfun:main\n", WIRE_KIND_NEW, "3"), "not all of new is aligned");
	cr_assert(!matches_as("leak:nothrow", WIRE_KIND_NEW, VERDICT_DEFINITE, "3"));
	cr_assert(matches("obj:*/vgpreload_*\nfun:main\n", MALLOC, "3"));
}

Test(match, heads_of_two_functions)
{
	cr_assert(matches("fun:memalign\nfun:posix_memalign\nfun:main\n", WIRE_KIND_POSIX_MEMALIGN, "3"));
	cr_assert(matches("fun:posix_memalign\nfun:main\n", WIRE_KIND_POSIX_MEMALIGN, "3"));
	cr_assert(matches("fun:memalign\nfun:main\n", WIRE_KIND_ALIGNED_ALLOC, "3"));
	cr_assert(matches("...\nfun:posix_memalign\nfun:main\n", WIRE_KIND_POSIX_MEMALIGN, "3"));
	cr_assert(!matches("fun:memalign\nfun:posix_memalign\nfun:main\n", MALLOC, "3"));
	cr_assert(matches("fun:malloc\nfun:realloc\nfun:main\n", WIRE_KIND_REALLOC, "3"));
	cr_assert(matches("fun:realloc\nfun:main\n", WIRE_KIND_REALLOC, "3"));
	cr_assert(matches("fun:malloc\nfun:__rdl_alloc\nfun:main\n", MALLOC, "3"), "not in a report's stacks");
}

Test(match, a_rule_may_begin_at_the_caller)
{
	cr_assert(matches("fun:cache_add\nfun:main\n", MALLOC, "034"));
	cr_assert(!matches("fun:main\n", MALLOC, "034"));
	cr_assert(!matches("fun:cache_*\nfun:main\n", MALLOC, "034"), "a wildcard would match more than Valgrind's");
	cr_assert(!matches("fun:*\nfun:main\n", MALLOC, "034"));
	cr_assert(matches("fun:*\nfun:main\n", MALLOC, "34"));
}

Test(match, names)
{
	cr_assert(matches("...\nfun:_ZN4shop4Till4openEi\n", MALLOC, "013"));
	cr_assert(matches("...\nfun:shop::Till::open*\n", MALLOC, "013"));
	cr_assert(matches("fun:malloc\nfun:tiny\nfun:main\n", MALLOC, "23"), "Valgrind's name of an inlined function");
	cr_assert(matches("fun:malloc\nfun:dlopen@@GLIBC_2.2.5\n", MALLOC, "7"));
	cr_assert(matches("fun:malloc\nfun:dlopen@@GLIBC*\n", MALLOC, "7"));
	cr_assert(matches("fun:malloc\nfun:dlopen.part.1\n", MALLOC, "7"));
	cr_assert(!matches("fun:malloc\nfun:*@@GLIBC*\n", MALLOC, "7"), "what is left would match all");
	cr_assert(matches("fun:malloc\nfun:main\nfun:(below main)\n", MALLOC, "34"));
	cr_assert(matches("fun:malloc\nobj:*/plugin.so\nobj:*\nfun:main\n", MALLOC, "563"));
	cr_assert(matches("fun:malloc\nfun:\?\?\?\nfun:*\nfun:main\n", MALLOC, "563"));
	cr_assert(!matches("fun:malloc\nfun:m*\n", MALLOC, "5"));
	cr_assert(matches("fun:malloc\nsrc:cache.c\nsrc:main.c:7\n", MALLOC, "03"));
	cr_assert(matches("fun:malloc\nsrc:/src/*.c:42\n", MALLOC, "03"));
	cr_assert(!matches("fun:malloc\nsrc:cache.c:43\n", MALLOC, "03"));
}

Test(match, templates)
{
	cr_assert(matches_as("leak:Till::o", MALLOC, VERDICT_DEFINITE, "013"));
	cr_assert(matches_as("leak:^_ZN4shop", MALLOC, VERDICT_DEFINITE, "013"));
	cr_assert(matches_as("leak:main.c", MALLOC, VERDICT_DEFINITE, "013"));
	cr_assert(matches_as("leak:plugin.so$", MALLOC, VERDICT_DEFINITE, "0653"));
	cr_assert(matches_as("leak:operator new", WIRE_KIND_NEW, VERDICT_DEFINITE, "3"));
	cr_assert(!matches_as("leak:^Till", MALLOC, VERDICT_DEFINITE, "013"));
	cr_assert(matches_as("leak:*", MALLOC, VERDICT_DEFINITE, "-"), "malloc itself has a name");
}

Test(match, verdicts)
{
	static const char rule[] = "{\nn\nMemcheck:Leak\nmatch-leak-kinds: possible\nfun:malloc\nfun:main\n}\n";

	cr_assert(matches_as(rule, MALLOC, VERDICT_POSSIBLE, "3"));
	cr_assert(!matches_as(rule, MALLOC, VERDICT_DEFINITE, "3"));
	cr_assert(!matches_as(rule, MALLOC, VERDICT_UNCLASSIFIED, "3"));
	cr_assert(matches_as("leak:main", MALLOC, VERDICT_UNCLASSIFIED, "3"));
	cr_assert(matches_as("leak:main", MALLOC, VERDICT_REACHABLE, "3"));
}

/* ---- random rules and stacks: functions and lines of rules are single letters */

static uint64_t seed;

static unsigned draw(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

/* `rule`: letters, '*' any one frame, '.' any number of frames. */
static bool slow(const char *rule, const char *stack)
{
	if (!*rule)
		return true;
	if (*rule == '.')
		return slow(rule + 1, stack) || (*stack && slow(rule, stack + 1));
	return *stack && (*rule == '*' || *rule == *stack) && slow(rule + 1, stack + 1);
}

static void random_rule(char *rule, char *text)
{
	unsigned n = draw(5) + 1;
	bool any = false;

	for (unsigned i = 0; i < n; i++) {
		rule[i] = "ab.*"[draw(4)];
		any |= rule[i] != '.';
	}
	if (!any)
		rule[0] = 'a';
	rule[n] = '\0';
	text += sprintf(text, "{\nname\nMemcheck:Leak\nfun:malloc\n");
	for (unsigned i = 0; i < n; i++) {
		if (rule[i] == '.')
			text += sprintf(text, "...\n");
		else
			text += sprintf(text, "fun:%c\n", rule[i]);
	}
	strcpy(text, "}\n");
}

Test(match, random_rules_against_the_definition)
{
	static const struct report_frame letters[] = {{.function = "a", .symbol = "a"},
						      {.function = "b", .symbol = "b"}};
	unsigned n_matched = 0, n_rounds = 20000;

	for (unsigned round = 0; round < n_rounds; round++) {
		const struct report_frame *pointers[8];
		struct report_stack stack = {.frames = pointers, .n_frames = draw(8)};
		struct suppress_matcher *matcher;
		struct suppress_set set = {0};
		char text[256], rule[8], names[9] = "";
		struct err err = {0};
		bool got;

		for (size_t i = 0; i < stack.n_frames; i++) {
			unsigned letter = draw(2);

			pointers[i] = &letters[letter];
			names[i] = "ab"[letter];
		}
		random_rule(rule, text);
		cr_assert_eq(suppress_parse(&set, "x", text, strlen(text), &err), 0, "%s", err.text);
		matcher = suppress_matcher_new(&set);
		got = suppress_match(matcher, &stack, MALLOC, VERDICT_DEFINITE, NULL, 0) == 0;
		cr_assert_eq(got, slow(rule, names), "'%s' '%s'", rule, names);
		n_matched += got;
		suppress_matcher_free(matcher);
		suppress_release(&set);
	}
	cr_assert(n_matched > n_rounds / 10 && n_matched < n_rounds * 9 / 10);
}

Test(match, the_first_rule_counts_and_can_be_passed_over)
{
	static const char text[] = "leak:nothing\nleak:main\nleak:cache\n";
	static const struct report_frame *const pointers[] = {&frames[0], &frames[3]};
	static const struct report_stack stack = {.frames = pointers, .n_frames = 2};
	struct suppress_set set = {0};
	struct suppress_matcher *matcher;
	bool off[3] = {false, true, false};
	struct err err = {0};

	cr_assert_eq(suppress_parse(&set, "x", text, strlen(text), &err), 0);
	matcher = suppress_matcher_new(&set);
	cr_assert_eq(suppress_match(matcher, &stack, MALLOC, VERDICT_DEFINITE, NULL, 0), 1);
	cr_assert_eq(suppress_match(matcher, &stack, MALLOC, VERDICT_DEFINITE, off, 0), 2);
	cr_assert_eq(suppress_match(matcher, &stack, MALLOC, VERDICT_DEFINITE, NULL, 2), 2);
	set.rules[2].expired = true;
	cr_assert_eq(suppress_match(matcher, &stack, MALLOC, VERDICT_DEFINITE, off, 0), SUPPRESS_NONE);
	suppress_matcher_free(matcher);
	suppress_release(&set);
}

/* ---- speed */

#define N_FUNCTIONS 20000
#define N_STACKS    50000
#define N_RULES     200
#define DEPTH       20

static void add_rules(struct suppress_set *set)
{
	for (unsigned i = 0; i < N_RULES; i++) {
		struct err err = {0};
		char text[256];

		if (i % 2)
			snprintf(text, sizeof(text), "leak:^function_%u_of*none$\n", i);
		else
			snprintf(text, sizeof(text),
				 "{\nname\nMemcheck:Leak\n...\nfun:function_%u_*none\n...\nobj:*/x%u.so\n}\n", i, i);
		cr_assert_eq(suppress_parse(set, "x", text, strlen(text), &err), 0);
	}
}

Test(match, many_stacks_and_rules_take_little_time)
{
	struct report_frame *many = calloc(N_FUNCTIONS, sizeof(*many));
	struct suppress_set set = {0};
	struct suppress_matcher *matcher;
	clock_t begin;
	double seconds;

	for (unsigned i = 0; i < N_FUNCTIONS; i++) {
		char name[64];

		snprintf(name, sizeof(name), "function_%u_of_the_program(unsigned long, int)", i);
		many[i] = (struct report_frame){
			.function = strdup(name), .symbol = "_Z8function", .file = "/src/file.cc", .module = EXE};
	}
	add_rules(&set);
	begin = clock();
	matcher = suppress_matcher_new(&set);
	for (unsigned i = 0; i < N_STACKS; i++) {
		const struct report_frame *pointers[DEPTH];
		struct report_stack stack = {.frames = pointers, .n_frames = DEPTH};

		for (unsigned j = 0; j < DEPTH; j++)
			pointers[j] = &many[draw(N_FUNCTIONS)];
		cr_assert_eq(suppress_match(matcher, &stack, MALLOC, VERDICT_DEFINITE, NULL, 0), SUPPRESS_NONE);
	}
	seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
	/* a third of a second; sanitizers and busy machines take longer */
	cr_assert_lt(seconds, 10, "%f", seconds);
	cr_log_info("%f s", seconds);
	suppress_matcher_free(matcher);
	suppress_release(&set);
	for (unsigned i = 0; i < N_FUNCTIONS; i++)
		free((char *)many[i].function);
	free(many);
}
