/* From the text of a suppression file to rules. Grammar: LeakSanitizer's and Valgrind's, told apart entry by entry. */
#ifndef CLI_SUPPRESS_PARSE_H
#define CLI_SUPPRESS_PARSE_H

#include "cli/suppress/rules.h"

/*
 * Adds the rules of `text`, `n` bytes from anywhere, which `file` is the name of. Entries that are not of leaks (other
 * tools, other errors of Memcheck) are read over. -1 and a sentence with file, line and column; what was added before
 * the error stays in the set.
 */
int suppress_parse(struct suppress_set *set, const char *file, const char *text, size_t n, struct err *err);

#endif
