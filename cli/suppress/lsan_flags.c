#include "cli/suppress/lsan_flags.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define SEPARATORS " ,:\n\t\r"

char *lsan_flag(const char *text, const char *name)
{
	char *value = NULL;

	while (*(text += strspn(text, SEPARATORS))) {
		size_t n_name = strcspn(text, "=" SEPARATORS), n;
		const char *begin = text + n_name;

		if (*begin != '=') {
			text = begin;
			continue;
		}
		begin++;
		if (*begin == '"' || *begin == '\'') {
			const char *quote = strchr(begin + 1, *begin);

			begin++;
			n = quote ? (size_t)(quote - begin) : strlen(begin);
		} else {
			n = strcspn(begin, SEPARATORS);
		}
		if (n_name == strlen(name) && memcmp(text, name, n_name) == 0) {
			free(value);
			value = xstrndup(begin, n);
		}
		text = begin + n + (begin[n] == '"' || begin[n] == '\'');
	}
	return value;
}
