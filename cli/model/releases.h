/* Releases that do not fit what is live: what they are, and where they come from. For the files of cli/model. */
#ifndef CLI_MODEL_RELEASES_H
#define CLI_MODEL_RELEASES_H

#include "cli/model/state.h"
#include "common/compiler.h"

/* Whether a block allocated by a function of `alloc_kind` may be released by one of `free_kind`. */
static inline bool release_fits(unsigned alloc_kind, unsigned free_kind)
{
	unsigned family = alloc_kind < WIRE_KIND_NEW ? WIRE_KIND_FREE : alloc_kind + WIRE_KIND_DELETE - WIRE_KIND_NEW;

	return family == free_kind || (family == WIRE_KIND_FREE && free_kind < WIRE_KIND_NEW);
}

/* WIRE_FREE_STACK: `stack` is of the release of `addr` that comes next. */
void release_announced(struct process *process, uint32_t stream, uint64_t addr, uint32_t stack);

/* A batch of the stream's events has been applied: what was announced has come. */
void release_settle(struct process *process, struct stream_state *stream);

/* The event releases the block `e`, and is of another family. */
MW_COLD void release_mismatched(struct process *process, struct stream_state *stream, const struct live_entry *e,
				const struct mem_event *ev);

/* The event releases what is not live. */
MW_COLD void release_unknown(struct process *process, struct stream_state *stream, const struct mem_event *ev);

/* The thread calls abort() itself. */
void release_excused(struct stream_state *stream);

/* The process died of SIGABRT: what the allocator has aborted it for. */
void release_aborted(struct process *process);

#endif
