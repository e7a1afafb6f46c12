/*
 * /proc/PID/pagemap and its PAGEMAP_SCAN, which tell of memory without a look at each of its pages' descriptors, as
 * smaps takes. Documentation/admin-guide/mm/pagemap.rst of Linux.
 */
#ifndef CLI_BASE_PAGEMAP_H
#define CLI_BASE_PAGEMAP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A descriptor, or -1. */
int pagemap_open(pid_t pid);

/* Both are false if the kernel cannot tell (it is older than 6.7), of [addr, end): */

/* the first address in a page that is in memory or swapped out; `end`: there is none. */
bool pagemap_first(int fd, uint64_t addr, uint64_t end, uint64_t *first);

/* bytes of pages in memory, the page of zeros not counted. */
bool pagemap_resident(int fd, uint64_t addr, uint64_t end, uint64_t *n_bytes);

#endif
