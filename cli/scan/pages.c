#include "cli/scan/pages.h"

#include "cli/base/xalloc.h"

#include <stdint.h>
#include <sys/mman.h>

#define HUGE ((size_t)2 << 20)

static size_t rounded(size_t n_bytes)
{
	size_t to = n_bytes < HUGE ? 4096 : HUGE;

	return (n_bytes + to - 1) / to * to;
}

static void *checked(struct pages *pages, void *at, size_t n_bytes)
{
	if (at == MAP_FAILED)
		at = xmalloc(SIZE_MAX); /* ends the reporter as any other shortage does */
	pages->at = at;
	pages->n_bytes = n_bytes;
	return at;
}

static void *dense(struct pages *pages)
{
	if (pages->n_bytes >= 2 * HUGE)
		madvise(pages->at, pages->n_bytes, MADV_HUGEPAGE);
	return pages->at;
}

void *pages_alloc_sparse(struct pages *pages, size_t n_bytes)
{
	n_bytes = rounded(n_bytes ? n_bytes : 1);
	return checked(pages,
		       mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
		       n_bytes);
}

void *pages_alloc(struct pages *pages, size_t n_bytes)
{
	pages_alloc_sparse(pages, n_bytes);
	return dense(pages);
}

void *pages_grow(struct pages *pages, size_t n_bytes)
{
	if (n_bytes <= pages->n_bytes)
		return pages->at;
	if (n_bytes < pages->n_bytes * 2)
		n_bytes = pages->n_bytes * 2;
	if (!pages->at)
		return pages_alloc(pages, n_bytes);
	n_bytes = rounded(n_bytes);
	checked(pages, mremap(pages->at, pages->n_bytes, n_bytes, MREMAP_MAYMOVE), n_bytes);
	return dense(pages);
}

void pages_free(struct pages *pages)
{
	if (pages->at)
		munmap(pages->at, pages->n_bytes);
	pages->at = NULL;
	pages->n_bytes = 0;
}
