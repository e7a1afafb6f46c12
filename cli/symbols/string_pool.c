#include "cli/symbols/string_pool.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FIRST_CHUNK_BYTES = 512, CHUNK_BYTES = 64 * 1024, FIRST_SLOTS = 16 };

struct string_chunk {
	struct string_chunk *next;
	size_t used, size;
	char bytes[];
};

static struct string_slot *string_slot(const struct string_pool *pool, const char *s, uint64_t hash)
{
	size_t mask = pool->n_slots - 1;
	size_t i = hash & mask;

	while (pool->slots[i].s && (pool->slots[i].hash != hash || strcmp(pool->slots[i].s, s) != 0))
		i = (i + 1) & mask;
	return &pool->slots[i];
}

static void string_pool_grow(struct string_pool *pool)
{
	struct string_slot *old = pool->slots;
	size_t n_old = pool->n_slots;

	pool->n_slots = n_old ? n_old * 2 : FIRST_SLOTS;
	pool->slots = xcalloc(pool->n_slots, sizeof(*pool->slots));
	for (size_t i = 0; i < n_old; i++)
		if (old[i].s)
			*string_slot(pool, old[i].s, old[i].hash) = old[i];
	free(old);
}

static char *string_copy(struct string_pool *pool, const char *s, size_t n)
{
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
	struct string_slot *slot;
	uint64_t hash;
	size_t n;

	if (!s)
		return NULL;
	if ((pool->n + 1) * 4 > pool->n_slots * 3)
		string_pool_grow(pool);
	n = strlen(s);
	hash = XXH3_64bits(s, n);
	slot = string_slot(pool, s, hash);
	if (!slot->s) {
		*slot = (struct string_slot){string_copy(pool, s, n + 1), hash};
		pool->n++;
	}
	return slot->s;
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
