/* How a process ends: the status is told, and the reporter may look for leaks before the memory is gone. */
#ifndef SHIM_ENDINGS_H
#define SHIM_ENDINGS_H

#include "common/shm.h"

/* Registers the last of all exit handlers; from the constructor. */
void mw_endings_init(void);

/* Waits until the reporter has read this process's memory, if it wants to. The frames from `sp` on are alive. Keeps
 * errno. */
void mw_endings_wait(enum shm_scan why, uint64_t sp);

#endif
