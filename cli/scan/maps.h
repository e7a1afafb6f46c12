/* What is mapped where in a process: /proc/PID/maps, and the object files in it with their segments. */
#ifndef CLI_SCAN_MAPS_H
#define CLI_SCAN_MAPS_H

#include "cli/base/err.h"
#include "cli/scan/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map {
	uint64_t start, end;
	uint64_t offset;        /* in the file */
	uint64_t device, inode; /* inode 0: no file */
	bool readable, writable, executable, shared;
	const char *path; /* "" = none */
};

enum object_role {
	OBJECT_PLAIN,
	OBJECT_SHIM,
	OBJECT_LOADER,
	OBJECT_LIBC,
	OBJECT_ALLOCATOR, /* jemalloc and the like: takes the place of glibc's */
};

#define OBJECT_SEGMENTS 8

/* An object file, as loaded. */
struct object {
	const char *path;
	enum object_role role;
	uint64_t start, end, bias;
	struct object_segment {
		uint64_t start, end;
	} writable[OBJECT_SEGMENTS];
	size_t n_writable;
	uint64_t tls_bytes, tls_align; /* 0 = has none */
};

struct maps {
	struct map *items; /* by address */
	size_t n, cap;
	struct object *objects;
	size_t n_objects, cap_objects;
	char *text; /* paths point into it */
};

/* `text` in the format of proc(5), NUL-terminated, malloc'ed; is kept. Lines that make no sense are left out. */
void maps_parse(struct maps *maps, char *text);

int maps_read(struct maps *maps, pid_t pid, struct err *err);

/* Finds the object files, by their headers in memory. The one that `malloc_addr` lies in is the allocator, unless it is
 * libc; 0 = allocators are known by their names only. */
void maps_find_objects(struct maps *maps, const struct scan_memory *memory, uint64_t malloc_addr);

void maps_clear(struct maps *maps);

/* The mapping that `addr` lies in; NULL = none. */
const struct map *maps_find(const struct maps *maps, uint64_t addr);

/* The object that `addr` lies in; NULL = none. */
const struct object *maps_object(const struct maps *maps, uint64_t addr);

#endif
