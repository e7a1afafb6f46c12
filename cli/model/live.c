#include "cli/model/live.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOT_BITS 6
#define DEPTH_MAX       12 /* 16 addresses: a leaf has room for all */
#define EACH_AHEAD      16 /* leaves, most of which are not in the cache: their keys … */
#define EACH_NEAR       8  /* … and their values */

_Static_assert((1u << (16 - DEPTH_MAX)) <= LIVE_LEAF_MAX, "a leaf of the greatest depth is never split");

/* ---- leaves */

/* Room for at least n entries. */
static unsigned roomy(unsigned n)
{
	return n <= 8 ? 8 : n <= 16 ? 16 : 24;
}

static struct live_leaf *leaf_new(struct arena *arena, unsigned n_slots, unsigned depth)
{
	struct live_leaf *leaf = arena_take(arena, leaf_lines(n_slots));

	*leaf = (struct live_leaf){.n_slots = n_slots, .depth = depth};
	return leaf;
}

static void leaf_give(struct arena *arena, struct live_leaf *leaf)
{
	arena_give(arena, leaf, leaf_lines(leaf->n_slots));
}

/* ---- windows */

static size_t window_bytes(unsigned depth)
{
	return sizeof(struct live_window) + (sizeof(struct live_leaf *) << depth);
}

static struct live_window *window_new(struct live *live, unsigned depth)
{
	struct live_window *window = xmalloc(window_bytes(depth));

	window->n_refs = 1;
	window->depth = depth;
	live->n_window_bytes += window_bytes(depth);
	return window;
}

/* How many places of the directory have the leaf at `index`, which is the first of them; 1 for an empty place. */
static inline unsigned span(const struct live_window *window, unsigned index)
{
	const struct live_leaf *leaf = window->leaves[index];

	return leaf ? 1u << (window->depth - leaf->depth) : 1;
}

static void window_leave(struct live *live, struct live_window *window)
{
	if (--window->n_refs > 0)
		return;
	for (unsigned i = 0, n; i < 1u << window->depth; i += n) {
		n = span(window, i);
		if (window->leaves[i])
			leaf_give(live->arena, window->leaves[i]);
	}
	free(window);
}

static struct live_window *window_copy(struct live *live, const struct live_window *window)
{
	struct live_window *copy = window_new(live, window->depth);

	for (unsigned i = 0, n; i < 1u << window->depth; i += n) {
		struct live_leaf *leaf = NULL;

		n = span(window, i);
		if (window->leaves[i]) {
			unsigned n_lines = leaf_lines(window->leaves[i]->n_slots);

			leaf = arena_take(live->arena, n_lines);
			memcpy(leaf, window->leaves[i], (size_t)n_lines * ARENA_LINE_BYTES);
		}
		for (unsigned place = i; place < i + n; place++)
			copy->leaves[place] = leaf;
	}
	return copy;
}

static void mark_inherited(const struct live_window *window)
{
	for (unsigned i = 0, n; i < 1u << window->depth; i += n) {
		const struct live_leaf *leaf = window->leaves[i];

		n = span(window, i);
		for (unsigned s = 0; leaf && s < leaf->n_slots; s++)
			leaf_value(leaf, s)->meta |= LIVE_INHERITED;
	}
}

/* Makes the slot's window its own before it is written to. */
static MW_COLD void unshare(struct live *live, struct live_slot *slot)
{
	struct live_window *window = slot->window;

	if (window->n_refs > 1) {
		slot->window = window_copy(live, window);
		window_leave(live, window);
	}
	if (slot->inherited)
		mark_inherited(slot->window);
	slot->shared = slot->inherited = false;
}

static void double_directory(struct live *live, struct live_slot *slot)
{
	struct live_window *window = slot->window;
	unsigned n = 1u << window->depth;

	window = realloc(window, window_bytes(window->depth + 1));
	if (!window)
		xreallocarray(NULL, SIZE_MAX, 1);
	live->n_window_bytes += window_bytes(window->depth + 1) - window_bytes(window->depth);
	for (unsigned i = n; i-- > 0;)
		window->leaves[i * 2] = window->leaves[i * 2 + 1] = window->leaves[i];
	slot->depth = (uint8_t)++window->depth;
	slot->window = window;
}

/* ---- slots */

static inline size_t n_slots(const struct live *live)
{
	return (size_t)1 << (32 - live->shift);
}

static MW_COLD void double_slots(struct live *live)
{
	struct live_slot *old = live->slots;
	size_t n = n_slots(live);

	live->shift--;
	live->slots = xcalloc(n * 2, sizeof(*live->slots));
	for (size_t i = 0; i < n; i++)
		if (old[i].window)
			*live_slot_of(live, old[i].key) = old[i];
	free(old);
}

static MW_COLD struct live_slot *add_window(struct live *live, uint32_t key)
{
	struct live_slot *slot;

	if (live->n_windows >= n_slots(live) / 2)
		double_slots(live);
	slot = live_slot_of(live, key);
	*slot = (struct live_slot){.window = window_new(live, 0), .key = key};
	slot->window->leaves[0] = NULL;
	live->n_windows++;
	return slot;
}

/* ---- growing */

static inline unsigned place_of(const struct live_window *window, uint16_t key)
{
	return key >> (16 - window->depth);
}

/* Puts `leaf` in all places of the range that begins with the same `depth` bits as `key`. */
static void set_leaf(struct live_window *window, uint16_t key, unsigned depth, struct live_leaf *leaf)
{
	unsigned n = 1u << (window->depth - depth), first = place_of(window, key) & ~(n - 1);

	for (unsigned i = first; i < first + n; i++)
		window->leaves[i] = leaf;
}

/* Puts the entries of a full leaf of the greatest size into one for each half of its range. */
static void split(struct live *live, struct live_slot *slot, struct live_leaf *full)
{
	unsigned depth = full->depth + 1u, n_high = 0, n_slots_low, n_slots_high;
	uint16_t bit = (uint16_t)(1u << (16 - depth)), first = full->keys[0] & (uint16_t) ~(bit * 2u - 1);
	struct live_leaf *halves[2] = {NULL, NULL};

	if (full->depth == slot->window->depth)
		double_directory(live, slot);
	for (unsigned i = 0; i < LIVE_LEAF_MAX; i++)
		n_high += !!(full->keys[i] & bit);
	n_slots_low = roomy(LIVE_LEAF_MAX - n_high);
	n_slots_high = roomy(n_high);
	if (n_high < LIVE_LEAF_MAX)
		halves[0] = leaf_new(live->arena, n_slots_low, depth);
	if (n_high > 0)
		halves[1] = leaf_new(live->arena, n_slots_high, depth);
	for (unsigned i = 0; i < LIVE_LEAF_MAX; i++)
		leaf_move(halves[!!(full->keys[i] & bit)], full, i);
	set_leaf(slot->window, first, depth, halves[0]);
	set_leaf(slot->window, first | bit, depth, halves[1]);
	leaf_give(live->arena, full);
}

static void enlarge(struct live *live, struct live_slot *slot, struct live_leaf *full)
{
	struct live_leaf *larger = leaf_new(live->arena, roomy(full->n_slots + 1u), full->depth);

	memcpy(larger->keys, full->keys, full->n_slots * sizeof(*full->keys));
	memcpy(leaf_value(larger, 0), leaf_value(full, 0), (leaf_lines(full->n_slots) - 1) * (size_t)ARENA_LINE_BYTES);
	larger->used = full->used;
	larger->known = full->known;
	set_leaf(slot->window, full->keys[0], full->depth, larger);
	leaf_give(live->arena, full);
}

/* The depth of a new leaf for `key`, whose place is empty: as wide as the empty places around it allow. */
static unsigned empty_depth(const struct live_window *window, uint16_t key)
{
	unsigned depth = window->depth;

	while (depth > 0) {
		unsigned n = 1u << (window->depth - depth), sibling = (place_of(window, key) & ~(n - 1)) ^ n;

		for (unsigned i = sibling; i < sibling + n; i++)
			if (window->leaves[i])
				return depth;
		depth--;
	}
	return 0;
}

/* A leaf with room for `key`. */
static MW_COLD struct live_leaf *make_room(struct live *live, struct live_slot *slot, uint16_t key)
{
	struct live_leaf *leaf;

	while (!(leaf = *live_place(slot, key)) || !leaf_gaps(leaf)) {
		if (!leaf) {
			leaf = leaf_new(live->arena, 8, empty_depth(slot->window, key));
			set_leaf(slot->window, key, leaf->depth, leaf);
		} else if (leaf->n_slots < LIVE_LEAF_MAX) {
			enlarge(live, slot, leaf);
		} else {
			split(live, slot, leaf);
		}
	}
	return leaf;
}

/* ---- blocks */

enum live_result live_insert_rare(struct live *live, const struct live_entry *entry, struct live_entry *old)
{
	uint32_t window_key = (uint32_t)(entry->key >> 32);
	uint16_t key = (uint16_t)(entry->key >> 16);
	struct live_slot *slot = live_slot_of(live, window_key);
	struct live_leaf *leaf;
	uint64_t same, gap;

	if (!slot->window)
		slot = add_window(live, window_key);
	if (slot->shared)
		unshare(live, slot);
	leaf = *live_place(slot, key);
	same = leaf ? leaf_matches(leaf, key) & leaf->known : 0;
	if (leaf && same & leaf->used) {
		leaf_get(leaf, (unsigned)__builtin_ctzll(same), window_key, old);
		leaf_put(leaf, (unsigned)__builtin_ctzll(same), entry);
		return LIVE_REPLACED;
	}
	gap = leaf ? leaf_gap_for(leaf, same) : 0;
	if (!gap) {
		leaf = make_room(live, slot, key);
		gap = leaf_gaps(leaf);
	}
	leaf_put(leaf, (unsigned)__builtin_ctzll(gap), entry);
	live->count++;
	return LIVE_ADDED;
}

bool live_remove_rare(struct live *live, uint64_t addr, struct live_entry *old)
{
	uint32_t window_key = (uint32_t)(addr >> 16);
	struct live_slot *slot = live_slot_of(live, window_key);
	struct live_leaf *leaf;
	uint64_t mask;

	if (!slot->window)
		return false;
	if (slot->shared)
		unshare(live, slot);
	leaf = *live_place(slot, (uint16_t)addr);
	mask = leaf ? leaf_matches(leaf, (uint16_t)addr) & leaf->used : 0;
	if (!mask)
		return false;
	leaf_get(leaf, (unsigned)__builtin_ctzll(mask), window_key, old);
	leaf->used &= ~mask;
	live->count--;
	return true;
}

static bool look(const struct live *live, uint64_t addr, bool live_ones, struct live_entry *entry)
{
	const struct live_slot *slot = live_slot_of(live, (uint32_t)(addr >> 16));
	const struct live_leaf *leaf = slot->window ? *live_place(slot, (uint16_t)addr) : NULL;
	uint64_t mask = leaf ? leaf_matches(leaf, (uint16_t)addr) & leaf->known : 0;

	if (!leaf || !(live_ones ? mask & leaf->used : mask & ~leaf->used))
		return false;
	leaf_get(leaf, (unsigned)__builtin_ctzll(mask), slot->key, entry);
	if (slot->inherited)
		entry->key |= LIVE_INHERITED;
	return true;
}

bool live_find(const struct live *live, uint64_t addr, struct live_entry *entry)
{
	return look(live, addr, true, entry);
}

bool live_was_freed(const struct live *live, uint64_t addr, struct live_entry *entry)
{
	return look(live, addr, false, entry);
}

static void each_of_leaf(const struct live_leaf *leaf, const struct live_slot *slot,
			 void (*visit)(void *ctx, const struct live_entry *entry), void *ctx)
{
	for (uint64_t left = leaf->used; left; left &= left - 1) {
		struct live_entry entry;

		leaf_get(leaf, (unsigned)__builtin_ctzll(left), slot->key, &entry);
		if (slot->inherited)
			entry.key |= LIVE_INHERITED;
		visit(ctx, &entry);
	}
}

static MW_ALWAYS_INLINE void prefetch_values(const struct live_leaf *leaf)
{
	if (!leaf)
		return;
	for (unsigned line = 1; line < leaf_lines(leaf->n_slots); line++)
		__builtin_prefetch((const char *)leaf + line * ARENA_LINE_BYTES);
}

static void each_of_window(const struct live_slot *slot, void (*visit)(void *ctx, const struct live_entry *entry),
			   void *ctx)
{
	const struct live_window *window = slot->window;
	unsigned n = 1u << window->depth;

	for (unsigned i = 0; i < n && i < EACH_AHEAD; i++)
		__builtin_prefetch(window->leaves[i]);
	for (unsigned i = 0; i < n; i++) {
		const struct live_leaf *leaf = window->leaves[i];

		if (i + EACH_AHEAD < n)
			__builtin_prefetch(window->leaves[i + EACH_AHEAD]);
		if (i + EACH_NEAR < n)
			prefetch_values(window->leaves[i + EACH_NEAR]);
		if (leaf && (i == 0 || leaf != window->leaves[i - 1])) /* one leaf may have several places */
			each_of_leaf(leaf, slot, visit, ctx);
	}
}

void live_each(const struct live *live, void (*visit)(void *ctx, const struct live_entry *entry), void *ctx)
{
	for (size_t s = 0; s < n_slots(live); s++)
		if (live->slots[s].window)
			each_of_window(&live->slots[s], visit, ctx);
}

/* ---- the whole */

static struct live *live_with(struct arena *arena, unsigned slot_bits)
{
	struct live *live = xcalloc(1, sizeof(*live));

	live->arena = arena;
	live->shift = 32 - slot_bits;
	live->slots = xcalloc(n_slots(live), sizeof(*live->slots));
	return live;
}

struct live *live_new(void)
{
	return live_with(arena_new(), FIRST_SLOT_BITS);
}

struct live *live_clone(struct live *live)
{
	struct live *clone = live_with(live->arena, 32 - live->shift);

	arena_use(clone->arena);
	clone->count = live->count;
	clone->n_windows = live->n_windows;
	clone->n_window_bytes = live->n_window_bytes;
	for (size_t s = 0; s < n_slots(live); s++) {
		if (!live->slots[s].window)
			continue;
		live->slots[s].window->n_refs++;
		live->slots[s].shared = true;
		clone->slots[s] = live->slots[s];
		clone->slots[s].inherited = true;
	}
	return clone;
}

void live_free(struct live *live)
{
	if (!live)
		return;
	for (size_t s = 0; s < n_slots(live); s++) {
		if (!live->slots[s].window)
			continue;
		if (arena_is_shared(live->arena))
			window_leave(live, live->slots[s].window);
		else
			free(live->slots[s].window); /* the leaves go with the arena */
	}
	arena_leave(live->arena);
	free(live->slots);
	free(live);
}

size_t live_bytes(const struct live *live)
{
	return sizeof(*live) + n_slots(live) * sizeof(*live->slots) + live->n_window_bytes + arena_bytes(live->arena);
}
