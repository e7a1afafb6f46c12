/* A bump allocator with the size in the word before each block. Writable: the arena and its top, by anyone. */
#include "shim/boot.h"

#include <stdatomic.h>
#include <stdint.h>

#define BOOT_BYTES 65536

static _Alignas(64) unsigned char arena[BOOT_BYTES];
static _Atomic size_t top;

void *mw_boot_alloc(size_t size_bytes, size_t alignment)
{
	size_t old = atomic_load(&top), start;

	if (alignment < 16)
		alignment = 16;
	if (size_bytes > BOOT_BYTES || alignment > BOOT_BYTES)
		return NULL;
	do {
		uintptr_t block = ((uintptr_t)arena + old + 16 + alignment - 1) & ~(uintptr_t)(alignment - 1);

		start = block - (uintptr_t)arena;
		if (start + size_bytes > BOOT_BYTES)
			return NULL;
	} while (!atomic_compare_exchange_weak(&top, &old, start + size_bytes));
	*(size_t *)(void *)(arena + ((start - sizeof(size_t)) & ~(sizeof(size_t) - 1))) = size_bytes;
	return arena + start;
}

bool mw_boot_owns(const void *p)
{
	return (uintptr_t)p - (uintptr_t)arena < BOOT_BYTES;
}

size_t mw_boot_size(const void *p)
{
	return ((const size_t *)p)[-1];
}
