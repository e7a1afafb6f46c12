/* LeakSanitizer's options as a program gives them: NAME=VALUE, separated by colons, commas or blanks; a value may stand
 * in single or double quotes. The last of a name counts. */
#ifndef CLI_SUPPRESS_LSAN_FLAGS_H
#define CLI_SUPPRESS_LSAN_FLAGS_H

/* The value of this name, for free(); NULL if there is none. */
char *lsan_flag(const char *text, const char *name);

#endif
