/* A bump allocator with the size in the word before each block. Writable: the arena and its top, by anyone. */
#include "shim/boot.h"

#include <stdatomic.h>

_Alignas(64) unsigned char mw_boot_arena[BOOT_BYTES];
static _Atomic size_t top;

void *mw_boot_alloc(size_t size_bytes, size_t alignment)
{
	size_t old = atomic_load(&top), start;

	if (alignment < 16)
		alignment = 16;
	if (size_bytes > BOOT_BYTES || alignment > BOOT_BYTES)
		return NULL;
	do {
		uintptr_t block = ((uintptr_t)mw_boot_arena + old + 16 + alignment - 1) & ~(uintptr_t)(alignment - 1);

		start = block - (uintptr_t)mw_boot_arena;
		if (start + size_bytes > BOOT_BYTES)
			return NULL;
	} while (!atomic_compare_exchange_weak(&top, &old, start + size_bytes));
	*(size_t *)(void *)(mw_boot_arena + ((start - sizeof(size_t)) & ~(sizeof(size_t) - 1))) = size_bytes;
	return mw_boot_arena + start;
}

size_t mw_boot_size(const void *p)
{
	return ((const size_t *)p)[-1];
}
