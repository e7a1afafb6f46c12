/* Readable names of C++, Rust (both manglings) and D, as c++filt prints them. */
#ifndef CLI_SYMBOLS_DEMANGLE_H
#define CLI_SYMBOLS_DEMANGLE_H

/* For free(). NULL when the name is not a mangled one: it is then good as it is. */
char *demangle(const char *name);

#endif
