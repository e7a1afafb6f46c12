#include "cli/symbols/string_pool.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CHUNK_BYTES = 512, CHUNK_BYTES = 64 * 1024, FIRST_SLOTS = 16 };

struct string_chunk {
	struct string_chunk *next;
	size_t used, size;
	char bytes[];
};

/* FNV-1a */
static uint64_t string_hash(const char *s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	return h ^ h >> 32;
}

static size_t string_slot(const struct string_pool *pool, const char *s)
{
	size_t mask = pool->n_slots - 1;
	size_t i = string_hash(s) & mask;

	while (pool->slots[i] && strcmp(pool->slots[i], s) != 0)
		i = (i + 1) & mask;
	return i;
}

static void string_pool_grow(struct string_pool *pool)
{
	const char **old = pool->slots;
	size_t n_old = pool->n_slots;

	pool->n_slots = n_old ? n_old * 2 : FIRST_SLOTS;
	pool->slots = xcalloc(pool->n_slots, sizeof(*pool->slots));
	for (size_t i = 0; i < n_old; i++)
		if (old[i])
			pool->slots[string_slot(pool, old[i])] = old[i];
	free(old);
}

static char *string_copy(struct string_pool *pool, const char *s)
{
	size_t n = strlen(s) + 1;
	struct string_chunk *c = pool->chunks;

	if (!c || c->size - c->used < n) {
		size_t size = c ? c->size * 2 : FIRST_CHUNK_BYTES; /* many pools stay small: each process has one */

		if (size > CHUNK_BYTES)
			size = CHUNK_BYTES;
		if (size < n)
			size = n;
		c = xmalloc(sizeof(*c) + size);
		c->next = pool->chunks;
		c->size = size;
		c->used = 0;
		pool->chunks = c;
	}
	c->used += n;
	return memcpy(c->bytes + c->used - n, s, n);
}

const char *string_pool_add(struct string_pool *pool, const char *s)
{
	size_t i;

	if (!s)
		return NULL;
	if ((pool->n + 1) * 4 > pool->n_slots * 3)
		string_pool_grow(pool);
	i = string_slot(pool, s);
	if (!pool->slots[i]) {
		pool->slots[i] = string_copy(pool, s);
		pool->n++;
	}
	return pool->slots[i];
}

void string_pool_release(struct string_pool *pool)
{
	struct string_chunk *c = pool->chunks;

	while (c) {
		struct string_chunk *next = c->next;

		free(c);
		c = next;
	}
	free(pool->slots);
	*pool = (struct string_pool){0};
}
