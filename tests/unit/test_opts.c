#include "cli/opts/opts.h"

#include "cli/analysis/report.h"
#include "cli/opts/opts_table.h"
#include "cli/render/render.h"

#include <criterion/criterion.h>
#include <string.h>

static struct options options;

static void init(void)
{
	opts_init(&options);
}

static void release(void)
{
	opts_release(&options);
}

TestSuite(opts, .init = init, .fini = release, .timeout = 10);

/* Parses the words behind the program's name; the last one must be NULL. */
static int parse(struct err *err, char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	return opts_parse(&options, OPTS_RUN, argc, argv, err);
}

#define PARSE(err, ...) parse(err, (char *[]){"memwatch", __VA_ARGS__, NULL})

static const char *path_of(const char *format)
{
	for (size_t i = 0; i < options.n_outputs; i++) {
		if (!strcmp(options.outputs[i].format, format))
			return options.outputs[i].path;
	}
	return "no such output";
}

static void expect_error(const char *argument, const char *part)
{
	struct err err = {0};

	cr_expect_eq(PARSE(&err, (char *)(uintptr_t)argument), -1, "%s is taken", argument);
	cr_expect(strstr(err.text, part), "'%s' is not in: %s", part, err.text);
}

Test(opts, defaults)
{
	struct err err = {0};

	cr_expect_eq(PARSE(&err, "prog"), 1);
	cr_expect_eq(options.depth, 256);
	cr_expect_eq(options.top, 20);
	cr_expect(options.trace_children);
	cr_expect_eq(options.interval_ns, 1000000000u);
	cr_expect_eq(options.limit_bytes, 0u, "auto");
	cr_expect_eq(options.warn.n, 3u);
	cr_expect_eq(options.warn.percent[2], 90u);
	cr_expect_eq(options.hard_limit, 0u);
	cr_expect_eq(options.n_outputs, 1);
	cr_expect_null(path_of("text"));
	cr_expect(options.show & 1u << VERDICT_UNCLASSIFIED);
	cr_expect_not(options.show & 1u << VERDICT_REACHABLE);
}

Test(opts, values_joined_and_apart)
{
	struct err err = {0};

	cr_expect_eq(PARSE(&err, "--top", "5", "--depth=7", "-qv", "--json", "a.json", "prog", "--top=9"), 7);
	cr_expect_eq(options.top, 5);
	cr_expect_eq(options.depth, 7);
	cr_expect(options.quiet && options.verbose);
	cr_expect_str_eq(path_of("json"), "a.json");
}

Test(opts, optional_value_only_with_equals)
{
	struct err err = {0};

	cr_expect_eq(PARSE(&err, "--text", "prog"), 2);
	cr_expect_null(path_of("text"));
	cr_expect_eq(PARSE(&err, "--text=out", "prog"), 2);
	cr_expect_str_eq(path_of("text"), "out");
	cr_expect_eq(PARSE(&err, "--log-file=log", "prog"), 2);
	cr_expect_str_eq(path_of("text"), "log");
	cr_expect_eq(options.n_outputs, 1);
}

/* The table of formats is the only one: what an option or its help names is there. */
Test(opts, outputs_are_formats)
{
	for (size_t i = 0; i < opts_table_entries; i++) {
		const struct opt_entry *entry = &opts_table[i];

		if (entry->kind == OPT_OUTPUT)
			cr_expect(render_format_find(entry->format ? entry->format : entry->name), "%s", entry->name);
		for (size_t k = 0; entry->kind == OPT_EXPORT && render_format_at(k); k++)
			cr_expect(!render_format_at(k)->exported || strstr(entry->help, render_format_at(k)->name),
				  "%s is not in the help of --export", render_format_at(k)->name);
	}
}

Test(opts, exports)
{
	struct err err = {0};

	cr_expect_eq(PARSE(&err, "--export=massif:a:b", "--export", "speedscope:c", "prog"), 4);
	cr_expect_str_eq(path_of("massif"), "a:b");
	cr_expect_str_eq(path_of("speedscope"), "c");
	cr_expect_eq(PARSE(&err, "--export=massif:a", "--export=massif:b", "prog"), 3);
	cr_expect_str_eq(path_of("massif"), "b");
	expect_error("--export=massi:a", "'massi' is not one of: speedscope, massif, dhat, heaptrack");
	expect_error("--export=massif", "FORMAT:FILE");
	expect_error("--export=massif:", "FORMAT:FILE");
	expect_error("--export=", "is not one of");
}

static int clash(struct err *err, char **argv)
{
	*err = (struct err){0};
	opts_release(&options);
	opts_init(&options);
	cr_assert_gt(parse(err, argv), 0, "%s", err->text);
	return opts_check_files(&options, err);
}

#define CLASH(err, ...) clash(err, (char *[]){"memwatch", __VA_ARGS__, "prog", NULL})

Test(opts, two_reports_in_one_file)
{
	struct err err;

	cr_expect_eq(CLASH(&err, "--json=x", "--folded=x"), -1);
	cr_expect(strstr(err.text, "--json and --folded") && strstr(err.text, " x:"), "%s", err.text);
	cr_expect_eq(CLASH(&err, "--text=%p", "--record=%p"), -1);
	cr_expect_eq(CLASH(&err, "--metrics-file=x", "--write-baseline=x"), -1);
	cr_expect_eq(CLASH(&err, "--json=x", "--folded=y", "--json=z", "--svg=x"), 0);
	cr_expect_eq(CLASH(&err, "--json=-", "--folded=-"), 0);
	cr_expect_eq(CLASH(&err, "--json=/dev/null", "--text=/dev/null"), 0);
	cr_expect_eq(CLASH(&err, "--baseline=x", "--write-baseline=x"), 0);
}

Test(opts, parsing_stops)
{
	struct err err = {0};

	cr_expect_eq(PARSE(&err, "-q", "--", "-v"), 3);
	cr_expect_not(options.verbose);
	cr_expect_eq(PARSE(&err, "-"), 1);
}

Test(opts, verdict_lists)
{
	struct err err = {0};

	cr_expect_eq(PARSE(&err, "--show=reachable,indirect", "p"), 2);
	cr_expect(options.show & 1u << VERDICT_REACHABLE && options.show & 1u << VERDICT_INDIRECT);
	cr_expect_not(options.show & 1u << VERDICT_DEFINITE);
	expect_error("--show=lost", "'lost'");
	expect_error("--show=definite,", "''");
}

Test(opts, valgrind_spellings)
{
	struct err err = {0};

	cr_expect_eq(PARSE(&err, "--tool=memcheck", "--leak-check=full", "--show-leak-kinds=all", "--num-callers=500",
			   "--show-reachable=yes", "--trace-children=no", "p"),
		     7, "%s", err.text);
	cr_expect(options.memcheck);
	cr_expect_eq(options.depth, 256);
	cr_expect_not(options.trace_children);
	cr_expect(options.show & 1u << VERDICT_REACHABLE);
	expect_error("--tool=massif", "memcheck");
	cr_expect_eq(PARSE(&err, "-s", "--malloc-fill=aa", "--leak-check-heuristics", "all", "--log-fd=1", "p"), 6,
		     "%s", err.text);
	cr_expect_str_eq(path_of("text"), "-");
	cr_expect_eq(PARSE(&err, "--log-fd", "2", "p"), 3);
	cr_expect_null(path_of("text"));
	expect_error("--log-fd=999999", "is not open");
	expect_error("--log-fd=x", "not a whole number");
}

Test(opts, errors_name_the_option)
{
	expect_error("--depht=3", "is --depth meant?");
	expect_error("--verb", "is --verbose meant?");
	expect_error("--nonsense=x", "no option --nonsense; see memwatch --help");
	expect_error("--unwind", "no option");
	expect_error("-Z", "-Z");
	expect_error("--json", "--json=FILE");
	expect_error("--json=", "empty");
	expect_error("--json=%z", "%z");
	expect_error("--depth=0", "--depth: '0'");
	expect_error("--depth=257", "1 to 256");
	expect_error("--color=blue", "auto, always, never");
	expect_error("--trace-children=maybe", "neither yes nor no");
	expect_error("--quiet=perhaps", "--quiet");
	expect_error("---", "no option");
	expect_error("--=x", "no option");
}

Test(opts, long_names_do_no_harm)
{
	char name[5000];

	memset(name, 'a', sizeof(name));
	memcpy(name, "--", 2);
	name[sizeof(name) - 1] = '\0';
	expect_error(name, "no option");
}

Test(opts, help_shows_what_the_table_has)
{
	struct out *help = out_memory(), *table = out_memory();
	struct err err = {0};
	const char *text;

	opts_print_help(help, OPTS_RUN);
	opts_print_table(table);
	text = out_text(help, NULL);
	cr_expect(strstr(text, "--text[=FILE]"));
	cr_expect(strstr(text, "-q, --quiet"));
	cr_expect_null(strstr(text, "validate-unwind"), "a developer's option is shown");
	cr_expect(strstr(out_text(table, NULL), "--quiet\t-q\t\t"));
	out_close(help, &err);
	out_close(table, &err);
}

Test(opts, limits)
{
	struct err err = {0};

	cr_assert_eq(PARSE(&err, "--limit=50M", "--warn=90,5,100,60", "--on-warning=mail me", "--hard-limit", "1G",
			   "--max-stack=128K", "--interval=1ms", "--watch", "prog"),
		     9, "%s", err.text);
	cr_expect_eq(options.limit_bytes, 50u << 20);
	cr_expect_eq(options.warn.n, 4u);
	cr_expect_eq(options.warn.percent[0], 5u);
	cr_expect_eq(options.warn.percent[1], 60u);
	cr_expect_eq(options.warn.percent[3], 100u);
	cr_expect_str_eq(options.on_warning, "mail me");
	cr_expect_eq(options.hard_limit, 1u << 30);
	cr_expect_eq(options.max_stack, 128u << 10);
	cr_expect_eq(options.interval_ns, 1000000u);
	cr_expect(options.watch);
	cr_assert_eq(PARSE(&err, "--limit=auto", "--warn=50", "prog"), 3);
	cr_expect_eq(options.limit_bytes, 0u);
	cr_expect_eq(options.warn.n, 1u);
}

Test(opts, limits_that_cannot_be)
{
	expect_error("--limit=0", "too little");
	expect_error("--limit=most", "most");
	expect_error("--limit", "--limit=SIZE|auto");
	expect_error("--warn=", "no percentage");
	expect_error("--warn=70,", "no percentage");
	expect_error("--warn=0", "no percentage");
	expect_error("--warn=101", "no percentage");
	expect_error("--warn=70;80", "no percentage");
	expect_error("--warn=10000000000070", "no percentage");
	expect_error("--warn=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", "more than 16");
	expect_error("--hard-limit=0", "too little");
	expect_error("--hard-limit=auto", "auto");
	expect_error("--max-stack=127K", "at least 131072 bytes");
	expect_error("--interval=0", "at least 1 ms");
	expect_error("--interval=soon", "soon");
}
