#include "cli/model/freed.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>

struct freed_place {
	uint64_t addr;
	uint32_t stack;
};

struct freed {
	struct freed_place places[FREED_MAX];
};

/* Neighbours get places of their own. */
static uint32_t place_of(uint64_t addr)
{
	return ((uint32_t)(addr >> 4) ^ (uint32_t)(addr >> 20) * UINT32_C(0x9e3779b1) >> 16) % FREED_MAX;
}

struct freed *freed_new(void)
{
	return xcalloc(1, sizeof(struct freed));
}

void freed_free(struct freed *freed)
{
	free(freed);
}

void freed_put(struct freed *freed, uint64_t addr, uint32_t stack)
{
	freed->places[place_of(addr)] = (struct freed_place){addr, stack};
}

uint32_t freed_get(const struct freed *freed, uint64_t addr)
{
	const struct freed_place *place = &freed->places[place_of(addr)];

	return place->addr == addr ? place->stack : 0;
}
