#include "cli/model/mismatches.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>

#define SLOTS 4096u /* a power of two, never more than a quarter used */

static uint32_t hash(const struct mismatch *m)
{
	uint64_t h = (uint64_t)m->alloc_stack << 32 | m->free_stack;

	h ^= (uint64_t)m->first_free_stack << 24;
	h ^= ((uint64_t)m->type << 16 | (uint64_t)m->alloc_kind << 8 | m->free_kind) * UINT64_C(0x9e3779b97f4a7c15);
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(h >> 32);
}

static int same(const struct mismatch *a, const struct mismatch *b)
{
	return a->type == b->type && a->alloc_kind == b->alloc_kind && a->free_kind == b->free_kind &&
	       a->alloc_stack == b->alloc_stack && a->free_stack == b->free_stack &&
	       a->first_free_stack == b->first_free_stack;
}

void mismatches_add(struct mismatches *mismatches, const struct mismatch *one)
{
	uint32_t at = hash(one) % SLOTS;

	if (!mismatches->slots)
		mismatches->slots = xcalloc(SLOTS, sizeof(*mismatches->slots));
	for (; mismatches->slots[at]; at = (at + 1) % SLOTS) {
		struct mismatch *known = &mismatches->items[mismatches->slots[at] - 1];

		if (same(known, one)) {
			known->count++;
			known->bytes += one->bytes;
			return;
		}
	}
	if (mismatches->n_items >= MISMATCHES_MAX) {
		mismatches->n_others++;
		return;
	}
	mismatches->items =
		xgrow(mismatches->items, &mismatches->cap_items, mismatches->n_items + 1, sizeof(*mismatches->items));
	mismatches->items[mismatches->n_items++] = *one;
	mismatches->slots[at] = (uint16_t)mismatches->n_items;
}

void mismatches_release(struct mismatches *mismatches)
{
	free(mismatches->items);
	free(mismatches->slots);
	*mismatches = (struct mismatches){0};
}
