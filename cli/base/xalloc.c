#include "cli/base/xalloc.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HEAP_BYTES  ((size_t)31 << 20) /* that malloc has from the start; it adapts to at most 32 MiB */
#define SMALL_BYTES ((size_t)1 << 20)  /* of it, at least, in small pages: more than is used before the program runs */

/* In huge pages, if it could be had so: [start, end). */
static uintptr_t huge_start, huge_end;

/* First uses of thousands of small pages take longer than all else that a short run asks of us, the more so in a
 * virtual machine. That of a huge page takes up to nine milliseconds there, if the host has yet to find memory for it,
 * for which the program would wait at its start. Setting malloc's thresholds themselves would stop it from adapting
 * them. */
static void start_with_huge_pages(void)
{
	void *volatile p = malloc(HEAP_BYTES);

	free(p); /* was a mapping; from now on blocks of this size come from the heap */
	huge_start = ((uintptr_t)sbrk(0) + SMALL_BYTES + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1);
	p = malloc(HEAP_BYTES - HUGE_BYTES);
	free(p);
	huge_end = (uintptr_t)sbrk(0) & ~(HUGE_BYTES - 1);
	if (huge_start < huge_end)
		madvise((void *)huge_start, huge_end - huge_start, MADV_HUGEPAGE);
}

void xalloc_start(void)
{
	mallopt(M_ARENA_MAX, 1);
	start_with_huge_pages();
}

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

size_t xalloc_warm(void)
{
	unsigned char there;

	for (uintptr_t at = huge_start; at < huge_end; at += HUGE_BYTES) {
		if (mincore((void *)at, 1, &there) < 0 || there & 1)
			continue;
		return madvise((void *)at, HUGE_BYTES, MADV_POPULATE_WRITE) == 0 ? HUGE_BYTES : 0;
	}
	return 0;
}

static void *checked(void *p)
{
	if (!p) {
		fputs("memwatch: out of memory in the reporter\n", stderr);
		exit(125);
	}
	return p;
}

void *xmalloc(size_t n_bytes)
{
	return checked(malloc(n_bytes ? n_bytes : 1));
}

void *xcalloc(size_t n, size_t size_bytes)
{
	return checked(calloc(n ? n : 1, size_bytes ? size_bytes : 1));
}

void *xaligned(size_t alignment, size_t n_bytes)
{
	return checked(aligned_alloc(alignment, n_bytes));
}

void *xreallocarray(void *p, size_t n, size_t size_bytes)
{
	return checked(reallocarray(p, n ? n : 1, size_bytes ? size_bytes : 1));
}

char *xstrdup(const char *s)
{
	return checked(strdup(s));
}

char *xstrndup(const char *s, size_t n)
{
	return checked(strndup(s, n));
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s = NULL;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	return checked(s);
}

void *xgrow(void *array, size_t *cap, size_t n, size_t item_bytes)
{
	size_t want = *cap ? *cap : 16;

	if (n <= *cap)
		return array;
	while (want < n)
		want *= 2;
	array = xreallocarray(array, want, item_bytes);
	*cap = want;
	return array;
}
