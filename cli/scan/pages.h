/* Zeroed arrays that may become large: aligned to cache lines. Those of 4 MiB and more take memory only as they are
 * touched, in huge pages where there are any. */
#ifndef CLI_SCAN_PAGES_H
#define CLI_SCAN_PAGES_H

#include <stddef.h>

struct pages {
	void *at; /* NULL = none */
	size_t n_bytes;
};

void *pages_alloc(struct pages *pages, size_t n_bytes);

/* The same, of which little will be touched, here and there: at any size as it is touched, no huge pages. Its size is
 * for good. */
void *pages_alloc_sparse(struct pages *pages, size_t n_bytes);

/* Makes it at least `n_bytes` long, at least doubling, new memory zeroed; its address may change. */
void *pages_grow(struct pages *pages, size_t n_bytes);
void pages_free(struct pages *pages);

#endif
