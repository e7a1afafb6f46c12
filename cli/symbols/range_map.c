#include "cli/symbols/range_map.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

enum { DIGIT_BITS = 9, DIGITS_FROM = 1000 /* items; fewer are sorted as they are */ };

void range_map_add(struct range_map *map, uint64_t lo, uint64_t hi, uint32_t value)
{
	if (lo >= hi)
		return;
	map->items = xgrow(map->items, &map->cap, map->n + 1, sizeof(*map->items));
	map->items[map->n++] = (struct range){.lo = lo, .hi = hi, .value = value};
	map->sorted = false;
}

/* By start; of those that start together, the outer first. */
static int range_compare(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	if (x->hi != y->hi)
		return x->hi > y->hi ? -1 : 1;
	return (x->value > y->value) - (x->value < y->value);
}

/* Copies the items in the order of the digit at `shift` of their starts; what has the same digit stays in its order. */
static void sort_by_digit(const struct range *items, struct range *sorted, size_t n, unsigned shift, uint64_t base)
{
	size_t place[1 << DIGIT_BITS] = {0}, at = 0;
	const uint64_t mask = (1 << DIGIT_BITS) - 1;

	for (size_t i = 0; i < n; i++)
		place[(items[i].lo - base) >> shift & mask]++;
	for (size_t digit = 0; digit <= mask; digit++) {
		size_t n_here = place[digit];

		place[digit] = at;
		at += n_here;
	}
	for (size_t i = 0; i < n; i++)
		sorted[place[(items[i].lo - base) >> shift & mask]++] = items[i];
}

/* By start, digit by digit: for the tens of thousands of a large symbol table a fifth of qsort()'s time. */
static void sort_by_start(struct range *items, size_t n)
{
	struct range *from = items, *to, *spare = xreallocarray(NULL, n, sizeof(*items));
	uint64_t least = UINT64_MAX, most = 0;

	for (size_t i = 0; i < n; i++) {
		least = items[i].lo < least ? items[i].lo : least;
		most = items[i].lo > most ? items[i].lo : most;
	}
	to = spare;
	for (unsigned shift = 0; shift < 64 && (most - least) >> shift; shift += DIGIT_BITS) {
		struct range *sorted = to;

		sort_by_digit(from, sorted, n, shift, least);
		to = from;
		from = sorted;
	}
	if (from != items)
		memcpy(items, from, n * sizeof(*items));
	free(spare);
}

/* Those that start together, in items that are in the order of their starts. */
static void sort_ties(struct range *items, size_t n)
{
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && items[end].lo == items[i].lo;)
			end++;
		if (end - i > 1)
			qsort(items + i, end - i, sizeof(*items), range_compare);
	}
}

static void range_map_sort(struct range_map *map)
{
	uint64_t max_hi = 0;

	if (map->n >= DIGITS_FROM) {
		sort_by_start(map->items, map->n);
		sort_ties(map->items, map->n);
	} else if (map->n > 1) {
		qsort(map->items, map->n, sizeof(*map->items), range_compare);
	}
	for (size_t i = 0; i < map->n; i++) {
		if (map->items[i].hi > max_hi)
			max_hi = map->items[i].hi;
		map->items[i].max_hi = max_hi;
	}
	map->sorted = true;
}

/* How many ranges start at `addr` or before it. */
static size_t range_map_before(const struct range_map *map, uint64_t addr)
{
	size_t lo = 0, hi = map->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (map->items[mid].lo <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct range *range_map_next(struct range_map *map, uint64_t addr, size_t *cursor)
{
	size_t i;

	if (!map->sorted)
		range_map_sort(map);
	i = *cursor == RANGE_MAP_START ? range_map_before(map, addr) : *cursor;
	while (i > 0) {
		const struct range *r = &map->items[--i];

		if (r->max_hi <= addr)
			break;
		if (r->hi > addr) {
			*cursor = i;
			return r;
		}
	}
	*cursor = 0;
	return NULL;
}

const struct range *range_map_find(struct range_map *map, uint64_t addr)
{
	size_t cursor = RANGE_MAP_START;

	return range_map_next(map, addr, &cursor);
}

void range_map_release(struct range_map *map)
{
	free(map->items);
	*map = (struct range_map){0};
}
