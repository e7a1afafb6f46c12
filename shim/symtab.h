/* Functions of the executable that no other object can see: they are in its symbol table only, which is in its file
 * unless it was stripped. At the start, before main. */
#ifndef SHIM_SYMTAB_H
#define SHIM_SYMTAB_H

#include <stddef.h>
#include <stdint.h>

/* For each of `n` names, which all begin with `prefix`: the function's address; 0 where there is none. */
void mw_symtab_find(const char *prefix, const char *const *names, uint64_t *addrs, size_t n);

#endif
