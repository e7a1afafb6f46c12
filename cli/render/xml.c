#include "cli/render/xml.h"

#include "cli/render/utf8.h"

#include <stdarg.h>
#include <stdio.h>

/* The reference that stands for a character, or NULL if it is written as it is. */
static const char *reference(uint32_t code, bool keep_lines)
{
	switch (code) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\t':
		return keep_lines ? NULL : "&#9;";
	case '\n':
		return keep_lines ? NULL : "&#10;";
	case '\r':
		return "&#13;";
	default:
		return code < ' ' || code == 0xfffe || code == 0xffff ? "\xef\xbf\xbd" : NULL;
	}
}

static void put(struct out *out, const char *s, bool keep_lines)
{
	const char *plain = s; /* begin of what is not yet written */

	while (*s) {
		uint32_t code = 0;
		size_t length = utf8_decode(s, &code);
		const char *instead = length ? reference(code, keep_lines) : "\xef\xbf\xbd";

		if (instead) {
			out_write(out, plain, (size_t)(s - plain));
			out_str(out, instead);
		}
		s += length ? length : 1;
		if (instead)
			plain = s;
	}
	out_write(out, plain, (size_t)(s - plain));
}

void xml_text(struct out *out, const char *s)
{
	put(out, s, false);
}

void xml_lines(struct out *out, const char *s)
{
	put(out, s, true);
}

void xml_attribute(struct out *out, const char *name, const char *value)
{
	out_printf(out, " %s=\"", name);
	xml_text(out, value);
	out_char(out, '"');
}

void xml_element(struct out *out, int indent, const char *name, const char *text)
{
	out_printf(out, "%*s<%s>", indent, "", name);
	xml_text(out, text);
	out_printf(out, "</%s>\n", name);
}

void xml_printf(struct out *out, int indent, const char *name, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	xml_element(out, indent, name, text);
}
