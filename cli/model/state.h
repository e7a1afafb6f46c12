/* The private part of struct process, shared by the files of cli/model that change it. */
#ifndef CLI_MODEL_STATE_H
#define CLI_MODEL_STATE_H

#include "cli/model/freed.h"
#include "cli/model/live.h"
#include "cli/model/mappings.h"
#include "cli/model/process.h"
#include "cli/model/said.h"

#define USES_CHUNK 64u /* stack ids per chunk of counters: a page */

/* A realloc that has begun: its block is out of the table until the end tells what became of it. */
struct pending_realloc {
	struct live_entry block;       /* key 0: the address was not live */
	struct pending_realloc *outer; /* a signal handler may call realloc inside of one */
};

struct stream_state {
	uint32_t thread;    /* of its writer now */
	uint64_t last_addr; /* its last allocation, while no other followed; 0 = none */
	struct pending_realloc *pending;
	uint32_t n_pending;
	uint64_t announced_addr; /* a stack was told for the release of this address; 0 = none */
	uint32_t announced_stack;
	uint32_t suspect_stack; /* of the last release of an unknown address; see releases.c */
	uint8_t suspect_kind;
	bool ignoring; /* the program wants what is allocated now ignored */
};

struct process_state {
	struct live *live;
	struct mappings *mappings;
	struct process_use **uses; /* chunks of counters by stack id */
	size_t n_uses;
	struct stream_state *streams;
	size_t n_streams, cap_streams;
	struct pending_realloc *spare; /* to be used again, by `outer` */
	/*
	 * What was live at the peak, by stack: a new peak begins a new epoch, and a stack's counters are kept aside at
	 * their first change in it. So a stack's share is what was kept if that is of this epoch, else what it has now.
	 */
	uint64_t peak_epoch;
	uint64_t high;   /* most live bytes since process_take_high() */
	uint64_t now_ns; /* since the start, for the events being applied */
	uint32_t now_ms;
	struct process_follower follower;
	uint64_t malformed;
	uint32_t n_announced; /* streams with an announced_addr */
	uint32_t n_searches;  /* walks through all blocks, for releases.c */
	struct freed *freed;  /* where blocks were freed; NULL = of none that is known */
	uint64_t n_explained; /* unknown frees that are mismatches */
	struct process_counters counters;
	struct process_size_class sizes[PROCESS_SIZE_CLASSES];
	struct said *said;
};

/* The class of a size that is at most LIVE_SIZE_MAX. */
static inline struct process_size_class *state_size_class(struct process_state *state, uint64_t size_bytes)
{
	return &state->sizes[61 - __builtin_clzll((size_bytes - (size_bytes != 0)) | 7)];
}

/* The stream's state, made on first use. */
struct stream_state *state_stream(struct process *process, uint32_t stream);

/* The counters of a stack id, NULL if there are none. */
static inline struct process_use *state_known_use(const struct process_state *state, uint32_t stack)
{
	size_t at = stack / USES_CHUNK;

	return MW_LIKELY(at < state->n_uses && state->uses[at]) ? &state->uses[at][stack % USES_CHUNK] : NULL;
}

/* The counters of a stack id that may have none yet. */
struct process_use *state_new_use(struct process *process, uint32_t *stack);

/* The counters of a stack id, made on first use; an id that cannot be becomes 0. */
static inline struct process_use *state_use(struct process *process, uint32_t *stack)
{
	struct process_use *use = state_known_use(process->state, *stack);

	return MW_LIKELY(use != NULL) ? use : state_new_use(process, stack);
}

/* Puts blocks of unfinished reallocs back, of all streams. */
void state_restore_pending(struct process *process);

#endif
