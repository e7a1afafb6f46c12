#include "cli/ingest/forks.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define FORKS_MAX 1024

struct fork_state {
	uint32_t parent_slot, serial;
	uint64_t at_ns;
	struct process_snapshot *snapshot;
};

static void drop(struct forks *forks, size_t at)
{
	process_snapshot_free(forks->items[at].snapshot);
	forks->n--;
	memmove(forks->items + at, forks->items + at + 1, (forks->n - at) * sizeof(*forks->items));
}

void forks_add(struct forks *forks, uint32_t parent_slot, uint32_t serial, uint64_t now_ns,
	       struct process_snapshot *snapshot)
{
	if (forks->n == FORKS_MAX)
		drop(forks, 0);
	forks->items = xgrow(forks->items, &forks->cap, forks->n + 1, sizeof(*forks->items));
	forks->items[forks->n++] = (struct fork_state){parent_slot, serial, now_ns, snapshot};
}

struct process_snapshot *forks_take(struct forks *forks, uint32_t parent_slot, uint32_t serial)
{
	for (size_t i = 0; i < forks->n; i++) {
		struct process_snapshot *snapshot = forks->items[i].snapshot;

		if (forks->items[i].parent_slot != parent_slot || forks->items[i].serial != serial)
			continue;
		forks->items[i].snapshot = NULL;
		drop(forks, i);
		return snapshot;
	}
	return NULL;
}

void forks_expire(struct forks *forks, uint64_t since_ns)
{
	while (forks->n > 0 && forks->items[0].at_ns < since_ns)
		drop(forks, 0);
}

bool forks_any_since(const struct forks *forks, uint64_t since_ns)
{
	return forks->n > 0 && forks->items[forks->n - 1].at_ns >= since_ns;
}

void forks_clear(struct forks *forks)
{
	while (forks->n > 0)
		drop(forks, forks->n - 1);
	free(forks->items);
	*forks = (struct forks){0};
}
