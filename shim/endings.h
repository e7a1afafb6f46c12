/* How a process ends: the status is told, and the reporter may look for leaks before the memory is gone. */
#ifndef SHIM_ENDINGS_H
#define SHIM_ENDINGS_H

#include "common/compiler.h"
#include "common/shm.h"

#include <stdbool.h>

/* Registers the last of all exit handlers; from the constructor. */
void mw_endings_init(void);

/* Waits until the reporter has read this process's memory, if it wants to. The frames from `sp` on are alive. Keeps
 * errno. */
void mw_endings_wait(enum shm_scan why, uint64_t sp);

/* The function that calls main, in a section of its own. */
extern const char __start_mw_main_caller[] MW_HIDDEN, __stop_mw_main_caller[] MW_HIDDEN;

/* Whether `ip` is where main returns to. There is one such call, the first thing on its stack: while it lasts, nothing
 * changes from its frame on outwards. */
static inline bool mw_calls_main(uint64_t ip)
{
	return ip - (uint64_t)(uintptr_t)__start_mw_main_caller <
	       (uint64_t)(__stop_mw_main_caller - __start_mw_main_caller);
}

#endif
