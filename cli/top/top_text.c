#include "cli/top/top_text.h"

#include "cli/base/xalloc.h"
#include "cli/render/utf8.h"

#include <string.h>
#include <wchar.h>

/* In the C locale, where nothing beyond ASCII has a width, 1. */
static size_t width_of(uint32_t code)
{
	int width = wcwidth((wchar_t)code);

	return width > 0 ? (size_t)width : code >= 0x80 && width < 0;
}

char *top_text_cut(const char *text, size_t columns, bool utf8)
{
	char *copy = xmalloc(strlen(text) + 1), *to = copy;
	size_t used = 0;

	while (*text) {
		uint32_t code = 0;
		size_t n = utf8_decode(text, &code), width = n ? width_of(code) : 0;

		if (n > 1 && !utf8)
			width = 1;
		if (used + width > columns)
			break;
		if (n > 1 && !utf8)
			*to++ = '?';
		else if (n && (width || n > 1))
			to = mempcpy(to, text, n);
		used += width;
		text += n ? n : 1;
	}
	*to = '\0';
	return copy;
}
