/*
 * What a call does beside its work when the reporter has set a bit of the gate (common/shm.h): lets the allocator tell
 * its statistics, has its own time taken. Not on the usual way of a call. Never touches errno.
 */
#ifndef SHIM_ASKED_H
#define SHIM_ASKED_H

#include <stdbool.h>
#include <stdint.h>

/* The time stamps of one call; all 0 if it is not to be timed. */
struct asked {
	uint64_t begin, middle;
	bool timed, warming, tracked_first;
};

/* Before the call's work: in a call of the allocation functions only, outside of any recording. */
void mw_asked_begin(struct asked *asked);

/* Between the allocator's part and ours: the allocator's was first, or ours was. */
void mw_asked_real(struct asked *asked);
void mw_asked_tracked(struct asked *asked);

/* Behind both. */
void mw_asked_end(struct asked *asked);

#endif
