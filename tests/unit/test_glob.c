#include "cli/suppress/glob.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed;

static unsigned draw(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

/* Slow and simple. */
static bool slow_match(const char *pattern, const char *text)
{
	if (*pattern == '*')
		return slow_match(pattern + 1, text) || (*text && slow_match(pattern, text + 1));
	if (!*pattern || !*text)
		return *pattern == *text;
	return (*pattern == '?' || *pattern == *text) && slow_match(pattern + 1, text + 1);
}

static bool slow_begins(const char *pattern, const char *text)
{
	if (!*pattern)
		return true;
	if (*pattern == '$')
		return !*text;
	if (*pattern == '*')
		return slow_begins(pattern + 1, text) || (*text && slow_begins(pattern, text + 1));
	return *text == *pattern && slow_begins(pattern + 1, text + 1);
}

static bool slow_template(const char *pattern, const char *text)
{
	if (!*text)
		return false;
	if (*pattern == '^')
		return slow_begins(pattern + 1, text);
	for (;; text++) {
		if (slow_begins(pattern, text))
			return true;
		if (!*text)
			return false;
	}
}

static void fill(char *s, const char *letters, unsigned max)
{
	unsigned n = draw(max + 1);

	for (unsigned i = 0; i < n; i++)
		s[i] = letters[draw((unsigned)strlen(letters))];
	s[n] = '\0';
}

Test(glob, random_patterns_against_the_definition)
{
	unsigned n_matched = 0;

	for (unsigned round = 0; round < 200000; round++) {
		char pattern[12], text[12];

		fill(pattern, "ab*?", 7);
		fill(text, "ab", 9);
		n_matched += slow_match(pattern, text);
		cr_assert_eq(glob_match(pattern, text), slow_match(pattern, text), "'%s' '%s'", pattern, text);
	}
	cr_assert_gt(n_matched, 10000);
}

Test(glob, random_templates_against_the_definition)
{
	unsigned n_matched = 0;

	for (unsigned round = 0; round < 200000; round++) {
		char pattern[12], text[12];

		fill(pattern, "ab*", 6);
		if (draw(3) == 0) {
			memmove(pattern + 1, pattern, strlen(pattern) + 1);
			pattern[0] = '^';
		}
		if (draw(3) == 0)
			strcat(pattern, "$");
		fill(text, "ab", 9);
		n_matched += slow_template(pattern, text);
		cr_assert_eq(glob_template(pattern, text), slow_template(pattern, text), "'%s' '%s'", pattern, text);
	}
	cr_assert_gt(n_matched, 10000);
}

Test(glob, templates)
{
	cr_assert(glob_template("foo", "a::foo(int)"));
	cr_assert(!glob_template("^foo", "a::foo(int)"));
	cr_assert(glob_template("^a::*)$", "a::foo(int)"));
	cr_assert(glob_template("foo$", "foofoo"), "the last one counts");
	cr_assert(!glob_template("foo$", "foofoo2"));
	cr_assert(glob_template("*", "x"));
	cr_assert(!glob_template("*", ""), "nothing matches an empty name");
	cr_assert(glob_template("lib*.so", "/usr/lib/libz.so.1"));
}

Test(glob, many_stars_take_no_time)
{
	char pattern[4097], text[8193];

	for (size_t i = 0; i + 2 < sizeof(pattern); i += 2)
		memcpy(pattern + i, "*a", 2);
	strcpy(pattern + 4090, "*b");
	memset(text, 'a', 8192);
	text[8192] = '\0';
	cr_assert(!glob_match(pattern, text));
	cr_assert(!glob_template(pattern, text));
}
