/*
 * The definitions that stand behind the shim's own, as dlsym(RTLD_NEXT) would find them. Not by dlsym: where there is
 * none, the loader allocates its message with the program's malloc, which may be the very one that is being set up and
 * has just called us (jemalloc linked into the program maps memory under its lock); and leaves the message for the
 * program's dlerror(). This neither allocates nor fails aloud.
 */
#ifndef SHIM_NEXT_H
#define SHIM_NEXT_H

#include <stddef.h>

struct next_symbol {
	const char *name;
	void **to; /* left alone unless NULL */
};

/* Sets those that the objects loaded behind the shim define, each to the first one's. */
void mw_next_find(const struct next_symbol *symbols, size_t n);

/* The same in libraries of this file name only, whoever has loaded them. */
void mw_next_find_in(const char *library, const struct next_symbol *symbols, size_t n);

#endif
