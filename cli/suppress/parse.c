/*
 * Both grammars are of lines; blanks around a line have no meaning, lines that begin with '#' are comments. Valgrind's
 * is that of VG_(load_suppressions) in coregrind/m_errormgr.c and of mc_errors.c, LeakSanitizer's that of
 * SuppressionContext::Parse in sanitizer_suppressions.cpp.
 */
#include "cli/suppress/parse.h"

#include "cli/analysis/report.h"
#include "cli/base/units.h"
#include "cli/base/xalloc.h"
#include "common/compiler.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX      500 /* Valgrind's deepest stack */
#define ANY_AMOUNT     UINT64_MAX
#define ALL_VERDICTS   ((1u << N_VERDICTS) - 1)
#define DIRECTIVE      "memwatch:"
#define SHOWN_PER_TEXT 60 /* bytes of a file that a message shows */

struct reader {
	struct suppress_set *set;
	const char *file;
	const char *next, *end;
	char *line; /* the present one, without the blanks around it; for free() */
	unsigned number;
	unsigned column; /* of line[0] */
	bool has_limits; /* a directive waits for its entry */
	unsigned limits_line;
	struct suppress_rule limits;
	struct err *err;
};

/* An error at `at`, in the present line. Always -1. */
static int fail(struct reader *reader, const char *at, const char *fmt, ...) MW_PRINTF(3, 4);

static int fail(struct reader *reader, const char *at, const char *fmt, ...)
{
	char text[384];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(reader->err, "%s:%u:%u: %s", reader->file, reader->number,
		       reader->column + (unsigned)(at - reader->line), text);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static bool starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* ---- limits */

static int days_of(unsigned year, unsigned month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

static bool is_date(const char *s)
{
	unsigned year, month, day;
	int used = 0;

	if (strspn(s, "0123456789-") != 10 || s[4] != '-' || s[7] != '-')
		return false;
	if (sscanf(s, "%4u-%2u-%2u%n", &year, &month, &day, &used) != 3 || used != 10 || s[10])
		return false;
	return month >= 1 && month <= 12 && day >= 1 && (int)day <= days_of(year, month);
}

/* One "name=value"; `setting` is in the present line, `n` bytes. */
static int parse_limit(struct reader *reader, const char *setting, size_t n)
{
	struct suppress_rule *limits = &reader->limits;
	char text[128];
	struct err why = {0};

	if (n >= sizeof(text))
		return fail(reader, setting, "this is too long for a limit");
	memcpy(text, setting, n);
	text[n] = '\0';
	if (starts_with(text, "max-bytes=")) {
		if (units_size(text + 10, &limits->max_bytes, &why))
			return fail(reader, setting + 10, "%s", why.text);
	} else if (starts_with(text, "max-blocks=")) {
		if (units_number(text + 11, 0, UINT64_MAX - 1, &limits->max_blocks, &why))
			return fail(reader, setting + 11, "%s", why.text);
	} else if (starts_with(text, "expires=")) {
		if (!is_date(text + 8))
			return fail(reader, setting + 8, "'%s' is not a date as in expires=2027-01-31", text + 8);
		strcpy(limits->expires, text + 8);
	} else {
		return fail(reader, setting, "'%s' is not one of: max-bytes=SIZE, max-blocks=N, expires=YEAR-MONTH-DAY",
			    text);
	}
	return 0;
}

/* A comment; 0 too when it is no directive. */
static int parse_comment(struct reader *reader)
{
	const char *s = reader->line + 1;

	while (is_blank(*s))
		s++;
	if (!starts_with(s, DIRECTIVE))
		return 0;
	if (!reader->has_limits)
		reader->limits = (struct suppress_rule){.max_bytes = ANY_AMOUNT, .max_blocks = ANY_AMOUNT};
	reader->has_limits = true;
	reader->limits_line = reader->number;
	for (s += strlen(DIRECTIVE);;) {
		size_t n;

		while (is_blank(*s) || *s == ',')
			s++;
		if (!*s)
			return 0;
		n = strcspn(s, " \t\r\v\f,");
		if (parse_limit(reader, s, n))
			return -1;
		s += n;
	}
}

/* ---- lines */

static int take_line(struct reader *reader)
{
	const char *start = reader->next;
	size_t n = (size_t)(reader->end - start), skipped = 0;
	const char *newline = memchr(start, '\n', n);

	if (newline)
		n = (size_t)(newline - start);
	reader->next = newline ? newline + 1 : reader->end;
	while (n && is_blank(start[n - 1]))
		n--;
	while (skipped < n && is_blank(start[skipped]))
		skipped++;
	free(reader->line);
	reader->line = xstrndup(start + skipped, n - skipped);
	reader->number++;
	reader->column = (unsigned)skipped + 1;
	if (strlen(reader->line) != n - skipped)
		return fail(reader, reader->line, "a zero byte: this is not a text file");
	return 0;
}

/* The next line that is neither blank nor a comment: 1; 0 at the end of the file, -1 for an error. */
static int next_line(struct reader *reader, bool in_entry)
{
	while (reader->next < reader->end) {
		bool had_limits = reader->has_limits;

		if (take_line(reader))
			return -1;
		if (reader->line[0] && reader->line[0] != '#')
			return 1;
		if (reader->line[0] == '#' && parse_comment(reader))
			return -1;
		if (in_entry && reader->has_limits && !had_limits)
			return fail(reader, reader->line, "limits stand before the entry, not inside of it");
	}
	return 0;
}

/* A line inside of { }: 0, or -1 at the end of the file or for an error. */
static int entry_line(struct reader *reader, unsigned begin)
{
	int ret = next_line(reader, true);

	if (ret == 0)
		return err_set(reader->err, "%s:%u:%u: the entry that begins here has no closing '}'", reader->file,
			       begin, 1);
	return ret < 0 ? -1 : 0;
}

/* ---- rules */

/* A new rule with the limits that wait. */
static struct suppress_rule *add_rule(struct reader *reader, const char *name, unsigned line)
{
	struct suppress_set *set = reader->set;
	struct suppress_rule *rule;

	set->rules = xgrow(set->rules, &set->cap_rules, set->n_rules + 1, sizeof(*set->rules));
	rule = &set->rules[set->n_rules++];
	*rule = (struct suppress_rule){.max_bytes = ANY_AMOUNT, .max_blocks = ANY_AMOUNT};
	if (reader->has_limits)
		*rule = reader->limits;
	reader->has_limits = false;
	rule->name = xstrdup(name);
	rule->file = set->files[set->n_files - 1];
	rule->line = line;
	rule->verdicts = ALL_VERDICTS;
	return rule;
}

static void add_item(struct suppress_rule *rule, uint32_t item)
{
	rule->items = xreallocarray(rule->items, rule->n_items + 1, sizeof(*rule->items));
	rule->items[rule->n_items++] = item;
}

static int parse_template(struct reader *reader)
{
	static const char *const others[] = {
		"race",
		"mutex",
		"thread",
		"signal",
		"deadlock",
		"called_from_lib",
		"race_top",
		"interceptor_name",
		"interceptor_via_fun",
		"interceptor_via_lib",
		"odr_violation",
		"alloc_dealloc_mismatch",
		"fun",
		"src",
		"type",
		"vptr_check",
	};
	const char *colon = strchr(reader->line, ':');
	size_t n = colon ? (size_t)(colon - reader->line) : 0;
	struct suppress_rule *rule;

	if (!starts_with(reader->line, "leak:")) {
		for (size_t i = 0; colon && i < MW_ARRAY_LEN(others); i++)
			if (strlen(others[i]) == n && !strncmp(others[i], reader->line, n))
				return fail(reader, reader->line,
					    "'%s:' is not of leaks: only 'leak:PATTERN' and Valgrind's '{' are read; "
					    "keep the suppressions of other tools in a file of their own",
					    others[i]);
		return fail(reader, reader->line,
			    "expected 'leak:PATTERN', '{' (an entry of Valgrind's) or '#' (a comment), not '%.*s'",
			    SHOWN_PER_TEXT, reader->line);
	}
	if (!reader->line[5])
		return fail(reader, reader->line + 5,
			    "an empty pattern would suppress everything; if that is meant, write leak:*");
	rule = add_rule(reader, reader->line + 5, reader->number);
	rule->template = true;
	add_item(rule, suppress_pattern(reader->set, SUPPRESS_LEAK, reader->line + 5, 0));
	return 0;
}

/* Behind "match-leak-kinds:". */
static int parse_kinds(struct reader *reader, const char *s, unsigned *verdicts)
{
	static const struct {
		const char *name;
		unsigned verdicts;
	} kinds[] = {
		{"definite", 1u << VERDICT_DEFINITE},
		{"indirect", 1u << VERDICT_INDIRECT},
		{"possible", 1u << VERDICT_POSSIBLE},
		{"reachable", 1u << VERDICT_REACHABLE},
		{"all", ALL_VERDICTS},
		{"none", 0},
	};

	*verdicts = 0;
	for (;;) {
		size_t n, i = 0;

		while (is_blank(*s))
			s++;
		n = strcspn(s, ", \t");
		while (i < MW_ARRAY_LEN(kinds) && (strlen(kinds[i].name) != n || strncmp(kinds[i].name, s, n)))
			i++;
		if (i == MW_ARRAY_LEN(kinds))
			return fail(reader, s,
				    "'%.*s' is not one of: definite, indirect, possible, reachable, all, none",
				    n < SHOWN_PER_TEXT ? (int)n : SHOWN_PER_TEXT, s);
		*verdicts |= kinds[i].verdicts;
		s += n;
		while (is_blank(*s))
			s++;
		if (!*s)
			return 0;
		if (*s++ != ',')
			return fail(reader, s - 1, "expected a comma between kinds");
	}
}

/* "src:FILE" or "src:FILE:LINE". */
static int parse_source(struct reader *reader, const char *text, struct suppress_rule *rule)
{
	const char *colon = strchr(text, ':');
	uint64_t line = 0;
	struct err why = {0};
	char *path;

	if (colon && units_number(colon + 1, 1, UINT32_MAX, &line, &why))
		return fail(reader, colon + 1, "expected a line number behind src:FILE: %s", why.text);
	path = colon ? xstrndup(text, (size_t)(colon - text)) : xstrdup(text);
	add_item(rule, suppress_pattern(reader->set, SUPPRESS_SOURCE, path, (uint32_t)line));
	free(path);
	return 0;
}

static int parse_frame(struct reader *reader, struct suppress_rule *rule)
{
	const char *line = reader->line;

	if (rule->n_items == ITEMS_MAX)
		return fail(reader, line, "an entry has at most %d frames", ITEMS_MAX);
	if (!strcmp(line, "..."))
		add_item(rule, SUPPRESS_ANY_FRAMES);
	else if (starts_with(line, "fun:"))
		add_item(rule, suppress_pattern(reader->set, SUPPRESS_FUNCTION, line + 4, 0));
	else if (starts_with(line, "obj:"))
		add_item(rule, suppress_pattern(reader->set, SUPPRESS_OBJECT, line + 4, 0));
	else if (starts_with(line, "src:"))
		return parse_source(reader, line + 4, rule);
	else if (!strcmp(line, "{"))
		return fail(reader, line, "the entry before has no closing '}'");
	else
		return fail(reader, line,
			    "expected a frame ('fun:', 'obj:' or 'src:' and a name, or '...') or the closing '}', "
			    "not '%.*s'",
			    SHOWN_PER_TEXT, line);
	return 0;
}

static bool has_frame(const struct suppress_rule *rule)
{
	for (size_t i = 0; i < rule->n_items; i++)
		if (rule->items[i] != SUPPRESS_ANY_FRAMES)
			return true;
	return false;
}

/* From behind the line of the kind to the closing brace. */
static int parse_leak(struct reader *reader, struct suppress_rule *rule, unsigned begin)
{
	if (entry_line(reader, begin))
		return -1;
	if (starts_with(reader->line, "match-leak-kinds:") &&
	    (parse_kinds(reader, reader->line + 17, &rule->verdicts) || entry_line(reader, begin)))
		return -1;
	while (strcmp(reader->line, "}")) {
		if (parse_frame(reader, rule) || entry_line(reader, begin))
			return -1;
	}
	if (!rule->n_items)
		return fail(reader, reader->line, "the entry has no frames: write at least one 'fun:' or 'obj:' line");
	if (!has_frame(rule))
		return fail(reader, reader->line,
			    "the entry has nothing but '...', which would match every stack: add a 'fun:' or 'obj:' "
			    "line");
	return 0;
}

static int skip_entry(struct reader *reader, unsigned begin)
{
	do {
		if (entry_line(reader, begin))
			return -1;
		if (!strcmp(reader->line, "{"))
			return fail(reader, reader->line, "the entry before has no closing '}'");
	} while (strcmp(reader->line, "}"));
	return 0;
}

/* Whether Memcheck is among "tool1,tool2"; `n` bytes. In the wild its name is written either way. */
static bool is_of_memcheck(const char *tools, size_t n)
{
	for (const char *s = tools, *end = tools + n; s < end;) {
		size_t length = strcspn(s, ",:");

		if (length == 8 && !strncasecmp(s, "Memcheck", 8))
			return true;
		s += length + 1;
	}
	return false;
}

/* Kinds of Memcheck's other errors. */
static bool is_other_kind(const char *kind)
{
	static const char *const kinds[] = {
		"Param",     "User",     "CoreMem", "Addr1",    "Addr2",     "Addr4",         "Addr8",
		"Addr16",    "Addr32",   "Addr64",  "Jump",     "Free",      "Overlap",       "Mempool",
		"Cond",      "Value0",   "Value1",  "Value2",   "Value4",    "Value8",        "Value16",
		"Value32",   "Value64",  "PCast",   "BadAlign", "BadSize",   "FishyValue",    "ReallocZero",
		"FishySize", "BadAlloc", "Alloc",   "Realloc",  "AlignSize", "AlignMismatch", "SizeMismatch",
	};

	for (size_t i = 0; i < MW_ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i], kind) == 0)
			return true;
	return false;
}

/* Behind the line "{". */
static int parse_entry(struct reader *reader)
{
	unsigned begin = reader->number, line;
	struct suppress_rule *rule;
	const char *colon;
	bool limited = reader->has_limits;
	char *name;

	reader->has_limits = false; /* so that the ones inside are seen */
	if (entry_line(reader, begin))
		return -1;
	if (!strcmp(reader->line, "}"))
		return fail(reader, reader->line,
			    "the entry is empty: its first line is a name, the second Memcheck:Leak");
	name = xstrdup(reader->line);
	line = reader->number;
	if (entry_line(reader, begin)) {
		free(name);
		return -1;
	}
	colon = strchr(reader->line, ':');
	if (!colon) {
		free(name);
		return fail(reader, reader->line,
			    "expected 'TOOL:KIND' behind the entry's name, as Memcheck:Leak, "
			    "not '%.*s'",
			    SHOWN_PER_TEXT, reader->line);
	}
	if (strcmp(colon + 1, "Leak") || !is_of_memcheck(reader->line, (size_t)(colon - reader->line))) {
		free(name);
		if (is_of_memcheck(reader->line, (size_t)(colon - reader->line)) && !is_other_kind(colon + 1))
			return fail(reader, colon + 1, "Memcheck has no errors of kind '%.*s'; leaks are Memcheck:Leak",
				    SHOWN_PER_TEXT, colon + 1);
		return skip_entry(reader, begin);
	}
	reader->has_limits = limited;
	rule = add_rule(reader, name, line);
	free(name);
	return parse_leak(reader, rule, begin);
}

int suppress_parse(struct suppress_set *set, const char *file, const char *text, size_t n, struct err *err)
{
	struct reader reader = {.set = set, .file = file, .next = text, .end = text + n, .err = err};
	int ret;

	set->files = xgrow(set->files, &set->cap_files, set->n_files + 1, sizeof(*set->files));
	set->files[set->n_files++] = xstrdup(file);
	if (n >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) /* a byte order mark */
		reader.next += 3;
	while ((ret = next_line(&reader, false)) > 0) {
		if (strcmp(reader.line, "{") ? parse_template(&reader) : parse_entry(&reader)) {
			ret = -1;
			break;
		}
	}
	if (ret == 0 && reader.has_limits)
		ret = err_set(err, "%s:%u:1: these limits have no entry behind them", file, reader.limits_line);
	free(reader.line);
	return ret;
}
