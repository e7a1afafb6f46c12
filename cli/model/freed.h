/*
 * Where blocks were freed, by address: of the last ones, as far as the program's releases were recorded with their
 * stacks. Direct-mapped: a newer release may take the place of an older one of another address.
 */
#ifndef CLI_MODEL_FREED_H
#define CLI_MODEL_FREED_H

#include <stdint.h>

#define FREED_MAX 65536u /* addresses */

struct freed;

struct freed *freed_new(void);
void freed_free(struct freed *freed); /* NULL is accepted */

void freed_put(struct freed *freed, uint64_t addr, uint32_t stack);

/* The stack of the last release of this address; 0 = not known. */
uint32_t freed_get(const struct freed *freed, uint64_t addr);

#endif
