/*
 * The parser of options. It is our own small one and not getopt_long(): the order of precedence wants the same code for
 * command line, files and environment, and getopt prints by itself.
 */
#include "cli/opts/opts.h"

#include "cli/analysis/gate.h"
#include "cli/analysis/report.h"
#include "cli/base/pattern.h"
#include "cli/base/units.h"
#include "cli/base/xalloc.h"
#include "cli/opts/opts_table.h"
#include "cli/outputs/actions.h"
#include "cli/render/render.h"
#include "cli/serve/push_url.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void opts_init(struct options *options)
{
	*options = (struct options){
		.trace_children = true,
		.top = 20,
		.depth = OPTS_DEPTH_MAX,
		.show = SHOW_DEFAULT,
		.timeout_ns = UINT64_C(60000000000),
		.interval_ns = UINT64_C(1000000000),
		.push_every_ns = UINT64_C(15000000000),
		.warn = {3, {70, 80, 90}},
		.max_leaked = UINT64_MAX,
		.max_leaked_blocks = UINT64_MAX,
		.max_peak = UINT64_MAX,
		.exit_code = OPTS_EXIT_CODE,
		.github = actions_are_here(),
	};
	options->outputs = xcalloc(1, sizeof(*options->outputs));
	options->outputs[0].format = "text";
	options->n_outputs = 1;
}

static void release_field(struct options *options, const struct opt_entry *entry)
{
	void *field = (char *)options + entry->offset;

	if (entry->kind == OPT_TEXT || entry->kind == OPT_FILE) {
		free(*(char **)field);
		*(char **)field = NULL; /* two names may be of one field */
	} else if (entry->kind == OPT_TEXTS || entry->kind == OPT_URLS) {
		struct opts_texts *texts = field;

		for (size_t i = 0; i < texts->n; i++)
			free(texts->items[i]);
		free(texts->items);
		*texts = (struct opts_texts){0};
	}
}

void opts_release(struct options *options)
{
	for (size_t i = 0; i < options->n_outputs; i++)
		free(options->outputs[i].path);
	free(options->outputs);
	for (size_t i = 0; i < opts_table_entries; i++)
		release_field(options, &opts_table[i]);
	*options = (struct options){0};
}

bool opts_has_output(const struct options *options, const char *format)
{
	for (size_t i = 0; i < options->n_outputs; i++)
		if (!strcmp(options->outputs[i].format, format))
			return true;
	return false;
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

static int set_log_fd(struct options *options, const char *value, struct err *err)
{
	uint64_t fd;
	char path[32];

	if (units_number(value, 0, INT_MAX, &fd, err))
		return -1;
	snprintf(path, sizeof(path), "/dev/fd/%d", (int)fd);
	if (fd > STDERR_FILENO && out_descriptor(path) < 0)
		return err_set(err, "descriptor %s is not open", value);
	return set_output(options, "text", fd == STDERR_FILENO ? NULL : fd == STDOUT_FILENO ? "-" : path, err);
}

static int set_yesno(bool *field, const char *value, struct err *err)
{
	if (strcmp(value, "yes") && strcmp(value, "no"))
		return err_set(err, "'%s' is neither yes nor no", value);
	*field = !strcmp(value, "yes");
	return 0;
}

/* Valgrind's own values, and one for the other syntax. */
static int set_gen(enum render_gen *field, const char *value, struct err *err)
{
	bool yes = false;

	if (!strcmp(value, "lsan"))
		*field = GEN_LSAN;
	else if (!strcmp(value, "all"))
		*field = GEN_VALGRIND;
	else if (set_yesno(&yes, value, err))
		return err_set(err, "'%s' is not one of: yes, all, lsan, no", value);
	else
		*field = yes ? GEN_VALGRIND : GEN_NONE;
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

/* "FORMAT:FILE" */
static int set_export(struct options *options, const char *value, struct err *err)
{
	const char *names[RENDER_FORMATS_MAX + 1] = {NULL};
	size_t length = strcspn(value, ":"), n = 0;
	const struct render_format *format;
	char *name;
	int found;

	for (size_t i = 0; (format = render_format_at(i)); i++)
		if (format->exported)
			names[n++] = format->name;
	name = xstrndup(value, length);
	found = find_choice(names, name, err);
	free(name);
	if (found < 0)
		return -1;
	if (!value[length] || !value[length + 1])
		return err_set(err, "'%s' names no file; it is FORMAT:FILE, as %s:FILE", value, names[found]);
	return set_output(options, names[found], value + length + 1, err);
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

/* Percents, with commas; in any order. */
static int set_thresholds(struct thresholds *field, const char *value, struct err *err)
{
	struct thresholds list = {0};
	struct err other = {0};

	for (const char *s = value;; s++) {
		size_t n = strcspn(s, ",");
		char text[8];
		uint64_t percent;
		unsigned at = list.n;

		snprintf(text, sizeof(text), "%.*s", (int)n, s);
		if (n >= sizeof(text) || units_number(text, 1, 100, &percent, &other))
			return err_set(err, "'%.*s' is no percentage from 1 to 100", (int)n, s);
		if (list.n == THRESHOLDS_MAX)
			return err_set(err, "more than %d thresholds", THRESHOLDS_MAX);
		for (; at > 0 && list.percent[at - 1] > percent; at--)
			list.percent[at] = list.percent[at - 1];
		list.percent[at] = (unsigned)percent;
		list.n++;
		s += n;
		if (!*s)
			break;
	}
	*field = list;
	return 0;
}

/* A size that is at least entry->min. */
static int set_size(uint64_t *field, const struct opt_entry *entry, const char *value, struct err *err)
{
	uint64_t size;

	if (entry->kind == OPT_LIMIT && !strcmp(value, "auto")) {
		*field = 0;
		return 0;
	}
	if (units_size(value, &size, err))
		return -1;
	if (size < entry->min)
		return err_set(err, "'%s' is too little; it must be at least %u bytes", value, entry->min);
	*field = size;
	return 0;
}

static int set_duration(uint64_t *field, const struct opt_entry *entry, const char *value, struct err *err)
{
	uint64_t duration_ns;

	if (units_duration(value, &duration_ns, err))
		return -1;
	if (duration_ns < entry->min)
		return err_set(err, "'%s' is too short; it must be at least %u ms", value, entry->min / 1000000);
	*field = duration_ns;
	return 0;
}

static int check_url(const char *value, struct err *err)
{
	struct push_url url;
	int ret = push_url_parse(value, &url, err);

	push_url_release(&url);
	return ret;
}

static void set_text(char **field, const char *value)
{
	free(*field);
	*field = xstrdup(value);
}

static void add_text(struct opts_texts *texts, const char *value)
{
	texts->items = xreallocarray(texts->items, texts->n + 1, sizeof(*texts->items));
	texts->items[texts->n++] = xstrdup(value);
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
	case OPT_GEN:
		return set_gen(field, value ? value : "yes", err);
	case OPT_NUMBER:
		if (units_number(value, entry->min, entry->max, &number, err))
			return -1;
		*(unsigned *)field = number < entry->most ? (unsigned)number : entry->most;
		return 0;
	case OPT_CHOICE:
		choice = find_choice(entry->choices, value, err);
		if (choice < 0)
			return -1;
		*(unsigned *)field = (unsigned)choice + entry->min;
		return 0;
	case OPT_ACCEPTED:
		return 0;
	case OPT_VERDICTS:
		return set_verdicts(field, value, err);
	case OPT_GATES:
		return gate_parse(value, field, err);
	case OPT_THRESHOLDS:
		return set_thresholds(field, value, err);
	case OPT_SIZE:
	case OPT_LIMIT:
		return set_size(field, entry, value, err);
	case OPT_COUNT:
		return units_number(value, entry->min, UINT64_MAX, field, err);
	case OPT_DURATION:
		return set_duration(field, entry, value, err);
	case OPT_FILE:
		if (pattern_check(value, err))
			return -1;
		set_text(field, value);
		return 0;
	case OPT_TEXT:
		set_text(field, value);
		return 0;
	case OPT_TEXTS:
		add_text(field, value);
		return 0;
	case OPT_URLS:
		if (check_url(value, err))
			return -1;
		add_text(field, value);
		return 0;
	case OPT_ADDRESS:
		((struct opts_http *)field)->on = true;
		return http_address_parse(value ? value : "", &((struct opts_http *)field)->address, err);
	case OPT_OUTPUT:
		return set_output(options, entry->format ? entry->format : entry->name, value, err);
	case OPT_LOG_FD:
		return set_log_fd(options, value, err);
	case OPT_EXPORT:
		return set_export(options, value, err);
	}
	return -1;
}

/* ---- names */

static int unknown_option(const char *name, size_t length, unsigned commands, struct err *err)
{
	const char **names = xcalloc(opts_table_entries + 1, sizeof(*names));
	const char *closest;
	size_t n = 0;

	for (size_t i = 0; i < opts_table_entries; i++) {
		if (opts_table[i].group != GROUP_HIDDEN && opts_table[i].commands & commands)
			names[n++] = opts_table[i].name;
	}
	closest = opts_closest(name, length, names);
	free(names);
	if (closest)
		return err_set(err, "there is no option --%.*s; is --%s meant? See memwatch --help", (int)length, name,
			       closest);
	return err_set(err, "there is no option --%.*s; see memwatch --help", (int)length, name);
}

static const struct opt_entry *find_name(const char *name, size_t length, unsigned commands)
{
	for (size_t i = 0; i < opts_table_entries; i++) {
		const struct opt_entry *entry = &opts_table[i];

		if (entry->commands & commands && strlen(entry->name) == length && !strncmp(entry->name, name, length))
			return entry;
	}
	return NULL;
}

static const struct opt_entry *find_letter(char letter, unsigned commands)
{
	for (size_t i = 0; i < opts_table_entries; i++) {
		if (opts_table[i].letter == letter && opts_table[i].commands & commands)
			return &opts_table[i];
	}
	return NULL;
}

/* ---- command line and lines of configuration */

static int apply(struct options *options, const struct opt_entry *entry, const char *value, struct err *err)
{
	struct err why = {0};

	if (!value && opt_needs_value(entry))
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
	if (!value && next && opt_needs_value(entry)) {
		value = next;
		used = 2;
	}
	return apply(options, entry, value, err) ? -1 : used;
}

/* Flags together, "-qv"; a value is the rest, "-oFILE", or `next`. Returns the number of arguments used, or -1. */
static int parse_letters(struct options *options, unsigned commands, const char *letters, const char *next,
			 struct err *err)
{
	for (; *letters; letters++) {
		const struct opt_entry *entry = find_letter(*letters, commands);

		if (!entry)
			return err_set(err, "there is no option -%c; see memwatch --help", *letters);
		if (opt_needs_value(entry)) {
			const char *value = letters[1] ? letters + 1 : next;

			return apply(options, entry, value, err) ? -1 : 1 + !letters[1];
		}
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
			used = parse_letters(options, command, argv[i] + 1, next, err);
		if (used < 0)
			return -1;
		i += used;
	}
	return i;
}

int opts_set_words(struct options *options, char *const *words, size_t n, struct err *err)
{
	for (size_t i = 0; i < n;) {
		const char *word = words[i], *next = i + 1 < n ? words[i + 1] : NULL;
		int used;

		if (word[0] == '-' && word[1] && word[1] != '-')
			used = parse_letters(options, OPTS_ALL, word + 1, next, err);
		else
			used = parse_long(options, OPTS_ALL, word + (strncmp(word, "--", 2) ? 0 : 2), next, err);
		if (used < 0)
			return -1;
		i += (size_t)used;
	}
	return 0;
}

bool opts_is_name(const char *name, size_t length)
{
	return find_name(name, length, OPTS_ALL) != NULL;
}
