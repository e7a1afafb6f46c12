/*
 * Questions that the reporter answers (common/shm.h): what this process has allocated, whether it leaks. One thread
 * asks at a time, with its signals blocked. Never touches errno. Any thread, any context.
 */
#ifndef SHIM_ASK_H
#define SHIM_ASK_H

#include "common/shm.h"

#include <stdbool.h>

/* Asks and waits: at most `limit_ms`, or without end if 0; never when the reporter is gone. `sp`: from here on up the
 * stack is the asker's, with its callee-saved registers in it. False if there is no answer. */
bool mw_ask(enum shm_ask what, uint64_t sp, uint32_t limit_ms, struct shm_answer *answer);

#endif
