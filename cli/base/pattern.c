#include "cli/base/pattern.h"

#include "cli/base/out.h"
#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

static void put_program(struct out *out, const char *program)
{
	const char *slash = program ? strrchr(program, '/') : NULL;
	const char *name = slash ? slash + 1 : program;

	/* what the program calls itself must not lead to another folder */
	if (!name || !*name || !strcmp(name, ".") || !strcmp(name, ".."))
		name = "unknown";
	out_str(out, name);
}

static void put_time(struct out *out, time_t when)
{
	char text[32] = "";
	struct tm tm;

	if (localtime_r(&when, &tm))
		strftime(text, sizeof(text), "%Y%m%d-%H%M%S", &tm);
	out_str(out, text);
}

/* `s` is behind "%q"; returns what follows the closing brace. */
static const char *put_variable(struct out *out, const char *pattern, const char *s, struct err *err)
{
	const char *end = *s == '{' ? strchr(s, '}') : NULL;
	const char *value;
	char *name;

	if (!end || end == s + 1) {
		err_set(err, "%%q needs a variable in braces, as in %%q{HOME}, in the file name '%s'", pattern);
		return NULL;
	}
	name = xstrndup(s + 1, (size_t)(end - s - 1));
	value = getenv(name);
	if (value)
		out_str(out, value);
	else
		err_set(err, "the environment variable %s in the file name '%s' is not set", name, pattern);
	free(name);
	return value ? end + 1 : NULL;
}

/* `s` is behind the percent sign; returns what follows the conversion, or NULL and `err`. */
static const char *put_conversion(struct out *out, const char *pattern, const char *s,
				  const struct pattern_values *values, struct err *err)
{
	switch (*s) {
	case '%':
		out_char(out, '%');
		break;
	case 'p':
		out_printf(out, "%d", values->pid);
		break;
	case 'n':
		out_printf(out, "%u", values->sequence);
		break;
	case 'e':
		put_program(out, values->program);
		break;
	case 't':
		put_time(out, values->time);
		break;
	case 'q':
		return put_variable(out, pattern, s + 1, err);
	case '\0':
		err_set(err, "the file name '%s' ends with a single %%: write %%%% for a percent sign", pattern);
		return NULL;
	default:
		err_set(err, "%%%c in the file name '%s' is not known: there are %%p, %%e, %%n, %%t, %%q{VAR} and %%%%",
			*s, pattern);
		return NULL;
	}
	return s + 1;
}

char *pattern_expand(const char *pattern, const struct pattern_values *values, struct err *err)
{
	struct out *out = out_memory();
	struct err ignored = {0};
	const char *s = pattern;
	char *name = NULL;

	while (s && *s) {
		if (*s == '%')
			s = put_conversion(out, pattern, s + 1, values, err);
		else
			out_char(out, *s++);
	}
	if (s)
		name = xstrdup(out_text(out, NULL));
	out_close(out, &ignored);
	return name;
}

int pattern_check(const char *pattern, struct err *err)
{
	const struct pattern_values values = {.program = "program"};
	char *name;

	if (!*pattern)
		return err_set(err, "the file name is empty");
	name = pattern_expand(pattern, &values, err);
	free(name);
	return name ? 0 : -1;
}

/* The first of `letters` that is a conversion of the pattern; 0 if there is none. */
static char find_conversion(const char *pattern, const char *letters)
{
	for (const char *s = strchr(pattern, '%'); s && s[1]; s = strchr(s + 2, '%')) {
		if (strchr(letters, s[1]))
			return s[1];
	}
	return 0;
}

bool pattern_per_process(const char *pattern)
{
	return find_conversion(pattern, "pen") != 0;
}

bool pattern_has_pid(const char *pattern)
{
	return find_conversion(pattern, "p") != 0;
}

char *pattern_expand_input(const char *pattern, const char *program, struct err *err)
{
	const struct pattern_values values = {.program = program, .time = time(NULL)};
	char unknown = find_conversion(pattern, program ? "pn" : "pen");

	if (unknown) {
		err_set(err, "%%%c in the file name '%s' is not known yet when that file is read", unknown, pattern);
		return NULL;
	}
	return pattern_expand(pattern, &values, err);
}
