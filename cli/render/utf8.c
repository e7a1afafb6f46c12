#include "cli/render/utf8.h"

#include "cli/base/xalloc.h"

#include <string.h>

size_t utf8_decode(const char *s, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* by length: below is overlong */
	const unsigned char *u = (const unsigned char *)s;
	size_t length;

	if (u[0] < 0x80) {
		*code = u[0];
		return 1;
	}
	if (u[0] >> 5 == 6)
		length = 2;
	else if (u[0] >> 4 == 14)
		length = 3;
	else if (u[0] >> 3 == 30)
		length = 4;
	else
		return 0;
	*code = u[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if (u[i] >> 6 != 2) /* the end of the string too */
			return 0;
		*code = *code << 6 | (u[i] & 0x3f);
	}
	if (*code < least[length] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return length;
}

bool utf8_valid(const char *s)
{
	uint32_t code;

	while (*s) {
		size_t length = utf8_decode(s, &code);

		if (length == 0)
			return false;
		s += length;
	}
	return true;
}

char *utf8_repair(const char *s)
{
	static const char replacement[] = "\xef\xbf\xbd";
	char *repaired = xmalloc(3 * strlen(s) + 1), *to = repaired;
	uint32_t code;

	while (*s) {
		size_t length = utf8_decode(s, &code);

		if (length) {
			memcpy(to, s, length);
			to += length;
			s += length;
		} else {
			memcpy(to, replacement, 3);
			to += 3;
			s++;
		}
	}
	*to = '\0';
	return repaired;
}

static bool harmful(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || /* C0, DEL, C1 */
	       code == 0x2028 || code == 0x2029 || /* line and paragraph separator */
	       code == 0x061c || (code >= 0x200e && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || /* bidirectional controls */
	       code == 0xfeff;
}

static void print_escaped(struct out *out, uint32_t code)
{
	if (code == '\n')
		out_str(out, "\\n");
	else if (code == '\t')
		out_str(out, "\\t");
	else if (code == '\r')
		out_str(out, "\\r");
	else
		out_printf(out, code < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)code);
}

void utf8_print_n(struct out *out, const char *s, size_t n)
{
	const char *end = s + n;
	const char *plain = s; /* begin of what is not yet written */
	uint32_t code;

	while (s < end && *s) {
		size_t length = utf8_decode(s, &code);

		if (length && !harmful(code)) {
			s += length;
			continue;
		}
		out_write(out, plain, (size_t)(s - plain));
		if (length) {
			print_escaped(out, code);
		} else {
			out_printf(out, "\\x%02x", (unsigned)(unsigned char)*s);
			length = 1;
		}
		s += length;
		plain = s;
	}
	out_write(out, plain, (size_t)(s - plain));
}

void utf8_print(struct out *out, const char *s)
{
	utf8_print_n(out, s, strlen(s));
}
