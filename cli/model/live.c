#include "cli/model/live.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define CELL_BYTES ((size_t)64 << 10)
#define PAGE_BYTES ((size_t)4096)
/* Of the directory: beyond it, a shard takes a larger cell. Up to here live_home() sees none of a key's flags. */
#define DEPTH_MAX 16
#define LOAD_NUMERATOR 39 /* entries per 10 buckets at most: 0.78 */

/*
 * Storage of one shard: `reserved` bytes of address space, of which the first `used` hold this header and the
 * buckets. Freed by the last user.
 */
struct cell {
	size_t reserved, used;
	uint32_t refs;
	uint32_t pad[27];
};
_Static_assert(sizeof(struct cell) == sizeof(struct live_bucket), "buckets begin on a pair of cache lines");

static struct cell *cell_of(const struct live_shard *shard)
{
	return (struct cell *)(void *)((char *)shard->buckets - sizeof(struct cell));
}

static struct live_bucket *buckets_of(struct cell *cell)
{
	return (struct live_bucket *)(void *)(cell + 1);
}

/* Has the kernel give the memory now, in one go: faults for page after page cost ten times as much in a virtual machine.
 * Where the kernel cannot (before 5.14), they come one by one. */
static void populate(void *from, size_t n_bytes)
{
	madvise(from, n_bytes, MADV_POPULATE_WRITE);
}

static struct cell *cell_new(size_t reserved, size_t used)
{
	struct cell *cell = mmap(NULL, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (cell == MAP_FAILED) {
		cell = NULL;
		xreallocarray(NULL, SIZE_MAX, 1); /* the one way out of memory */
	}
	populate(cell, used);
	cell->reserved = reserved;
	cell->used = used;
	cell->refs = 1;
	return cell;
}

static void cell_unref(struct cell *cell)
{
	if (--cell->refs == 0)
		munmap(cell, cell->reserved);
}

/* Gives the shard the first `used` bytes of its cell and drops what was in them. */
static void shard_clear(struct live_shard *shard, size_t used)
{
	struct cell *cell = cell_of(shard);
	size_t keep = used < cell->used ? used : cell->used;

	if (shard->count)
		memset(shard->buckets, 0, keep - sizeof(*cell));
	if (cell->used > used)
		madvise((char *)cell + used, cell->used - used, MADV_DONTNEED); /* reads as zeros again */
	else if (cell->used < used)
		populate((char *)cell + cell->used, used - cell->used);
	cell->used = used;
	shard->n_buckets = (uint32_t)((used - sizeof(*cell)) / sizeof(struct live_bucket));
	shard->limit = shard->n_buckets * LOAD_NUMERATOR / 10;
	shard->count = 0;
}

static inline struct live_bucket *next_bucket(const struct live_shard *shard, struct live_bucket *bucket)
{
	return ++bucket < shard->buckets + shard->n_buckets ? bucket : shard->buckets;
}

_Static_assert(LIVE_BUCKET_ENTRIES == 5, "matches() and gaps() are written out, to be free of branches");

/* One bit per entry of the bucket that has this address. */
static inline unsigned matches(const struct live_bucket *bucket, uint64_t key)
{
	const uint64_t *k = bucket->keys, n = 1 << 16;

	return (unsigned)((k[0] ^ key) < n) | (unsigned)((k[1] ^ key) < n) << 1 | (unsigned)((k[2] ^ key) < n) << 2 |
	       (unsigned)((k[3] ^ key) < n) << 3 | (unsigned)((k[4] ^ key) < n) << 4;
}

static inline unsigned gaps(const struct live_bucket *bucket)
{
	const uint64_t *k = bucket->keys;

	return (unsigned)!k[0] | (unsigned)!k[1] << 1 | (unsigned)!k[2] << 2 | (unsigned)!k[3] << 3 |
	       (unsigned)!k[4] << 4;
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

/* Puts an entry that is not there yet into the first bucket with a gap; there is one, since count < limit. */
static inline void shard_put(struct live_shard *shard, const struct live_entry *e)
{
	struct live_bucket *bucket = live_home(shard, e->key);
	unsigned mask;

	while (MW_UNLIKELY(!(mask = gaps(bucket)))) {
		bucket->n_passed++;
		bucket = next_bucket(shard, bucket);
	}
	put(bucket, (unsigned)__builtin_ctz(mask), e);
	shard->count++;
}

/* Bytes for `n` entries and a fifth more. */
static size_t roomy_bytes(size_t n)
{
	size_t n_bytes = sizeof(struct cell) + (n * 12 / LOAD_NUMERATOR + 1) * sizeof(struct live_bucket);

	n_bytes = (n_bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
	return n_bytes < CELL_BYTES ? n_bytes : CELL_BYTES;
}

/* Copies the shard's entries to the table's scratch area. */
static size_t collect(struct live *live, const struct live_shard *shard)
{
	size_t n = 0;

	live->scratch = xgrow(live->scratch, &live->cap_scratch, shard->count, sizeof(*live->scratch));
	for (size_t b = 0; b < shard->n_buckets; b++)
		for (unsigned i = 0; i < LIVE_BUCKET_ENTRIES; i++)
			if (shard->buckets[b].keys[i])
				get(&shard->buckets[b], i, &live->scratch[n++]);
	return n;
}

static uint32_t add_shard(struct live *live, unsigned depth, size_t used)
{
	struct live_shard *shard;

	live->shards = xgrow(live->shards, &live->cap_shards, live->n_shards + 1, sizeof(*live->shards));
	shard = &live->shards[live->n_shards];
	*shard = (struct live_shard){.buckets = buckets_of(cell_new(CELL_BYTES, used)), .depth = (uint8_t)depth};
	shard_clear(shard, used);
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

/* Cuts a shard in two halves of its range of keys. */
static void split(struct live *live, uint32_t index)
{
	unsigned depth = live->shards[index].depth;
	uint64_t bit = UINT64_C(1) << (63 - depth);
	size_t n = collect(live, &live->shards[index]);
	size_t n_high = 0, first, span;
	struct live_shard *half[2];
	uint32_t upper;

	if (depth == 64 - live->shift)
		double_directory(live);
	for (size_t i = 0; i < n; i++)
		n_high += !!(live->scratch[i].key & bit);
	upper = add_shard(live, depth + 1, roomy_bytes(n_high));
	half[0] = &live->shards[index];
	half[1] = &live->shards[upper];
	half[0]->depth = (uint8_t)(depth + 1);
	/* All keys of the shard begin with the same bits, so any of them tells where it is in the directory. */
	span = (size_t)1 << (64 - live->shift - depth);
	first = live->scratch[0].key >> live->shift & ~(span - 1);
	for (size_t i = first + span / 2; i < first + span; i++)
		live->directory[i] = upper;
	shard_clear(half[0], roomy_bytes(n - n_high));
	for (size_t i = 0; i < n; i++)
		shard_put(half[!!(live->scratch[i].key & bit)], &live->scratch[i]);
}

/* Spreads a shard over more pages of its cell, or splits it, or gives it a cell twice as large. */
static MW_COLD void grow(struct live *live, uint32_t index)
{
	struct live_shard *shard = &live->shards[index];
	struct cell *cell = cell_of(shard);
	size_t used = (cell->used + cell->used / 5 + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
	size_t n;

	if (cell->used == cell->reserved && shard->depth < DEPTH_MAX) {
		split(live, index);
		return;
	}
	n = collect(live, shard);
	if (cell->used == cell->reserved) {
		used = cell->reserved * 2;
		cell_unref(cell);
		cell = cell_new(used, used);
		shard->buckets = buckets_of(cell);
	}
	shard_clear(shard, used < cell->reserved ? used : cell->reserved);
	for (size_t i = 0; i < n; i++)
		shard_put(shard, &live->scratch[i]);
}

/* Makes the shard's cell its own before it is written to. */
static MW_COLD void unshare(struct live_shard *shard)
{
	struct cell *old = cell_of(shard);

	if (old->refs > 1) {
		struct cell *cell = cell_new(old->reserved, old->used);

		memcpy(cell + 1, old + 1, old->used - sizeof(*old));
		shard->buckets = buckets_of(cell);
		cell_unref(old);
	}
	for (size_t b = 0; shard->inherited && b < shard->n_buckets; b++)
		for (unsigned i = 0; i < LIVE_BUCKET_ENTRIES; i++)
			if (shard->buckets[b].keys[i])
				shard->buckets[b].keys[i] |= LIVE_INHERITED;
	shard->shared = shard->inherited = false;
}

/* The bucket that holds this address and in *mask its place; NULL if it is not in the shard. */
static inline struct live_bucket *seek(const struct live_shard *shard, uint64_t key, unsigned *mask)
{
	struct live_bucket *bucket = live_home(shard, key);

	while (!(*mask = matches(bucket, key))) {
		if (MW_LIKELY(!bucket->n_passed))
			return NULL;
		bucket = next_bucket(shard, bucket);
	}
	return bucket;
}

bool live_insert(struct live *live, const struct live_entry *entry, struct live_entry *old)
{
	uint64_t key = entry->key & ~UINT64_C(0xffff);
	struct live_shard *shard = live_shard_of(live, key);
	struct live_bucket *bucket;
	unsigned mask;

	if (MW_UNLIKELY(shard->shared))
		unshare(shard);
	bucket = seek(shard, key, &mask);
	if (MW_UNLIKELY(bucket)) {
		get(bucket, (unsigned)__builtin_ctz(mask), old);
		put(bucket, (unsigned)__builtin_ctz(mask), entry);
		return true;
	}
	while (MW_UNLIKELY(shard->count >= shard->limit)) {
		grow(live, live->directory[key >> live->shift]);
		shard = live_shard_of(live, key);
	}
	shard_put(shard, entry);
	live->count++;
	return false;
}

bool live_remove(struct live *live, uint64_t addr, struct live_entry *old)
{
	uint64_t key = live_key(addr);
	struct live_shard *shard = live_shard_of(live, key);
	struct live_bucket *bucket;
	unsigned mask, i;

	if (MW_UNLIKELY(shard->shared))
		unshare(shard);
	bucket = seek(shard, key, &mask);
	if (!bucket)
		return false;
	i = (unsigned)__builtin_ctz(mask);
	get(bucket, i, old);
	bucket->keys[i] = 0;
	for (struct live_bucket *b = live_home(shard, key); MW_UNLIKELY(b != bucket); b = next_bucket(shard, b))
		b->n_passed--;
	shard->count--;
	live->count--;
	return true;
}

bool live_find(const struct live *live, uint64_t addr, struct live_entry *entry)
{
	uint64_t key = live_key(addr);
	const struct live_shard *shard = live_shard_of(live, key);
	unsigned mask;
	const struct live_bucket *bucket = seek(shard, key, &mask);

	if (!bucket)
		return false;
	get(bucket, (unsigned)__builtin_ctz(mask), entry);
	if (shard->inherited)
		entry->key |= LIVE_INHERITED;
	return true;
}

static void each_of_bucket(const struct live_bucket *bucket, uint64_t flags,
			   void (*visit)(void *ctx, const struct live_entry *entry), void *ctx)
{
	for (unsigned i = 0; i < LIVE_BUCKET_ENTRIES; i++) {
		struct live_entry entry;

		if (!bucket->keys[i])
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

		for (size_t b = 0; b < shard->n_buckets; b++)
			each_of_bucket(&shard->buckets[b], shard->inherited ? LIVE_INHERITED : 0, visit, ctx);
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

	add_shard(live, 0, PAGE_BYTES);
	live->directory = xcalloc(2, sizeof(*live->directory));
	live->shift = 63;
	return live;
}

struct live *live_clone(struct live *live)
{
	struct live *clone = xcalloc(1, sizeof(*clone));
	size_t n_directory = (size_t)1 << (64 - live->shift);

	*clone = (struct live){.shift = live->shift, .n_shards = live->n_shards, .cap_shards = live->n_shards};
	clone->count = live->count;
	clone->directory = xreallocarray(NULL, n_directory, sizeof(*clone->directory));
	memcpy(clone->directory, live->directory, n_directory * sizeof(*clone->directory));
	clone->shards = xreallocarray(NULL, live->n_shards, sizeof(*clone->shards));
	for (size_t i = 0; i < live->n_shards; i++) {
		cell_of(&live->shards[i])->refs++;
		live->shards[i].shared = true;
		clone->shards[i] = live->shards[i];
		clone->shards[i].inherited = true;
	}
	return clone;
}

void live_free(struct live *live)
{
	if (!live)
		return;
	for (size_t i = 0; i < live->n_shards; i++)
		cell_unref(cell_of(&live->shards[i]));
	free(live->directory);
	free(live->shards);
	free(live->scratch);
	free(live);
}

size_t live_bytes(const struct live *live)
{
	size_t n_bytes = sizeof(*live) + (sizeof(*live->directory) << (64 - live->shift));

	n_bytes += live->cap_shards * sizeof(*live->shards) + live->cap_scratch * sizeof(*live->scratch);
	for (size_t i = 0; i < live->n_shards; i++)
		n_bytes += cell_of(&live->shards[i])->used;
	return n_bytes;
}
