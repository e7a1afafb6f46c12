/*
 * What a program defines for LeakSanitizer (sanitizer/lsan_interface.h) and is asked for here in its place. As there,
 * its functions are called before its constructors; what they say goes to the reporter.
 */
#ifndef SHIM_LSAN_H
#define SHIM_LSAN_H

#include <stdbool.h>

/* Once, by the constructor: asks for suppressions and options. */
void mw_lsan_init(void);

/* At the end: whether the program says by __lsan_is_turned_off() that it wants no leak check. */
bool mw_lsan_turned_off(void);

/* The program's, where the loader can see them. */
__attribute__((weak)) const char *__lsan_default_suppressions(void);
__attribute__((weak)) const char *__lsan_default_options(void);
__attribute__((weak)) int __lsan_is_turned_off(void);

#endif
