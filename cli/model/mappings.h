/* The program's own mappings (mmap, mremap, munmap, brk, sbrk): which address ranges are mapped now, from which stack.
 */
#ifndef CLI_MODEL_MAPPINGS_H
#define CLI_MODEL_MAPPINGS_H

#include <stddef.h>
#include <stdint.h>

struct mappings;

struct mapping {
	uint64_t start, end;
	uint32_t stack;
	uint32_t kind; /* enum wire_kind */
};

struct mappings *mappings_new(void);
void mappings_free(struct mappings *mappings);

/* Adds a mapping; what it covers is unmapped by that. Returns the number of bytes that were. */
uint64_t mappings_add(struct mappings *mappings, const struct mapping *mapping);

/* Unmaps [start, end), in whole or in part of mappings. Returns the number of bytes that were mapped there. */
uint64_t mappings_remove(struct mappings *mappings, uint64_t start, uint64_t end);

size_t mappings_count(const struct mappings *mappings);
const struct mapping *mappings_get(const struct mappings *mappings, size_t i); /* by address */

#endif
