#include "cli/analysis/store.h"

#include "cli/base/xalloc.h"
#include "cli/symbols/string_pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	FIRST_CHUNK_BYTES = 1024, /* most processes of a run have little to say */
	MAX_CHUNK_BYTES = 256 * 1024,
};

struct store_chunk {
	struct store_chunk *next;
	size_t used, size;
	max_align_t bytes[];
};

struct store {
	struct string_pool strings;
	struct store_chunk *chunks; /* newest first */
};

struct store *store_new(void)
{
	return xcalloc(1, sizeof(struct store));
}

void store_free(struct store *store)
{
	if (!store)
		return;
	while (store->chunks) {
		struct store_chunk *next = store->chunks->next;

		free(store->chunks);
		store->chunks = next;
	}
	string_pool_release(&store->strings);
	free(store);
}

static struct store_chunk *store_chunk_new(struct store *store, size_t need)
{
	size_t size = store->chunks ? store->chunks->size * 2 : FIRST_CHUNK_BYTES;
	struct store_chunk *chunk;

	if (size > MAX_CHUNK_BYTES)
		size = MAX_CHUNK_BYTES;
	if (size < need)
		size = need;
	chunk = xcalloc(1, sizeof(*chunk) + size);
	chunk->size = size;
	chunk->next = store->chunks;
	store->chunks = chunk;
	return chunk;
}

void *store_alloc(struct store *store, size_t n, size_t item_bytes)
{
	const size_t align = _Alignof(max_align_t);
	struct store_chunk *chunk = store->chunks;
	size_t need = (n * item_bytes + align - 1) & ~(align - 1);
	void *p;

	if (!chunk || chunk->size - chunk->used < need)
		chunk = store_chunk_new(store, need);
	p = (char *)chunk->bytes + chunk->used;
	chunk->used += need;
	return p;
}

const char *store_string(struct store *store, const char *s)
{
	return string_pool_add(&store->strings, s);
}

const char *const *store_strings(struct store *store, char *const *strings, size_t n)
{
	const char **copy = store_alloc(store, n, sizeof(*copy));

	for (size_t i = 0; i < n; i++)
		copy[i] = store_string(store, strings[i]);
	return copy;
}

void store_append(struct store *store, const char *const **strings, size_t *n, const char *text)
{
	const char **longer = store_alloc(store, *n + 1, sizeof(*longer));

	for (size_t i = 0; i < *n; i++)
		longer[i] = (*strings)[i];
	longer[*n] = store_string(store, text);
	*strings = longer;
	(*n)++;
}
