/*
 * Object files mapped by one process, by generation: a module that was unloaded keeps its entry, and another one loaded
 * at the same place gets its own. The same file at the same place again is the same entry.
 */
#ifndef CLI_MODEL_MODULES_H
#define CLI_MODEL_MODULES_H

#include "common/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct modules;

struct module {
	uint32_t id; /* the shim's */
	char *path; /* as the process saw it; may be "" */
	uint8_t build_id[WIRE_BUILD_ID_MAX];
	size_t build_id_bytes; /* 0 = has none */
	uint64_t bias; /* ELF virtual address = address − bias */
	uint64_t start, end; /* [start, end) */
	bool loaded; /* still mapped, as far as was told */
};

struct modules *modules_new(void);
void modules_free(struct modules *modules);

/* Indices are 1 … modules_count(); 0 is "none". An index never changes its meaning. */
uint32_t modules_count(const struct modules *modules);
const struct module *modules_get(const struct modules *modules, uint32_t index); /* NULL if out of range */

/* The module mapped at `addr` now; 0 = none. */
uint32_t modules_find(const struct modules *modules, uint64_t addr);

/* Adds a loaded module and ends those that it overlaps; `path` of `path_bytes` bytes is copied. The same id with the
 * same content again is ignored. Returns its index; 0 if the record makes no sense or there are too many. */
uint32_t modules_load(struct modules *modules, const struct wire_module *wire, const char *path, size_t path_bytes);
void modules_unload(struct modules *modules, uint32_t id);

#endif
