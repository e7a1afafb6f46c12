#include "cli/model/live.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 20 /* of the directory: room for a thousand million blocks */

_Static_assert(sizeof(struct live_entry) == 24, "bytes per block");
_Static_assert(LIVE_BUCKET_ENTRIES == 5, "matches() and gaps() are written out, to be free of branches");

/* One bit per entry of the bucket that is live and has this address. */
static inline unsigned matches(const struct live_bucket *bucket, uint64_t key)
{
	const uint64_t *k = bucket->keys, n = LIVE_HERE;

	key |= LIVE_HERE;
	return (unsigned)((k[0] ^ key) < n) | (unsigned)((k[1] ^ key) < n) << 1 | (unsigned)((k[2] ^ key) < n) << 2 |
	       (unsigned)((k[3] ^ key) < n) << 3 | (unsigned)((k[4] ^ key) < n) << 4;
}

static inline unsigned gaps(const struct live_bucket *bucket)
{
	const uint64_t *k = bucket->keys;

	return (unsigned)!(k[0] & LIVE_HERE) | (unsigned)!(k[1] & LIVE_HERE) << 1 | (unsigned)!(k[2] & LIVE_HERE) << 2 |
	       (unsigned)!(k[3] & LIVE_HERE) << 3 | (unsigned)!(k[4] & LIVE_HERE) << 4;
}

static inline bool is_live(uint64_t key)
{
	return key & LIVE_HERE;
}

static inline void put(struct live_bucket *bucket, unsigned i, const struct live_entry *e)
{
	bucket->keys[i] = e->key;
	bucket->values[i] = (struct live_value){e->size, e->stack, e->birth_ms};
}

static inline void get(const struct live_bucket *bucket, unsigned i, struct live_entry *e)
{
	const struct live_value *value = &bucket->values[i];

	*e = (struct live_entry){bucket->keys[i], value->size, value->stack, value->birth_ms};
}

static inline uint32_t next_index(const struct live_shard *shard, uint32_t index)
{
	return ++index < shard->n_buckets ? index : 0;
}

/* Puts an entry that is not there yet into the first bucket with a gap; there is one, since count < limit. */
static inline void shard_put(const struct live *live, struct live_shard *shard, const struct live_entry *e)
{
	uint32_t index = live_home(shard, e->key);
	struct live_bucket *bucket = live_bucket(live, shard, index);
	unsigned mask;

	while (MW_UNLIKELY(!(mask = gaps(bucket)))) {
		bucket->n_passed++;
		index = next_index(shard, index);
		bucket = live_bucket(live, shard, index);
	}
	put(bucket, (unsigned)__builtin_ctz(mask), e);
	shard->count++;
}

/* Gives a shard without units this many, all empty. */
static void shard_open(const struct live *live, struct live_shard *shard, unsigned n_units)
{
	shard->n_units = (uint8_t)n_units;
	shard->n_buckets = n_units * LIVE_UNIT_BUCKETS;
	shard->limit = shard->n_buckets * 39 / 10; /* of 5 per bucket: a load of 0.78 */
	shard->count = 0;
	for (unsigned i = 0; i < n_units; i++) {
		struct live_bucket *unit;

		shard->units[i] = arena_take(live->arena);
		unit = arena_unit(live->arena, shard->units[i]);
		for (unsigned b = 0; b < LIVE_UNIT_BUCKETS; b++) /* the values of gaps may be anything */
			memset(&unit[b], 0, offsetof(struct live_bucket, values));
	}
}

/* Puts all entries of `from` into to[the key's bit], and gives back its units. */
static void shard_move(const struct live *live, const struct live_shard *from, uint64_t bit, struct live_shard *to[2])
{
	for (uint32_t b = 0; b < from->n_buckets; b++) {
		const struct live_bucket *bucket = live_bucket(live, from, b);

		for (unsigned i = 0; i < LIVE_BUCKET_ENTRIES; i++) {
			struct live_entry e;

			if (!is_live(bucket->keys[i]))
				continue;
			get(bucket, i, &e);
			shard_put(live, to[!!(e.key & bit)], &e);
		}
	}
	for (unsigned u = 0; u < from->n_units; u++)
		arena_unref(live->arena, from->units[u]);
}

/* Units for `n` entries and a sixth more. */
static unsigned roomy_units(size_t n)
{
	size_t n_units = n * 7 / 6 * 10 / 39 / LIVE_UNIT_BUCKETS + 1;

	return n_units < LIVE_SHARD_UNITS ? (unsigned)n_units : LIVE_SHARD_UNITS;
}

static uint32_t add_shard(struct live *live, unsigned depth, unsigned n_units)
{
	struct live_shard *shard;

	live->shards = xgrow(live->shards, &live->cap_shards, live->n_shards + 1, sizeof(*live->shards));
	shard = &live->shards[live->n_shards];
	*shard = (struct live_shard){.depth = (uint8_t)depth};
	shard_open(live, shard, n_units);
	return (uint32_t)live->n_shards++;
}

static void double_directory(struct live *live)
{
	size_t n = (size_t)1 << (64 - live->shift);

	live->directory = xreallocarray(live->directory, n * 2, sizeof(*live->directory));
	for (size_t i = n; i-- > 0;)
		live->directory[i * 2] = live->directory[i * 2 + 1] = live->directory[i];
	live->shift--;
}

/* Entries of the shard whose keys have the bit. */
static size_t count_with(const struct live *live, const struct live_shard *shard, uint64_t bit)
{
	size_t n = 0;

	for (uint32_t b = 0; b < shard->n_buckets; b++) {
		const struct live_bucket *bucket = live_bucket(live, shard, b);

		for (unsigned i = 0; i < LIVE_BUCKET_ENTRIES; i++)
			n += is_live(bucket->keys[i]) && bucket->keys[i] & bit;
	}
	return n;
}

/* Cuts the shard of `key` in two halves of its range of keys. */
static void split(struct live *live, uint64_t key)
{
	uint32_t lower = live->directory[key >> live->shift], upper;
	struct live_shard old = live->shards[lower];
	uint64_t bit = UINT64_C(1) << (63 - old.depth);
	size_t n_high = count_with(live, &old, bit), span, first;

	if (old.depth == 64 - live->shift)
		double_directory(live);
	upper = add_shard(live, old.depth + 1u, roomy_units(n_high));
	live->shards[lower].depth++;
	shard_open(live, &live->shards[lower], roomy_units(old.count - n_high));
	span = (size_t)1 << (64 - live->shift - old.depth);
	first = key >> live->shift & ~(span - 1);
	for (size_t i = first + span / 2; i < first + span; i++)
		live->directory[i] = upper;
	shard_move(live, &old, bit, (struct live_shard *[2]){&live->shards[lower], &live->shards[upper]});
}

/* Spreads the full shard of `key` over more units, or splits it. False if neither can be. */
static MW_COLD bool grow(struct live *live, uint64_t key)
{
	struct live_shard *shard = live_shard_of(live, key), old = *shard;
	unsigned n_units = old.n_units + (old.n_units < 6 ? 1u : 2u);

	if (old.n_units < LIVE_SHARD_UNITS) {
		shard_open(live, shard, n_units < LIVE_SHARD_UNITS ? n_units : LIVE_SHARD_UNITS);
		shard_move(live, &old, 0, (struct live_shard *[2]){shard, shard});
	} else if (old.depth < DEPTH_MAX) {
		split(live, key);
	} else {
		return false;
	}
	return true;
}

static void mark_inherited(struct live_bucket *bucket)
{
	for (unsigned i = 0; i < LIVE_BUCKET_ENTRIES; i++)
		if (bucket->keys[i])
			bucket->keys[i] |= LIVE_INHERITED;
}

/* Makes the shard's units its own before it is written to. */
static MW_COLD void unshare(const struct live *live, struct live_shard *shard)
{
	for (unsigned u = 0; u < shard->n_units; u++) {
		uint32_t old = shard->units[u];

		if (*arena_refs(live->arena, old) == 1)
			continue;
		shard->units[u] = arena_take(live->arena);
		memcpy(arena_unit(live->arena, shard->units[u]), arena_unit(live->arena, old), ARENA_UNIT_BYTES);
		arena_unref(live->arena, old);
	}
	for (uint32_t b = 0; shard->inherited && b < shard->n_buckets; b++)
		mark_inherited(live_bucket(live, shard, b));
	shard->shared = shard->inherited = false;
}

/* The bucket that holds this address and in *mask its place; NULL if it is not in the shard. */
static inline struct live_bucket *seek(const struct live *live, const struct live_shard *shard, uint64_t key,
				       unsigned *mask)
{
	uint32_t index = live_home(shard, key);
	struct live_bucket *bucket = live_bucket(live, shard, index);

	while (!(*mask = matches(bucket, key))) {
		if (MW_LIKELY(!bucket->n_passed))
			return NULL;
		index = next_index(shard, index);
		bucket = live_bucket(live, shard, index);
	}
	return bucket;
}

enum live_result live_insert(struct live *live, const struct live_entry *entry, struct live_entry *old)
{
	uint64_t key = entry->key & ~UINT64_C(0xffff);
	struct live_shard *shard = live_shard_of(live, key);
	struct live_bucket *bucket;
	unsigned mask;

	if (MW_UNLIKELY(shard->shared))
		unshare(live, shard);
	bucket = seek(live, shard, key, &mask);
	if (MW_UNLIKELY(bucket)) {
		get(bucket, (unsigned)__builtin_ctz(mask), old);
		put(bucket, (unsigned)__builtin_ctz(mask), entry);
		return LIVE_REPLACED;
	}
	while (MW_UNLIKELY(shard->count >= shard->limit)) {
		if (!grow(live, key))
			return LIVE_NO_ROOM;
		shard = live_shard_of(live, key);
	}
	shard_put(live, shard, entry);
	live->count++;
	return LIVE_ADDED;
}

bool live_remove(struct live *live, uint64_t addr, struct live_entry *old)
{
	uint64_t key = live_key(addr);
	struct live_shard *shard = live_shard_of(live, key);
	struct live_bucket *bucket, *b;
	uint32_t index;
	unsigned mask, i;

	if (MW_UNLIKELY(shard->shared))
		unshare(live, shard);
	bucket = seek(live, shard, key, &mask);
	if (!bucket)
		return false;
	i = (unsigned)__builtin_ctz(mask);
	get(bucket, i, old);
	bucket->keys[i] = old->key & ~LIVE_HERE;
	index = live_home(shard, key);
	while (MW_UNLIKELY((b = live_bucket(live, shard, index)) != bucket)) {
		b->n_passed--;
		index = next_index(shard, index);
	}
	shard->count--;
	live->count--;
	return true;
}

bool live_find(const struct live *live, uint64_t addr, struct live_entry *entry)
{
	uint64_t key = live_key(addr);
	const struct live_shard *shard = live_shard_of(live, key);
	unsigned mask;
	const struct live_bucket *bucket = seek(live, shard, key, &mask);

	if (!bucket)
		return false;
	get(bucket, (unsigned)__builtin_ctz(mask), entry);
	if (shard->inherited)
		entry->key |= LIVE_INHERITED;
	return true;
}

bool live_was_freed(const struct live *live, uint64_t addr, struct live_entry *entry)
{
	uint64_t key = live_key(addr);
	const struct live_shard *shard = live_shard_of(live, key);
	uint32_t index = live_home(shard, key);
	const struct live_bucket *bucket;

	do {
		bucket = live_bucket(live, shard, index);
		for (unsigned i = 0; i < LIVE_BUCKET_ENTRIES; i++) {
			if ((bucket->keys[i] ^ key) >= LIVE_HERE)
				continue;
			get(bucket, i, entry);
			if (shard->inherited)
				entry->key |= LIVE_INHERITED;
			return true;
		}
		index = next_index(shard, index);
	} while (bucket->n_passed && index != live_home(shard, key));
	return false;
}

static void each_of_bucket(const struct live_bucket *bucket, uint64_t flags,
			   void (*visit)(void *ctx, const struct live_entry *entry), void *ctx)
{
	for (unsigned i = 0; i < LIVE_BUCKET_ENTRIES; i++) {
		struct live_entry entry;

		if (!is_live(bucket->keys[i]))
			continue;
		get(bucket, i, &entry);
		entry.key |= flags;
		visit(ctx, &entry);
	}
}

void live_each(const struct live *live, void (*visit)(void *ctx, const struct live_entry *entry), void *ctx)
{
	for (size_t s = 0; s < live->n_shards; s++) {
		const struct live_shard *shard = &live->shards[s];

		for (uint32_t b = 0; b < shard->n_buckets; b++)
			each_of_bucket(live_bucket(live, shard, b), shard->inherited ? LIVE_INHERITED : 0, visit, ctx);
	}
}

uint64_t live_entry_addr(const struct live_entry *e)
{
	/* Newton's iteration: the multiplier's inverse modulo a power of two, its bits right doubling each time. */
	uint64_t inverse = LIVE_MIX, addr;

	for (int i = 0; i < 5; i++)
		inverse *= 2 - LIVE_MIX * inverse;
	addr = (e->key >> 16) * inverse & LIVE_ADDR_MAX;
	return addr ^ addr >> 23 ^ addr >> 46;
}

struct live *live_new(void)
{
	struct live *live = xcalloc(1, sizeof(*live));

	live->arena = arena_new();
	add_shard(live, 0, 1);
	live->directory = xcalloc(2, sizeof(*live->directory));
	live->shift = 63;
	return live;
}

struct live *live_clone(struct live *live)
{
	struct live *clone = xcalloc(1, sizeof(*clone));
	size_t n_directory = (size_t)1 << (64 - live->shift);

	clone->arena = live->arena;
	arena_use(clone->arena);
	clone->count = live->count;
	clone->shift = live->shift;
	clone->directory = xreallocarray(NULL, n_directory, sizeof(*clone->directory));
	memcpy(clone->directory, live->directory, n_directory * sizeof(*clone->directory));
	clone->n_shards = clone->cap_shards = live->n_shards;
	clone->shards = xreallocarray(NULL, live->n_shards, sizeof(*clone->shards));
	for (size_t i = 0; i < live->n_shards; i++) {
		struct live_shard *shard = &live->shards[i];

		for (unsigned u = 0; u < shard->n_units; u++)
			++*arena_refs(live->arena, shard->units[u]);
		shard->shared = true;
		clone->shards[i] = *shard;
		clone->shards[i].inherited = true;
	}
	return clone;
}

void live_free(struct live *live)
{
	if (!live)
		return;
	for (size_t i = 0; live->arena->n_users > 1 && i < live->n_shards; i++)
		for (unsigned u = 0; u < live->shards[i].n_units; u++)
			arena_unref(live->arena, live->shards[i].units[u]);
	arena_leave(live->arena);
	free(live->directory);
	free(live->shards);
	free(live);
}

size_t live_bytes(const struct live *live)
{
	return sizeof(*live) + (sizeof(*live->directory) << (64 - live->shift)) +
	       live->cap_shards * sizeof(*live->shards) + arena_bytes(live->arena);
}
