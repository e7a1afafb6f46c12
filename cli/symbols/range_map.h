/*
 * Address ranges, each with a number, asked by address. Ranges may overlap and nest. Filled first, asked later: the
 * first question after an addition sorts. Plain data; starts as {0}.
 */
#ifndef CLI_SYMBOLS_RANGE_MAP_H
#define CLI_SYMBOLS_RANGE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
	uint64_t lo, hi; /* [lo, hi) */
	uint64_t max_hi; /* the largest `hi` up to here: where a search backwards may stop */
	uint32_t value;
};

struct range_map {
	struct range *items;
	size_t n, cap;
	bool sorted;
};

#define RANGE_MAP_START SIZE_MAX

/* Empty ranges are left out. */
void range_map_add(struct range_map *map, uint64_t lo, uint64_t hi, uint32_t value);

/*
 * The ranges that hold `addr`, one per call, inner before outer, later additions before earlier ones. *cursor is
 * RANGE_MAP_START at first. NULL: no more.
 */
const struct range *range_map_next(struct range_map *map, uint64_t addr, size_t *cursor);

/* The first of these, or NULL. */
const struct range *range_map_find(struct range_map *map, uint64_t addr);

void range_map_release(struct range_map *map);

#endif
