#include "cli/suppress/rules.h"

#include "cli/base/xalloc.h"
#include "cli/suppress/parse.h"
#include "common/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES_MAX    (64u << 20)
#define PATTERNS_COMPARED 1024 /* the latest ones: equal ones stand near each other */

void suppress_release(struct suppress_set *set)
{
	for (size_t i = 0; i < set->n_rules; i++) {
		free(set->rules[i].name);
		free(set->rules[i].items);
	}
	for (size_t i = 0; i < set->n_patterns; i++) {
		free(set->patterns[i].text);
		free(set->patterns[i].plain);
	}
	for (size_t i = 0; i < set->n_files; i++)
		free(set->files[i]);
	free(set->rules);
	free(set->patterns);
	free(set->files);
	*set = (struct suppress_set){0};
}

/* The whole of it in *text, for free(); its length, or -1. */
static ssize_t read_all(int fd, const char *path, char **text, struct err *err)
{
	size_t used = 0, cap = 0;
	ssize_t n;

	*text = NULL;
	do {
		*text = xgrow(*text, &cap, used + 65536, 1);
		n = io_read_some(fd, *text + used, cap - used);
		if (n > 0)
			used += (size_t)n;
	} while (n > 0 && used <= FILE_BYTES_MAX);
	if (n < 0)
		return err_set_errno(err, (int)-n, "cannot read the suppressions %s", path);
	if (used > FILE_BYTES_MAX)
		return err_set(err, "the suppressions %s are too long: at most %u MiB are read", path,
			       FILE_BYTES_MAX >> 20);
	return (ssize_t)used;
}

int suppress_read(struct suppress_set *set, const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), ret = -1;
	char *text = NULL;
	ssize_t n;

	if (fd < 0)
		return err_set_errno(err, errno, "cannot read the suppressions %s", path);
	n = read_all(fd, path, &text, err);
	close(fd);
	if (n >= 0)
		ret = suppress_parse(set, path, text, (size_t)n, err);
	free(text);
	return ret;
}

size_t suppress_plain_length(const char *function)
{
	static const char *const suffixes[] = {".constprop.", ".isra.",      ".part.", ".cold",
					       ".lto_priv.",  ".localalias", ".llvm."};
	const char *version = strchr(function, '@');
	size_t n = version && version > function ? (size_t)(version - function) : strlen(function);

	if (!memchr(function, '.', n))
		return n;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		const char *at = strstr(function, suffixes[i]);

		if (at && at > function && (size_t)(at - function) < n)
			n = (size_t)(at - function);
	}
	return n;
}

/* NULL when there is nothing to leave out, or when what is left would still have wildcards. */
static char *plain_name(const char *text)
{
	size_t n = suppress_plain_length(text);

	return text[n] && strcspn(text, "*?") >= n ? xstrndup(text, n) : NULL;
}

uint32_t suppress_pattern(struct suppress_set *set, enum suppress_what what, const char *text, uint32_t line)
{
	struct suppress_pattern *pattern;
	size_t first = set->n_patterns > PATTERNS_COMPARED ? set->n_patterns - PATTERNS_COMPARED : 0;

	for (size_t i = first; i < set->n_patterns; i++) {
		pattern = &set->patterns[i];
		if (pattern->what == what && pattern->line == line && strcmp(pattern->text, text) == 0)
			return (uint32_t)i;
	}
	set->patterns = xgrow(set->patterns, &set->cap_patterns, set->n_patterns + 1, sizeof(*set->patterns));
	pattern = &set->patterns[set->n_patterns];
	*pattern = (struct suppress_pattern){
		.what = what, .wild = strpbrk(text, "*?") != NULL, .text = xstrdup(text), .line = line};
	if (what == SUPPRESS_FUNCTION)
		pattern->plain = plain_name(text);
	return (uint32_t)set->n_patterns++;
}

static const char *copy_file(struct suppress_set *set, const char *file)
{
	for (size_t i = 0; i < set->n_files; i++)
		if (strcmp(set->files[i], file) == 0)
			return set->files[i];
	set->files = xgrow(set->files, &set->cap_files, set->n_files + 1, sizeof(*set->files));
	return set->files[set->n_files++] = xstrdup(file);
}

void suppress_append(struct suppress_set *to, const struct suppress_set *from)
{
	for (size_t i = 0; i < from->n_rules; i++) {
		const struct suppress_rule *rule = &from->rules[i];
		struct suppress_rule *copy;

		to->rules = xgrow(to->rules, &to->cap_rules, to->n_rules + 1, sizeof(*to->rules));
		copy = &to->rules[to->n_rules++];
		*copy = *rule;
		copy->name = xstrdup(rule->name);
		copy->file = copy_file(to, rule->file);
		copy->items = xcalloc(rule->n_items + 1, sizeof(*copy->items));
		for (size_t k = 0; k < rule->n_items; k++) {
			const struct suppress_pattern *pattern;

			copy->items[k] = rule->items[k];
			if (rule->items[k] == SUPPRESS_ANY_FRAMES)
				continue;
			pattern = &from->patterns[rule->items[k]];
			copy->items[k] = suppress_pattern(to, pattern->what, pattern->text, pattern->line);
		}
	}
}

size_t suppress_expire(struct suppress_set *set, const char *today)
{
	size_t n = 0;

	for (size_t i = 0; i < set->n_rules; i++) {
		struct suppress_rule *rule = &set->rules[i];

		rule->expired = rule->expires[0] && strcmp(rule->expires, today) < 0;
		n += rule->expired;
	}
	return n;
}
