/* Text cut to columns of a terminal. */
#ifndef CLI_TOP_TOP_TEXT_H
#define CLI_TOP_TOP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A copy for free() of as much as fits in `columns`, as wcwidth(3) counts them. Without `utf8`, what is not ASCII is
 * "?". What has no width or is no text is left out. */
char *top_text_cut(const char *text, size_t columns, bool utf8);

#endif
