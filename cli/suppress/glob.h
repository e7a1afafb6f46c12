/* The two pattern languages of suppressions. Time is bounded by the product of the lengths. */
#ifndef CLI_SUPPRESS_GLOB_H
#define CLI_SUPPRESS_GLOB_H

#include <stdbool.h>

/* Valgrind's: '*' is any text, '?' any one byte; the pattern is of the whole text. */
bool glob_match(const char *pattern, const char *text);

/*
 * LeakSanitizer's: the pattern may be anywhere in the text, '*' is any text, '^' at the pattern's start is the text's
 * start, '$' the text's end (what follows it has no meaning). Nothing matches an empty text.
 */
bool glob_template(const char *pattern, const char *text);

#endif
