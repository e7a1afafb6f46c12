/* The hard limit of live bytes, --hard-limit. */
#ifndef SHIM_LIMIT_H
#define SHIM_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* Puts the limit between the wrappers and the allocator. Before the first block is taken, once. False if it cannot be
 * kept: the allocator has no function of its own that tells a block's size. */
bool mw_limit_install(uint64_t bytes);

/* Whether allocations may fail because of it. */
bool mw_limit_is_set(void);

#endif
