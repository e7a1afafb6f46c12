/*
 * Call stacks of one process as a tree of nodes: stack id → (parent, ip, module). Ids come from the shim. A node may
 * be defined after its first use; until then, and for ids that never are, a walk stops there as truncated.
 */
#ifndef CLI_MODEL_STACKS_H
#define CLI_MODEL_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STACKS_WALK_MAX 4096 /* no walk is longer: ends loops in a corrupt tree */

struct stacks;

struct stack_frame {
	uint64_t ip; /* a return address unless STACK_FRAME_EXACT: look up ip − 1 */
	uint32_t module; /* for modules_get(); 0 = in none that was known */
	uint32_t flags; /* enum wire_node_flags */
};

struct stacks *stacks_new(void);
void stacks_free(struct stacks *stacks);

/* False if id or parent cannot be (0, or far beyond those seen). Defining again replaces. */
bool stacks_define(struct stacks *stacks, uint32_t id, uint32_t parent, const struct stack_frame *frame);

/* Sets the module of all nodes without one whose ip lies in [start, end). */
void stacks_resolve(struct stacks *stacks, uint64_t start, uint64_t end, uint32_t module);

/* Whether an id is plausible, so that counters may be kept for it. */
bool stacks_plausible(const struct stacks *stacks, uint32_t id);

/* Innermost frame first. Returns the number of frames written, at most `max`; *truncated tells that outer frames are
 * missing: not walked by the shim, not received, or beyond `max`. Either pointer out may be NULL. */
size_t stacks_walk(const struct stacks *stacks, uint32_t id, struct stack_frame *frames, size_t max, bool *truncated);

/* The same as the ids of the frames, for what is kept by them; and the frame of one of these. */
size_t stacks_walk_ids(const struct stacks *stacks, uint32_t id, uint32_t *ids, size_t max, bool *truncated);
struct stack_frame stacks_frame(const struct stacks *stacks, uint32_t id);

/* Grows when the frame of an id becomes another one: what is kept by id is void then. */
uint64_t stacks_changes(const struct stacks *stacks);

/* The one id that stands for all that have the same frames as `id` (the shim may give one stack several ids). It may
 * become another one with a definition, as the frames do. */
uint32_t stacks_canonical(struct stacks *stacks, uint32_t id);

/* Highest id defined so far; ids are dense from 1 on. */
uint32_t stacks_max(const struct stacks *stacks);
size_t stacks_bytes(const struct stacks *stacks);

#endif
