#include "cli/suppress/glob.h"

#include <stddef.h>
#include <string.h>

bool glob_match(const char *pattern, const char *text)
{
	const char *star = NULL, *retry = NULL; /* only the last star needs to be tried again */

	while (*text) {
		if (*pattern == '*') {
			star = ++pattern;
			retry = text;
		} else if (*pattern && (*pattern == '?' || *pattern == *text)) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

bool glob_template(const char *pattern, const char *text)
{
	bool anchored = *pattern == '^'; /* the next piece must begin at `text` */

	if (!*text)
		return false;
	pattern += anchored;
	for (;;) {
		size_t n = strcspn(pattern, "*$"), left = strlen(text);
		const char *at;

		/* the last piece before the end must be the text's last bytes; any other is best found early */
		if (pattern[n] == '$')
			return n <= left && (!anchored || n == left) && memcmp(text + left - n, pattern, n) == 0;
		at = memmem(text, left, pattern, n);
		if (!at || (anchored && at != text))
			return false;
		if (pattern[n] == '\0')
			return true;
		text = at + n;
		pattern += n + 1;
		anchored = false;
	}
}
