/*
 * What allocators tell of themselves: glibc's malloc, jemalloc, tcmalloc and mimalloc. Writable process-wide: the
 * functions found, and whose they are, once at the start.
 */
#ifndef SHIM_ALLOCATORS_H
#define SHIM_ALLOCATORS_H

#include "common/shm.h"

#include <stdint.h>

extern enum shm_allocator mw_allocator; /* the program's */

/* Finds what there is to ask. Calls the loader: once, at the start. */
void mw_allocators_init(void);

/* Asks it, for a process that is there for nothing else: this may allocate, and crash. `worth_ns`: what the answer may
 * take of processor time; figures that double the time are left out then. */
void mw_allocators_answer(struct shm_heap *to, uint64_t worth_ns);

/* The number that a text begins with; 0 = none. */
static inline uint64_t mw_number_at(const char *text)
{
	uint64_t value = 0;

	while (*text >= '0' && *text <= '9')
		value = value * 10 + (uint64_t)(*text++ - '0');
	return value;
}

#endif
