/* Parents' states at their forks, waiting for the children to say hello. */
#ifndef CLI_INGEST_FORKS_H
#define CLI_INGEST_FORKS_H

#include "cli/model/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct forks {
	struct fork_state *items; /* oldest first */
	size_t n, cap;
};

/* Keeps `snapshot` (owned from here on) for the child of that fork. The oldest goes when there are too many. */
void forks_add(struct forks *forks, uint32_t parent_slot, uint32_t serial, uint64_t now_ns,
	       struct process_snapshot *snapshot);

/* Gives it out; NULL if there is none. */
struct process_snapshot *forks_take(struct forks *forks, uint32_t parent_slot, uint32_t serial);

/* Drops those made before `since_ns`: forks that failed, children that are not watched. */
void forks_expire(struct forks *forks, uint64_t since_ns);

/* Whether one made since `since_ns` has not been given out. */
bool forks_any_since(const struct forks *forks, uint64_t since_ns);

void forks_clear(struct forks *forks);

#endif
