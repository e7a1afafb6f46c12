#include "cli/symbols/known.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>

static uint32_t *find_slot(const struct known *known, uint32_t of, uint64_t addr)
{
	uint64_t h = (addr + ((uint64_t)of << 40)) * 0x9e3779b97f4a7c15u; /* Fibonacci hashing */
	size_t mask = known->n_slots - 1, i = (h ^ h >> 32) & mask;

	for (; known->slots[i]; i = (i + 1) & mask) {
		const struct known_item *item = &known->items[known->slots[i] - 1];

		if (item->addr == addr && item->of == of)
			break;
	}
	return &known->slots[i];
}

const struct known_item *known_find(const struct known *known, uint32_t of, uint64_t addr)
{
	uint32_t *slot = known->n_slots ? find_slot(known, of, addr) : NULL;

	return slot && *slot ? &known->items[*slot - 1] : NULL;
}

static void grow(struct known *known)
{
	known->n_slots = known->n_slots ? known->n_slots * 2 : 1024;
	free(known->slots);
	known->slots = xcalloc(known->n_slots, sizeof(*known->slots));
	for (size_t i = 0; i < known->n; i++)
		*find_slot(known, known->items[i].of, known->items[i].addr) = (uint32_t)i + 1;
}

const struct known_item *known_add(struct known *known, const struct known_item *item)
{
	if ((known->n + 1) * 4 > known->n_slots * 3)
		grow(known);
	known->items = xgrow(known->items, &known->cap, known->n + 1, sizeof(*known->items));
	known->items[known->n++] = *item;
	*find_slot(known, item->of, item->addr) = (uint32_t)known->n;
	return &known->items[known->n - 1];
}

void known_release(struct known *known)
{
	free(known->items);
	free(known->slots);
	*known = (struct known){0};
}
