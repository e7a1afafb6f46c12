/* Text made fit for XML 1.0, and elements that hold nothing but text. */
#ifndef CLI_RENDER_XML_H
#define CLI_RENDER_XML_H

#include "cli/base/out.h"

/*
 * `s` as character data or as the value of an attribute in double quotes. What XML 1.0 cannot hold at all (control
 * characters, U+FFFE, U+FFFF) and bytes that are not UTF-8 become U+FFFD; a tab, line feed or carriage return becomes a
 * character reference, or an attribute would lose it.
 */
void xml_text(struct out *out, const char *s);

/* The same, but line feeds and tabs stay as they are: for character data that people read. */
void xml_lines(struct out *out, const char *s);

/* ` name="value"` */
void xml_attribute(struct out *out, const char *name, const char *value);

/* `<name>text</name>` and a newline, indented by `indent` blanks. */
void xml_element(struct out *out, int indent, const char *name, const char *text);
void xml_printf(struct out *out, int indent, const char *name, const char *fmt, ...) MW_PRINTF(4, 5);

#endif
