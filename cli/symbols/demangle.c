#include "cli/symbols/demangle.h"

#include "cli/base/xalloc.h"

#include <libiberty/demangle.h>

#include <stddef.h>

/*
 * libiberty allocates by these names. base/xalloc has xmalloc and xstrdup; were this one missing, the linker would take
 * libiberty's object file for it, which defines xmalloc a second time.
 */
void *xrealloc(void *p, size_t n_bytes);

void *xrealloc(void *p, size_t n_bytes)
{
	return xreallocarray(p, 1, n_bytes);
}

char *demangle(const char *name)
{
	const int options = DMGL_PARAMS | DMGL_ANSI;

	/* All manglings begin with an underscore; most names of C do not. */
	if (name[0] != '_')
		return NULL;
	if (name[1] == 'D')
		return dlang_demangle(name, options);
	/* "auto" is Rust, then C++; the hash of Rust's older mangling is left out */
	return cplus_demangle(name, options | DMGL_AUTO);
}
