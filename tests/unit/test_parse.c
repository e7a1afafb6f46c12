/* Suppression files: both grammars, their errors, limits. */
#include "cli/suppress/parse.h"

#include "cli/analysis/report.h"
#include "common/compiler.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct suppress_set set;
static struct err err;

static int parse(const char *text)
{
	suppress_release(&set);
	err = (struct err){0};
	return suppress_parse(&set, "x.supp", text, strlen(text), &err);
}

static const char *item(size_t rule, size_t index)
{
	static const char *const prefixes[] = {"leak:", "fun:", "obj:", "src:"};
	static char text[128];
	const struct suppress_pattern *pattern;

	cr_assert_lt(rule, set.n_rules);
	cr_assert_lt(index, set.rules[rule].n_items);
	if (set.rules[rule].items[index] == SUPPRESS_ANY_FRAMES)
		return "...";
	pattern = &set.patterns[set.rules[rule].items[index]];
	snprintf(text, sizeof(text), "%s%s%s%.0u", prefixes[pattern->what], pattern->text, pattern->line ? ":" : "",
		 pattern->line);
	return text;
}

Test(parse, leak_sanitizer)
{
	cr_assert_eq(parse("# a comment\n\n  leak:foo*bar \t\r\nleak:^main$"), 0, "%s", err.text);
	cr_assert_eq(set.n_rules, 2);
	cr_assert_str_eq(set.rules[0].name, "foo*bar");
	cr_assert(set.rules[0].template);
	cr_assert_eq(set.rules[0].line, 3);
	cr_assert_str_eq(set.rules[0].file, "x.supp");
	cr_assert_str_eq(item(1, 0), "leak:^main$");
	cr_assert(set.rules[1].verdicts & 1u << VERDICT_REACHABLE);
}

Test(parse, valgrind)
{
	cr_assert_eq(parse("{\n"
			   "   any <name> # this is no comment\n"
			   "   Memcheck:Leak\n"
			   "   match-leak-kinds: definite, possible\n"
			   "\tfun:malloc\n"
			   "\n"
			   "   # this is one\n"
			   "   ...\n"
			   "   obj:*/lib*.so\n"
			   "   src:a.c:42\n"
			   "   src:b.c\n"
			   "}\n"
			   "leak:mixed\n"
			   "{\n{\nmemcheck:Leak\nfun:f\n}\n"
			   "{\nold tools\nAddrcheck,Memcheck:Leak\nfun:f\n}\n"),
		     0, "%s", err.text);
	cr_assert_eq(set.n_rules, 4);
	cr_assert_str_eq(set.rules[0].name, "any <name> # this is no comment");
	cr_assert_eq(set.rules[0].line, 2);
	cr_assert_eq(set.rules[0].verdicts, 1u << VERDICT_DEFINITE | 1u << VERDICT_POSSIBLE);
	cr_assert_eq(set.rules[0].n_items, 5);
	cr_assert_str_eq(item(0, 0), "fun:malloc");
	cr_assert_str_eq(item(0, 1), "...");
	cr_assert_str_eq(item(0, 2), "obj:*/lib*.so");
	cr_assert_str_eq(item(0, 3), "src:a.c:42");
	cr_assert_str_eq(item(0, 4), "src:b.c");
	cr_assert_str_eq(set.rules[1].name, "mixed");
	cr_assert_str_eq(set.rules[2].name, "{");
	cr_assert_eq(set.rules[2].items[0], set.rules[3].items[0], "equal patterns are one");
}

Test(parse, what_is_not_of_leaks_is_read_over)
{
	cr_assert_eq(parse("{\na\nMemcheck:Param\nwrite(buf)\nfun:write\n}\n"
			   "{\nb\nHelgrind:Race\nanything at all\n}\n"
			   "{\nc\nMemcheck:Cond\n...\n}\n"
			   "{\nd\ndrd,Helgrind:Leak\nfun:x\n}\n"
			   "# memwatch: max-blocks=1\n{\ne\nMemcheck:Free\nfun:free\n}\n"
			   "leak:last\n"),
		     0, "%s", err.text);
	cr_assert_eq(set.n_rules, 1);
	cr_assert_eq(set.rules[0].max_blocks, UINT64_MAX, "the limit was the other entry's");
}

Test(parse, kinds)
{
	cr_assert_eq(parse("{\na\nMemcheck:Leak\nmatch-leak-kinds:all\nfun:f\n}\n"
			   "{\nb\nMemcheck:Leak\nmatch-leak-kinds: none\nfun:f\n}\n"
			   "{\nc\nMemcheck:Leak\nmatch-leak-kinds: reachable,indirect\nfun:f\n}\n"),
		     0, "%s", err.text);
	cr_assert(set.rules[0].verdicts & 1u << VERDICT_UNCLASSIFIED);
	cr_assert_eq(set.rules[1].verdicts, 0);
	cr_assert_eq(set.rules[2].verdicts, 1u << VERDICT_REACHABLE | 1u << VERDICT_INDIRECT);
}

Test(parse, limits)
{
	cr_assert_eq(parse("# memwatch: max-bytes=4K, max-blocks=10\n"
			   "# memwatch: expires=2028-02-29\n"
			   "# and an ordinary comment\n"
			   "{\na\nMemcheck:Leak\nfun:f\n}\n"
			   "leak:free\n"
			   "#memwatch:max-bytes=0\nleak:none at all\n"),
		     0, "%s", err.text);
	cr_assert_eq(set.rules[0].max_bytes, 4096);
	cr_assert_eq(set.rules[0].max_blocks, 10);
	cr_assert_str_eq(set.rules[0].expires, "2028-02-29");
	cr_assert_eq(set.rules[1].max_bytes, UINT64_MAX);
	cr_assert_str_eq(set.rules[1].expires, "");
	cr_assert_eq(set.rules[2].max_bytes, 0);
	cr_assert_eq(suppress_expire(&set, "2028-02-29"), 0, "the last day counts");
	cr_assert_eq(suppress_expire(&set, "2028-03-01"), 1);
	cr_assert(set.rules[0].expired && !set.rules[1].expired);
}

Test(parse, errors_say_where)
{
	static const struct {
		const char *text, *starts;
	} cases[] = {
		{"leak:a\n  race:b\n", "x.supp:2:3: 'race:' is not of leaks"},
		{"foo\n", "x.supp:1:1: expected 'leak:PATTERN'"},
		{"\n\tleak:\n", "x.supp:2:7: an empty pattern"},
		{"}\n", "x.supp:1:1: expected 'leak:PATTERN'"},
		{"{\n", "x.supp:1:1: the entry that begins here has no closing"},
		{"leak:a\n{\nname\nMemcheck:Leak\nfun:f\n", "x.supp:2:1: the entry that begins here"},
		{"{\n}\n", "x.supp:2:1: the entry is empty"},
		{"{\nname\nmalloc\n}\n", "x.supp:3:1: expected 'TOOL:KIND'"},
		{"{\nname\nMemcheck:Leek\nfun:f\n}\n", "x.supp:3:10: Memcheck has no errors of kind 'Leek'"},
		{"{\nname\nMemcheck:Leak\n}\n", "x.supp:4:1: the entry has no frames"},
		{"{\nname\nMemcheck:Leak\n...\n...\n}\n", "x.supp:6:1: the entry has nothing but"},
		{"{\nname\nMemcheck:Leak\n  malloc\n}\n", "x.supp:4:3: expected a frame"},
		{"{\nname\nMemcheck:Leak\nfun:f\n{\nname\n", "x.supp:5:1: the entry before has no closing"},
		{"{\nname\nHelgrind:Race\nfun:f\n{\nname\n", "x.supp:5:1: the entry before has no closing"},
		{"{\nname\nMemcheck:Leak\nmatch-leak-kinds: definite,lost\nfun:f\n}\n",
		 "x.supp:4:28: 'lost' is not one of"},
		{"{\nname\nMemcheck:Leak\nmatch-leak-kinds: definite possible\nfun:f\n}\n",
		 "x.supp:4:28: expected a comma"},
		{"{\nname\nMemcheck:Leak\nmatch-leak-kinds:\nfun:f\n}\n", "x.supp:4:18: '' is not one of"},
		{"{\nname\nMemcheck:Leak\nsrc:a.c:x\n}\n", "x.supp:4:9: expected a line number"},
		{"# memwatch: max-byte=4\nleak:a\n", "x.supp:1:13: 'max-byte=4' is not one of"},
		{"# memwatch: max-bytes=4Q\nleak:a\n", "x.supp:1:23: "},
		{"# memwatch: max-blocks=1 expires=2027-02-29\nleak:a\n", "x.supp:1:34: '2027-02-29' is not a date"},
		{"# memwatch: expires=2027-1-1\nleak:a\n", "x.supp:1:21: "},
		{"leak:a\n# memwatch: max-blocks=1\n\n", "x.supp:2:1: these limits have no entry"},
		{"{\nname\n# memwatch: max-blocks=1\nMemcheck:Leak\nfun:f\n}\n", "x.supp:3:1: limits stand before"},
	};

	for (size_t i = 0; i < MW_ARRAY_LEN(cases); i++) {
		int ret = parse(cases[i].text);

		cr_assert_eq(ret, -1, "%s", cases[i].text);
		cr_assert_eq(strncmp(err.text, cases[i].starts, strlen(cases[i].starts)), 0, "%s\n%s", cases[i].text,
			     err.text);
	}
}

Test(parse, text_that_is_none)
{
	err = (struct err){0};
	cr_assert_eq(suppress_parse(&set, "x.supp", "leak:a\n\0b\n", 10, &err), -1);
	cr_assert_str_eq(err.text, "x.supp:2:1: a zero byte: this is not a text file");
	cr_assert_eq(parse(""), 0);
	cr_assert_eq(parse("\xef\xbb\xbfleak:a\n"), 0, "a byte order mark");
	cr_assert_eq(parse("leak:a"), 0);
	cr_assert_eq(set.n_rules, 1);
}

Test(parse, plain_names)
{
	cr_assert_eq(suppress_plain_length("dlopen@@GLIBC_2.2.5"), 6);
	cr_assert_eq(suppress_plain_length("call_init.part.0"), 9);
	cr_assert_eq(suppress_plain_length("f.constprop.0.isra.1"), 1);
	cr_assert_eq(suppress_plain_length("main.func1"), 10);
	cr_assert_eq(suppress_plain_length("@odd"), 4);
}
