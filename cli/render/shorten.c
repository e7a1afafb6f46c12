#include "cli/render/shorten.h"

#include "cli/base/xalloc.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Length of "operator<<", "operator()", … at `s`, whose brackets are no brackets; 0 if there is none. */
static size_t operator_length(const char *begin, const char *s)
{
	static const char word[] = "operator";
	size_t n = sizeof(word) - 1;

	if (strncmp(s, word, n) != 0 || (s > begin && is_word(s[-1])))
		return 0;
	if (strncmp(s + n, "()", 2) == 0 || strncmp(s + n, "[]", 2) == 0)
		return n + 2;
	return n + strspn(s + n, "<>=-!+*/%^&|~,");
}

/* Replaces what is between outer angle brackets. NULL if they do not match. */
static char *without_arguments(const char *name)
{
	static const char dots[] = "<...>";
	/* each '<' becomes five characters, and at least a '>' goes with it */
	char *text = xmalloc(3 * strlen(name) + sizeof(dots)), *to = text;
	int depth = 0;

	for (const char *s = name; *s;) {
		size_t n = operator_length(name, s);

		n = n ? n : 1;
		if (n > 1 && depth == 0) {
			to = mempcpy(to, s, n);
		} else if (n > 1) {
			/* an operator as an argument */
		} else if (s[0] == '-' && s[1] == '>' && depth > 0) {
			n = 2;
		} else if (*s == '<' && (depth > 0 || (s > name && (is_word(s[-1]) || s[-1] == ':' || s[-1] == ' ')))) {
			if (depth++ == 0)
				to = mempcpy(to, dots, sizeof(dots) - 1);
		} else if (*s == '>' && depth > 0) {
			depth--;
		} else if (depth == 0) {
			*to++ = *s;
		}
		s += n;
	}
	*to = '\0';
	if (depth == 0)
		return text;
	free(text);
	return NULL;
}

/* Replaces the parameters, in place: what is between the first round bracket and the last. */
static void drop_parameters(char *name)
{
	static const char anonymous[] = "(anonymous namespace)";
	char *last = strrchr(name, ')');

	for (char *s = name; *s; s++) {
		size_t n = operator_length(name, s);

		if (strncmp(s, anonymous, sizeof(anonymous) - 1) == 0)
			n = sizeof(anonymous) - 1;
		if (n) {
			s += n - 1;
		} else if (*s == '(') {
			if (last && last - s > 4) {
				memcpy(s + 1, "...", 3);
				memmove(s + 4, last, strlen(last) + 1);
			}
			return;
		}
	}
}

char *shorten_function(const char *name, size_t max)
{
	char *text = strlen(name) > max ? without_arguments(name) : NULL;

	if (!text)
		text = xstrdup(name);
	if (strlen(text) > max)
		drop_parameters(text);
	if (strlen(text) > max && max > 3) {
		size_t n = max - 3;

		while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80) /* not within a character */
			n--;
		memcpy(text + n, "...", 4);
	}
	return text;
}
