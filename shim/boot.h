/* The bootstrap arena: memory for those who allocate while the real functions are being looked up. Blocks are 16-byte
 * aligned, zero, and never given back. Any thread, any context. */
#ifndef SHIM_BOOT_H
#define SHIM_BOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* NULL when the arena is used up. */
void *mw_boot_alloc(size_t size_bytes, size_t alignment);

#define BOOT_BYTES 65536u

extern unsigned char mw_boot_arena[BOOT_BYTES];

/* Whether `p` is a block of the arena; such a block must not reach a real allocator. */
static inline bool mw_boot_owns(const void *p)
{
	return (uintptr_t)p - (uintptr_t)mw_boot_arena < BOOT_BYTES;
}

/* Size asked for of a block of the arena. */
size_t mw_boot_size(const void *p);

#endif
