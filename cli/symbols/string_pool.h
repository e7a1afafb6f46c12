/* Each different string once. What it returns stays valid until string_pool_release(). Starts as {0}. */
#ifndef CLI_SYMBOLS_STRING_POOL_H
#define CLI_SYMBOLS_STRING_POOL_H

#include <stddef.h>
#include <stdint.h>

struct string_chunk;

struct string_slot {
	const char *s; /* NULL = free */
	uint64_t hash;
};

struct string_pool {
	struct string_slot *slots;   /* open addressing */
	size_t n_slots, n;           /* n_slots is a power of two */
	struct string_chunk *chunks; /* newest first */
};

/* NULL gives NULL. */
const char *string_pool_add(struct string_pool *pool, const char *s);
void string_pool_release(struct string_pool *pool);

#endif
