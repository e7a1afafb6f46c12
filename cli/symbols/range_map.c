#include "cli/symbols/range_map.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>

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

static void range_map_sort(struct range_map *map)
{
	uint64_t max_hi = 0;

	if (map->n > 1)
		qsort(map->items, map->n, sizeof(*map->items), range_compare);
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
