/* Memory of the shim's own, beside the program's heap. */
#ifndef SHIM_OWN_MEMORY_H
#define SHIM_OWN_MEMORY_H

#include <stddef.h>

/* Of the kernel's huge pages, on x86-64. */
#define HUGE_BYTES ((size_t)2 << 20)

/* Counted into the slot's shim_bytes. NULL when there is none. A multiple of HUGE_BYTES is in huge pages once it is
 * used: for tables that are soon used all over. */
void *mw_alloc(size_t n_bytes);

/* Gives back what is in it, not its addresses: who reads it yet reads zeros. */
void mw_alloc_empty(void *p, size_t n_bytes);

#endif
