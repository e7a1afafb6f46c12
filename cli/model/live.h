/*
 * Live blocks by address: the table that every record goes through.
 *
 * A directory indexed by the first bits of the scrambled address (a bijection of its 48 bits) leads to shards of at
 * most 64 KiB, each an open hash table of its own. A shard that fills up gets more units or is split in two, alone:
 * no insertion ever moves more than one shard, and no memory is touched before it is needed. A shard is made of
 * buckets of two cache lines and five entries, searched without branches; an entry that finds its bucket full goes to
 * the next one, and the buckets that it passed count it, so that a search knows when to stop. A large table takes 33 to
 * 41 bytes per block.
 * The gap that a freed block leaves remembers it until another block takes its place.
 *
 * live_clone() shares the shards; the side that first writes to one copies it.
 */
#ifndef CLI_MODEL_LIVE_H
#define CLI_MODEL_LIVE_H

#include "cli/model/arena.h"
#include "common/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIVE_ADDR_MAX ((UINT64_C(1) << 48) - 1)
#define LIVE_SIZE_MAX ((UINT64_C(1) << 48) - 1)

/* Use the functions below; key: scrambled address 48, live 1, ignored 1, kind 5, inherited 1, thread high 8. */
struct live_entry {
	uint64_t key; /* without LIVE_HERE: a gap, of a block that was freed, or 0 */
	uint64_t size; /* size 48, thread low 16 */
	uint32_t stack;
	uint32_t birth_ms; /* since the process's start */
};

#define LIVE_BUCKET_ENTRIES 5

struct live_value {
	uint64_t size;
	uint32_t stack;
	uint32_t birth_ms;
};

struct live_bucket {
	uint64_t keys[LIVE_BUCKET_ENTRIES];
	uint64_t n_passed; /* entries that were put further on because this bucket was full */
	struct live_value values[LIVE_BUCKET_ENTRIES];
};
_Static_assert(sizeof(struct live_bucket) == 128, "two cache lines");

#define LIVE_UNIT_BUCKETS (ARENA_UNIT_BYTES / (unsigned)sizeof(struct live_bucket))
#define LIVE_SHARD_UNITS 8

/* A part of the table: the entries whose keys begin with the same `depth` bits. */
struct live_shard {
	uint32_t n_buckets;
	uint32_t count;
	uint32_t limit; /* grown when `count` reaches it */
	uint8_t depth;
	uint8_t n_units;
	bool shared; /* the units may have other users: copy before writing */
	bool inherited; /* all entries are, whatever their bit says */
	uint32_t units[LIVE_SHARD_UNITS]; /* in the arena */
};

struct live {
	struct arena *arena;
	uint32_t *directory; /* by the key's first `depth` bits: index of a shard */
	unsigned shift; /* 64 − depth of the directory */
	struct live_shard *shards;
	size_t n_shards, cap_shards;
	uint64_t count;
};

#define LIVE_HERE      (UINT64_C(1) << 15)
#define LIVE_IGNORED   (UINT64_C(1) << 14)
#define LIVE_INHERITED (UINT64_C(1) << 8)
#define LIVE_MIX UINT64_C(0x9e3779b97f4b) /* odd; the golden ratio of 2^48, near enough */

/* The key's address part, in the upper 48 bits. */
static inline uint64_t live_key(uint64_t addr)
{
	addr ^= addr >> 23;
	return (addr * LIVE_MIX) << 16;
}

uint64_t live_entry_addr(const struct live_entry *e);

static inline uint64_t live_entry_size(const struct live_entry *e)
{
	return e->size >> 16;
}

static inline unsigned live_entry_kind(const struct live_entry *e)
{
	return e->key >> 9 & 31;
}

static inline uint32_t live_entry_thread(const struct live_entry *e)
{
	return (uint32_t)((e->key & 255) << 16 | (e->size & 0xffff));
}

static inline bool live_entry_ignored(const struct live_entry *e)
{
	return e->key & LIVE_IGNORED;
}

static inline bool live_entry_inherited(const struct live_entry *e)
{
	return e->key & LIVE_INHERITED;
}

/* `addr` in [1, LIVE_ADDR_MAX], size_bytes <= LIVE_SIZE_MAX, kind < 32, thread < 2^24. */
static inline void live_entry_set(struct live_entry *e, uint64_t addr, uint64_t size_bytes, unsigned kind,
				  uint32_t thread)
{
	e->key = live_key(addr) | LIVE_HERE | (uint64_t)kind << 9 | thread >> 16;
	e->size = size_bytes << 16 | (thread & 0xffff);
}

static inline struct live_shard *live_shard_of(const struct live *live, uint64_t key)
{
	return &live->shards[live->directory[key >> live->shift]];
}

static inline struct live_bucket *live_bucket(const struct live *live, const struct live_shard *shard,
					      uint32_t index)
{
	struct live_bucket *unit = arena_unit(live->arena, shard->units[index / LIVE_UNIT_BUCKETS]);

	return unit + index % LIVE_UNIT_BUCKETS;
}

/* Index of the bucket where the search for a key begins. */
static inline uint32_t live_home(const struct live_shard *shard, uint64_t key)
{
	return (uint32_t)((((key & ~UINT64_C(0xffff)) << shard->depth) >> 32) * shard->n_buckets >> 32);
}

/* Asks for the memory that a call with this address will need; some 16 to 64 records ahead. */
static inline void live_prefetch(const struct live *live, uint64_t addr)
{
	uint64_t key = live_key(addr);
	const struct live_shard *shard = live_shard_of(live, key);
	const struct live_bucket *bucket = live_bucket(live, shard, live_home(shard, key));

	__builtin_prefetch(bucket, 1);
	__builtin_prefetch(&bucket->values[1], 1);
	__asm__ volatile(""); /* or gcc drops the call: a function that does nothing but prefetch has no effect */
}

struct live *live_new(void);
struct live *live_clone(struct live *live); /* all entries of the clone are inherited */
void live_free(struct live *live);

enum live_result {
	LIVE_ADDED,
	LIVE_REPLACED, /* its address was there already: that entry is given in *old */
	LIVE_NO_ROOM, /* thousands of addresses that scramble to almost the same: not by chance */
};
enum live_result live_insert(struct live *live, const struct live_entry *entry, struct live_entry *old);

/* Takes the block at `addr` out; false if there is none. */
bool live_remove(struct live *live, uint64_t addr, struct live_entry *old);

bool live_find(const struct live *live, uint64_t addr, struct live_entry *entry);
/* The last block that was at `addr`, if that is still known; now there is none. */
bool live_was_freed(const struct live *live, uint64_t addr, struct live_entry *entry);

void live_each(const struct live *live, void (*visit)(void *ctx, const struct live_entry *entry), void *ctx);

static inline uint64_t live_count(const struct live *live)
{
	return live->count;
}

/* Memory taken, shared shards included. */
size_t live_bytes(const struct live *live);

#endif
