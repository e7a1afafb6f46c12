/*
 * What is known of glibc's record of a thread (struct pthread) beyond the thread pointer's ABI. A thread that has ended
 * and was not joined has left /proc; its record stays on its stack, with the value that pthread_join() will give. The
 * records hang on two lists of the loader (glibc 2.34 and later): _dl_stack_used and _dl_stack_user, which are followed
 * by _dl_stack_cache, that of stacks without a thread. All offsets are found, not taken for granted.
 */
#ifndef CLI_SCAN_PTHREADS_H
#define CLI_SCAN_PTHREADS_H

#include "cli/scan/maps.h"
#include "cli/scan/memory.h"
#include "cli/scan/scan.h"

#define PTHREADS_RECORD_BYTES 2304u /* of glibc 2.36; other versions have some bytes more or less */

/* Adds the values of threads that have ended to the result's ranges. */
void pthreads_add_roots(const struct maps *maps, const struct scan_memory *memory, struct scan_result *result);

#endif
