#include "cli/scan/pages.h"

#include "cli/base/xalloc.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* From here on in a mapping; below from malloc, whose pages are there already. */
#define MAPPED_BYTES (2 * HUGE_BYTES)
#define LINE_BYTES   64

static bool is_mapped(size_t n_bytes)
{
	return n_bytes >= MAPPED_BYTES;
}

static size_t rounded(size_t n_bytes)
{
	size_t to = is_mapped(n_bytes) ? HUGE_BYTES : LINE_BYTES;

	return (n_bytes + to - 1) / to * to;
}

static struct pages checked(void *at, size_t n_bytes)
{
	if (at == MAP_FAILED)
		at = xmalloc(SIZE_MAX); /* ends the reporter as any other shortage does */
	return (struct pages){at, n_bytes};
}

static struct pages map(size_t n_bytes)
{
	return checked(mmap(NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
		       n_bytes);
}

void *pages_alloc_sparse(struct pages *pages, size_t n_bytes)
{
	*pages = map(rounded(n_bytes < MAPPED_BYTES ? MAPPED_BYTES : n_bytes));
	return pages->at;
}

void *pages_alloc(struct pages *pages, size_t n_bytes)
{
	n_bytes = rounded(n_bytes ? n_bytes : 1);
	if (is_mapped(n_bytes)) {
		*pages = map(n_bytes);
		madvise(pages->at, n_bytes, MADV_HUGEPAGE);
	} else {
		*pages = (struct pages){xaligned(LINE_BYTES, n_bytes), n_bytes};
		memset(pages->at, 0, n_bytes);
	}
	return pages->at;
}

void *pages_grow(struct pages *pages, size_t n_bytes)
{
	struct pages old = *pages;

	if (n_bytes <= old.n_bytes)
		return old.at;
	if (n_bytes < old.n_bytes * 2)
		n_bytes = old.n_bytes * 2;
	n_bytes = rounded(n_bytes);
	if (!is_mapped(old.n_bytes)) {
		pages_alloc(pages, n_bytes);
		if (old.at)
			memcpy(pages->at, old.at, old.n_bytes);
		pages_free(&old);
		return pages->at;
	}
	*pages = checked(mremap(old.at, old.n_bytes, n_bytes, MREMAP_MAYMOVE), n_bytes);
	madvise(pages->at, n_bytes, MADV_HUGEPAGE);
	return pages->at;
}

void pages_free(struct pages *pages)
{
	if (is_mapped(pages->n_bytes))
		munmap(pages->at, pages->n_bytes);
	else
		free(pages->at);
	*pages = (struct pages){0};
}
