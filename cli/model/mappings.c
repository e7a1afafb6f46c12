#include "cli/model/mappings.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define MAPPINGS_MAX 262144u /* four times the kernel's default limit; a corrupt stream must not take all memory */

struct mappings {
	struct mapping *items; /* by address, disjoint */
	size_t n, cap;
};

struct mappings *mappings_new(void)
{
	return xcalloc(1, sizeof(struct mappings));
}

void mappings_free(struct mappings *mappings)
{
	if (!mappings)
		return;
	free(mappings->items);
	free(mappings);
}

/* Position of the first mapping that ends above `addr`. */
static size_t lower_bound(const struct mappings *mappings, uint64_t addr)
{
	size_t low = 0, high = mappings->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (mappings->items[mid].end <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Replaces `n_old` items at `at` by the `n_new` given ones. */
static void splice(struct mappings *mappings, size_t at, size_t n_old, const struct mapping *items, size_t n_new)
{
	size_t behind = mappings->n - at - n_old;

	mappings->items = xgrow(mappings->items, &mappings->cap, mappings->n + n_new, sizeof(*mappings->items));
	memmove(mappings->items + at + n_new, mappings->items + at + n_old, behind * sizeof(*mappings->items));
	for (size_t i = 0; i < n_new; i++)
		mappings->items[at + i] = items[i];
	mappings->n = at + n_new + behind;
}

uint64_t mappings_remove(struct mappings *mappings, uint64_t start, uint64_t end)
{
	size_t at = lower_bound(mappings, start), stop = at, n_rest = 0;
	struct mapping rest[2];
	uint64_t removed = 0;

	for (; stop < mappings->n && mappings->items[stop].start < end; stop++) {
		const struct mapping *m = &mappings->items[stop];
		uint64_t from = m->start > start ? m->start : start;
		uint64_t to = m->end < end ? m->end : end;

		removed += to - from;
		/* Only the first can stick out before the range, and only the last behind it. */
		if (m->start < start)
			rest[n_rest++] = (struct mapping){m->start, start, m->stack, m->kind};
		if (m->end > end)
			rest[n_rest++] = (struct mapping){end, m->end, m->stack, m->kind};
	}
	if (stop > at)
		splice(mappings, at, stop - at, rest, n_rest);
	return removed;
}

uint64_t mappings_add(struct mappings *mappings, const struct mapping *mapping)
{
	uint64_t removed = mappings_remove(mappings, mapping->start, mapping->end);

	if (mappings->n < MAPPINGS_MAX)
		splice(mappings, lower_bound(mappings, mapping->start), 0, mapping, 1);
	return removed;
}

size_t mappings_count(const struct mappings *mappings)
{
	return mappings->n;
}

const struct mapping *mappings_get(const struct mappings *mappings, size_t i)
{
	return i < mappings->n ? &mappings->items[i] : NULL;
}
