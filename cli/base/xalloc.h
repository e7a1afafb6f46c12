/* Allocation that cannot fail: on exhaustion the reporter says so and ends with status 125. Not for sizes taken from
 * input without a bound. */
#ifndef CLI_BASE_XALLOC_H
#define CLI_BASE_XALLOC_H

#include "common/compiler.h"

#include <stddef.h>

/* Of the kernel's huge pages, on x86-64. */
#define HUGE_BYTES ((size_t)2 << 20)

/* For malloc to serve all threads from one arena (a thread's own grows by pages, with a system call for each), which is
 * in huge pages where there are any. Once, at the start. */
void xalloc_start(void);

/* Has a piece of it be there before it is used: its bytes, or 0 if there is no more. Any thread, one at a time. */
size_t xalloc_warm(void);

void *xmalloc(size_t n_bytes);
void *xcalloc(size_t n, size_t size_bytes);
void *xaligned(size_t alignment, size_t n_bytes); /* both as for aligned_alloc() */
void *xreallocarray(void *p, size_t n, size_t size_bytes);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) MW_PRINTF(1, 2);

/* Grows `array` (of `item_bytes` items) so that `n` items fit, at least doubling; updates *cap. */
void *xgrow(void *array, size_t *cap, size_t n, size_t item_bytes);

#endif
