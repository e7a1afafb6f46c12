/* All that is particular to glibc in the shim: what it exports beyond its headers. */
#ifndef SHIM_LIBC_GLIBC_H
#define SHIM_LIBC_GLIBC_H

#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/single_threaded.h>

extern void *__libc_stack_end; /* where the kernel put argc; ld.so exports it */

/* Not 0 until the first thread is created, before it runs. */
static inline const char *libc_single_thread_flag(void)
{
	return &__libc_single_threaded;
}

/* The object that is mapped at an address. */
struct libc_object {
	uintptr_t start, end;     /* whole mapping */
	const void *eh_frame_hdr; /* NULL when it has none */
	const struct link_map *map;
};

/* Lock-free, async-signal-safe (_dl_find_object, glibc 2.35). False when no object is there. */
static inline bool libc_find_object(uint64_t addr, struct libc_object *object)
{
	struct dl_find_object found;

	if (_dl_find_object((void *)(uintptr_t)addr, &found) != 0)
		return false;
	object->start = (uintptr_t)found.dlfo_map_start;
	object->end = (uintptr_t)found.dlfo_map_end;
	object->eh_frame_hdr = found.dlfo_eh_frame;
	object->map = found.dlfo_link_map;
	return true;
}

#endif
