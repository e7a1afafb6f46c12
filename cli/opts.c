/*
 * The option table and what is generated from it. The parser is our own small one and not getopt_long(): the order of
 * precedence wants the same code for command line, files and environment, and getopt prints by itself.
 */
#include "cli/opts.h"

#include "cli/analysis/report.h"
#include "cli/base/pattern.h"
#include "cli/base/units.h"
#include "cli/base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum opt_kind {
	OPT_FLAG,     /* bool at offset; no argument, or yes|no */
	OPT_YESNO,    /* bool at offset; needs yes or no */
	OPT_NUMBER,   /* unsigned at offset, from min to max, cut at `most` */
	OPT_CHOICE,   /* unsigned at offset: index into choices */
	OPT_VERDICTS, /* unsigned at offset: bit set of verdicts */
	OPT_OUTPUT,   /* a report; `choices` is its format */
	OPT_ACCEPTED, /* a spelling of valgrind without effect here; one of choices */
};

enum opt_group {
	GROUP_REPORT,
	GROUP_RECORD,
	GROUP_VALGRIND,
	GROUP_GENERAL,
	GROUP_HIDDEN, /* for developers: not in --help */
};

struct opt_entry {
	const char *name;
	const char *metavar; /* of the argument; NULL = none; in brackets = may be left out, then only with '=' */
	const char *help;
	const char *const *choices; /* ended by NULL */
	size_t offset;              /* in struct options */
	unsigned min, max, most;
	enum opt_kind kind;
	enum opt_group group;
	unsigned commands; /* set of enum opts_command */
	char letter;
};

static const char *const color_choices[] = {"auto", "always", "never", NULL};
static const char *const unwinder_choices[] = {"fast", "reference", NULL};
static const char *const tool_choices[] = {"memcheck", NULL};
static const char *const leak_check_choices[] = {"full", "yes", "summary", NULL};
static const char *const format_text[] = {"text", NULL};
static const char *const format_json[] = {"json", NULL};
static const char *const format_folded[] = {"folded", NULL};

#define TO(field) .offset = offsetof(struct options, field)

/* clang-format off */
static const struct opt_entry opts_table[] = {
	{"text", "[=FILE]", "text report to FILE ('-' is stdout; default: stderr)", format_text,
	 .kind = OPT_OUTPUT, .group = GROUP_REPORT, .commands = OPTS_RUN},
	{"log-file", "FILE", "the same as --text=FILE", format_text,
	 .kind = OPT_OUTPUT, .group = GROUP_REPORT, .commands = OPTS_RUN},
	{"json", "FILE", "machine-readable report (schema memwatch-report/1)", format_json,
	 .kind = OPT_OUTPUT, .group = GROUP_REPORT, .commands = OPTS_RUN},
	{"folded", "FILE", "collapsed stacks, for flame graphs", format_folded,
	 .kind = OPT_OUTPUT, .group = GROUP_REPORT, .commands = OPTS_RUN},
	{"top", "N", "records shown in the text report (default 20; totals cover all)", TO(top),
	 .kind = OPT_NUMBER, .max = 1000000000, .most = 1000000000, .group = GROUP_REPORT, .commands = OPTS_RUN},
	{"show", "LIST", "verdicts in the text: definite, indirect, possible, reachable, all",
	 TO(show), .kind = OPT_VERDICTS, .group = GROUP_REPORT, .commands = OPTS_RUN},
	{"color", "WHEN", "auto, always or never", color_choices, TO(color),
	 .kind = OPT_CHOICE, .group = GROUP_REPORT, .commands = OPTS_RUN},
	{"quiet", NULL, "print nothing when nothing was found", TO(quiet), .letter = 'q',
	 .kind = OPT_FLAG, .group = GROUP_REPORT, .commands = OPTS_RUN},
	{"verbose", NULL, "say more, and show all processes", TO(verbose), .letter = 'v',
	 .kind = OPT_FLAG, .group = GROUP_REPORT, .commands = OPTS_RUN},
	{"depth", "N", "frames kept of a stack, 1 to 256 (default 256)", TO(depth),
	 .kind = OPT_NUMBER, .min = 1, .max = OPTS_DEPTH_MAX, .most = OPTS_DEPTH_MAX, .group = GROUP_RECORD,
	 .commands = OPTS_RUN},
	{"trace-children", "yes|no", "follow fork, vfork, exec and posix_spawn (default yes)", TO(trace_children),
	 .kind = OPT_YESNO, .group = GROUP_RECORD, .commands = OPTS_RUN},
	{"no-scan", NULL, "no verdicts: what is not freed is \"live at exit\"", TO(no_scan),
	 .kind = OPT_FLAG, .group = GROUP_RECORD, .commands = OPTS_RUN},
	{"tool", "memcheck", "lines begin with ==PID==", tool_choices, TO(memcheck),
	 .kind = OPT_CHOICE, .min = 1, .group = GROUP_VALGRIND, .commands = OPTS_RUN},
	{"leak-check", "full", "accepted: the report is always full", leak_check_choices,
	 .kind = OPT_ACCEPTED, .group = GROUP_VALGRIND, .commands = OPTS_RUN},
	{"show-reachable", "yes|no", "yes is --show=all", TO(show),
	 .kind = OPT_VERDICTS, .group = GROUP_VALGRIND, .commands = OPTS_RUN},
	{"show-leak-kinds", "LIST", "the same as --show=LIST", TO(show),
	 .kind = OPT_VERDICTS, .group = GROUP_VALGRIND, .commands = OPTS_RUN},
	{"num-callers", "N", "the same as --depth=N", TO(depth),
	 .kind = OPT_NUMBER, .min = 1, .max = 500, .most = OPTS_DEPTH_MAX, .group = GROUP_VALGRIND,
	 .commands = OPTS_RUN},
	{"help", NULL, "this text", TO(help), .letter = 'h',
	 .kind = OPT_FLAG, .group = GROUP_GENERAL, .commands = OPTS_ALL},
	{"version", NULL, "the version", TO(version),
	 .kind = OPT_FLAG, .group = GROUP_GENERAL, .commands = OPTS_ALL},
	{"validate-unwind", NULL, "walk each stack with both unwinders and count the differences", TO(validate_unwind),
	 .kind = OPT_FLAG, .group = GROUP_HIDDEN, .commands = OPTS_RUN},
	{"unwinder", "fast|reference", "which unwinder walks the stacks", unwinder_choices, TO(unwinder),
	 .kind = OPT_CHOICE, .group = GROUP_HIDDEN, .commands = OPTS_RUN},
	{"options-table", NULL, "dump this table", TO(options_table),
	 .kind = OPT_FLAG, .group = GROUP_HIDDEN, .commands = OPTS_HELP},
};
/* clang-format on */

#define SHOW_ALWAYS  (1u << VERDICT_SUPPRESSED | 1u << VERDICT_UNCLASSIFIED)
#define SHOW_DEFAULT (SHOW_ALWAYS | 1u << VERDICT_DEFINITE | 1u << VERDICT_POSSIBLE)
#define SHOW_ALL     (SHOW_DEFAULT | 1u << VERDICT_INDIRECT | 1u << VERDICT_REACHABLE)

void opts_init(struct options *options)
{
	*options = (struct options){
		.trace_children = true,
		.top = 20,
		.depth = OPTS_DEPTH_MAX,
		.show = SHOW_DEFAULT,
	};
	options->outputs = xcalloc(1, sizeof(*options->outputs));
	options->outputs[0].format = "text";
	options->n_outputs = 1;
}

void opts_release(struct options *options)
{
	for (size_t i = 0; i < options->n_outputs; i++)
		free(options->outputs[i].path);
	free(options->outputs);
	options->outputs = NULL;
	options->n_outputs = 0;
}

/* ---- values */

/* The file of one format; the last setting wins, as with every option. */
static int set_output(struct options *options, const char *format, const char *path, struct err *err)
{
	struct opts_output *output = NULL;

	if (path && pattern_check(path, err))
		return -1;
	for (size_t i = 0; i < options->n_outputs && !output; i++)
		output = strcmp(options->outputs[i].format, format) ? NULL : &options->outputs[i];
	if (!output) {
		options->outputs = xreallocarray(options->outputs, options->n_outputs + 1, sizeof(*output));
		output = &options->outputs[options->n_outputs++];
		*output = (struct opts_output){.format = format};
	}
	free(output->path);
	output->path = path ? xstrdup(path) : NULL;
	return 0;
}

static int set_yesno(bool *field, const char *value, struct err *err)
{
	if (strcmp(value, "yes") && strcmp(value, "no"))
		return err_set(err, "'%s' is neither yes nor no", value);
	*field = !strcmp(value, "yes");
	return 0;
}

static int find_choice(const char *const *choices, const char *value, struct err *err)
{
	char list[256] = "";

	for (int i = 0; choices[i]; i++) {
		size_t n = strlen(list);

		if (!strcmp(choices[i], value))
			return i;
		snprintf(list + n, sizeof(list) - n, "%s%s", i ? ", " : "", choices[i]);
	}
	return err_set(err, "'%s' is not one of: %s", value, list);
}

static int set_verdicts(unsigned *field, const char *value, struct err *err)
{
	static const struct {
		const char *name;
		unsigned bits;
	} names[] = {
		{"definite", 1u << VERDICT_DEFINITE},
		{"indirect", 1u << VERDICT_INDIRECT},
		{"possible", 1u << VERDICT_POSSIBLE},
		{"reachable", 1u << VERDICT_REACHABLE},
		{"all", SHOW_ALL},
		{"none", 0},
		{"yes", SHOW_ALL},
		{"no", SHOW_DEFAULT}, /* of --show-reachable */
	};
	unsigned bits = SHOW_ALWAYS;

	for (const char *s = value;; s++) {
		size_t n = strcspn(s, ","), i = 0;

		while (i < MW_ARRAY_LEN(names) && (strlen(names[i].name) != n || strncmp(names[i].name, s, n)))
			i++;
		if (i == MW_ARRAY_LEN(names))
			return err_set(err, "'%.*s' is not one of: definite, indirect, possible, reachable, all",
				       (int)n, s);
		bits |= names[i].bits;
		s += n;
		if (!*s)
			break;
	}
	*field = bits;
	return 0;
}

static int set_value(struct options *options, const struct opt_entry *entry, const char *value, struct err *err)
{
	void *field = (char *)options + entry->offset;
	uint64_t number;
	int choice;

	switch (entry->kind) {
	case OPT_FLAG:
		return set_yesno(field, value ? value : "yes", err);
	case OPT_YESNO:
		return set_yesno(field, value, err);
	case OPT_NUMBER:
		if (units_number(value, entry->min, entry->max, &number, err))
			return -1;
		*(unsigned *)field = number < entry->most ? (unsigned)number : entry->most;
		return 0;
	case OPT_CHOICE:
	case OPT_ACCEPTED:
		choice = find_choice(entry->choices, value, err);
		if (choice < 0)
			return -1;
		if (entry->kind == OPT_CHOICE)
			*(unsigned *)field = (unsigned)choice + entry->min;
		return 0;
	case OPT_VERDICTS:
		return set_verdicts(field, value, err);
	case OPT_OUTPUT:
		return set_output(options, entry->choices[0], value, err);
	}
	return -1;
}

/* ---- names */

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein's distance; names are short. */
static unsigned edit_distance(const char *a, size_t na, const char *b, size_t nb)
{
	enum { NAME_MAX_BYTES = 32 };
	unsigned row[NAME_MAX_BYTES + 1];

	if (na > NAME_MAX_BYTES || nb > NAME_MAX_BYTES)
		return NAME_MAX_BYTES;
	for (unsigned j = 0; j <= nb; j++)
		row[j] = j;
	for (unsigned i = 1; i <= na; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= nb; j++) {
			unsigned above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[nb];
}

const char *opts_closest(const char *typed, size_t length, const char *const *names)
{
	const char *best = NULL;
	unsigned best_distance = length > 9 ? 4 : length > 3 ? 3 : 2; /* it must be less */

	for (; *names; names++) {
		unsigned distance = edit_distance(typed, length, *names, strlen(*names));

		if (length >= 3 && !strncmp(typed, *names, length))
			distance = 1; /* an abbreviation */
		if (distance < best_distance) {
			best_distance = distance;
			best = *names;
		}
	}
	return best;
}

static int unknown_option(const char *name, size_t length, unsigned commands, struct err *err)
{
	const char *names[MW_ARRAY_LEN(opts_table) + 1];
	const char *closest;
	size_t n = 0;

	for (size_t i = 0; i < MW_ARRAY_LEN(opts_table); i++) {
		if (opts_table[i].group != GROUP_HIDDEN && opts_table[i].commands & commands)
			names[n++] = opts_table[i].name;
	}
	names[n] = NULL;
	closest = opts_closest(name, length, names);
	if (closest)
		return err_set(err, "there is no option --%.*s; is --%s meant? See memwatch --help", (int)length, name,
			       closest);
	return err_set(err, "there is no option --%.*s; see memwatch --help", (int)length, name);
}

static const struct opt_entry *find_name(const char *name, size_t length, unsigned commands)
{
	for (size_t i = 0; i < MW_ARRAY_LEN(opts_table); i++) {
		const struct opt_entry *entry = &opts_table[i];

		if (entry->commands & commands && strlen(entry->name) == length && !strncmp(entry->name, name, length))
			return entry;
	}
	return NULL;
}

static const struct opt_entry *find_letter(char letter, unsigned commands)
{
	for (size_t i = 0; i < MW_ARRAY_LEN(opts_table); i++) {
		if (opts_table[i].letter == letter && opts_table[i].commands & commands)
			return &opts_table[i];
	}
	return NULL;
}

static bool needs_value(const struct opt_entry *entry)
{
	return entry->metavar && entry->metavar[0] != '[';
}

/* ---- command line and lines of configuration */

static int apply(struct options *options, const struct opt_entry *entry, const char *value, struct err *err)
{
	struct err why = {0};

	if (!value && needs_value(entry))
		return err_set(err, "--%s needs a value, --%s=%s; see memwatch --help", entry->name, entry->name,
			       entry->metavar);
	if (set_value(options, entry, value, &why))
		return err_set(err, "--%s: %s", entry->name, why.text);
	return 0;
}

/* "name", "name=value", or "name" and `next`. Returns the number of arguments used, or -1. */
static int parse_long(struct options *options, unsigned commands, const char *text, const char *next, struct err *err)
{
	size_t length = strcspn(text, "=");
	const struct opt_entry *entry = find_name(text, length, commands);
	const char *value = text[length] ? text + length + 1 : NULL;
	int used = 1;

	if (!entry)
		return unknown_option(text, length, commands, err);
	if (!value && next && needs_value(entry)) {
		value = next;
		used = 2;
	}
	return apply(options, entry, value, err) ? -1 : used;
}

static int parse_letters(struct options *options, unsigned commands, const char *letters, struct err *err)
{
	for (; *letters; letters++) {
		const struct opt_entry *entry = find_letter(*letters, commands);

		if (!entry)
			return err_set(err, "there is no option -%c; see memwatch --help", *letters);
		if (apply(options, entry, NULL, err))
			return -1;
	}
	return 1;
}

int opts_parse(struct options *options, enum opts_command command, int argc, char **argv, struct err *err)
{
	int i = 1;

	while (i < argc && argv[i][0] == '-' && argv[i][1]) {
		const char *next = i + 1 < argc ? argv[i + 1] : NULL;
		int used;

		if (!strcmp(argv[i], "--"))
			return i + 1;
		if (argv[i][1] == '-')
			used = parse_long(options, command, argv[i] + 2, next, err);
		else
			used = parse_letters(options, command, argv[i] + 1, err);
		if (used < 0)
			return -1;
		i += used;
	}
	return i;
}

int opts_set_line(struct options *options, const char *text, struct err *err)
{
	return parse_long(options, OPTS_ALL, text, NULL, err) < 0 ? -1 : 0;
}

/* ---- what is generated */

static const char *separator(const struct opt_entry *entry)
{
	return needs_value(entry) ? "=" : "";
}

void opts_print_help(struct out *out, enum opts_command command)
{
	static const char *const titles[] = {
		[GROUP_REPORT] = "Reports",
		[GROUP_RECORD] = "What is watched",
		[GROUP_VALGRIND] = "Valgrind's spellings",
		[GROUP_GENERAL] = "General",
	};

	for (int group = 0; group < GROUP_HIDDEN; group++) {
		bool titled = false;

		for (size_t i = 0; i < MW_ARRAY_LEN(opts_table); i++) {
			const struct opt_entry *entry = &opts_table[i];
			char left[64];

			if ((int)entry->group != group || !(entry->commands & (unsigned)command))
				continue;
			if (!titled)
				out_printf(out, "\n%s:\n", titles[group]);
			titled = true;
			snprintf(left, sizeof(left), "%c%c%s--%s%s%s", entry->letter ? '-' : ' ',
				 entry->letter ? entry->letter : ' ', entry->letter ? ", " : "  ", entry->name,
				 separator(entry), entry->metavar ? entry->metavar : "");
			out_printf(out, "  %-28s %s%s\n", left,
				   strlen(left) > 28 ? "\n                               " : "", entry->help);
		}
	}
}

void opts_print_table(struct out *out)
{
	for (size_t i = 0; i < MW_ARRAY_LEN(opts_table); i++) {
		const struct opt_entry *entry = &opts_table[i];

		if (entry->group == GROUP_HIDDEN)
			continue;
		out_printf(out, "--%s\t%s%.1s\t%s\t%s\n", entry->name, entry->letter ? "-" : "", &entry->letter,
			   entry->metavar ? entry->metavar : "", entry->help);
	}
}
