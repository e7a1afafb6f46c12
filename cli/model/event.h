/*
 * What the ingest may know of the model: decoded events, and the functions that change a process. Events of a process
 * are applied in the order that they happened. Input is not trusted: whatever an event says, a process stays
 * consistent.
 */
#ifndef CLI_MODEL_EVENT_H
#define CLI_MODEL_EVENT_H

#include "common/compiler.h"
#include "common/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEM_EVENT_BATCH 64 /* a good number of events for one process_apply(): their memory is asked for ahead */

enum process_origin {
	PROCESS_RUN, /* the program that memwatch was told to run */
	PROCESS_FORK,
	PROCESS_EXEC, /* a new image, in a process that was there before or was spawned */
};

enum process_exit_kind {
	PROCESS_EXITED,
	PROCESS_SIGNALED,
	PROCESS_EXECED, /* replaced by another program image */
	PROCESS_RUNNING, /* had not ended when the session did */
};

struct process_exit {
	enum process_exit_kind kind;
	int code; /* PROCESS_EXITED; -1 = not known */
	int signal; /* PROCESS_SIGNALED: its number; 0 = not known */
};

/* Whether a block lives for so short that its FREE is known to follow: "Near frees" in common/wire.h. */
enum mem_near {
	MEM_FAR = 0,
	MEM_NEAR, /* ALLOC, REALLOC_END: it need not be found by its address; FREE: of such a block */
	MEM_STRAY, /* ALLOC: one that was said to be near, and is counted; its FREE does not come after all */
};

/*
 * A record that concerns blocks, mappings or stack nodes, by `op` (never STAMP, EXT, ALLOC_BIG or FREE_NEAR: those
 * become what they stand for). Of a NODE: addr is its ip, size_bytes its parent, stack its id, kind its flags. result:
 * enum wire_realloc. A near FREE has the size and the stack of its block, and in `result` the kind that allocated it.
 */
struct mem_event {
	uint64_t addr;
	uint64_t size_bytes;
	uint32_t stack;
	uint16_t stream;
	uint8_t op;
	uint8_t kind;
	uint8_t result;
	uint8_t near; /* enum mem_near */
};

/* What the shim counts in its slot. */
struct process_counters {
	uint64_t shim_bytes, truncated_stacks, lost_records, slow_stacks, checked_stacks, differing_stacks;
	bool bypassed; /* the program's allocator is its own; calls of it are not seen */
	uint64_t refused_allocations;
	bool hard_limit_failed; /* the shim cannot keep it */
};

struct process;
struct process_snapshot;

struct process *process_new(const struct wire_hello *hello, enum process_origin origin);
void process_free(struct process *process);

/* The time for the events that follow, CLOCK_MONOTONIC. */
void process_clock(struct process *process, uint64_t monotonic_ns);

void process_apply(struct process *process, const struct mem_event *events, size_t n);

/* An EXT record, whole. Types that do not concern the model are ignored; false if it makes no sense. */
bool process_announce(struct process *process, uint32_t stream, const uint64_t *words, size_t n_words);

/* The state at a WIRE_FORK, for the child: cheap, it shares memory with the process. */
struct process_snapshot *process_snapshot(struct process *process);
void process_snapshot_free(struct process_snapshot *snapshot); /* NULL is accepted */

/* Starts a forked child with its parent's blocks, exe and argv: before any event of it. Stacks, modules and threads it
 * announces itself, with numbers of its own. `snapshot` is consumed. */
void process_inherit(struct process *process, struct process_snapshot *snapshot);

/* Counts what is known to be missing or unusable. */
void process_lose(struct process *process, uint64_t n_records, uint64_t n_bytes);

/* Adds a full sentence to the completeness reasons, unless it is there already; `incomplete`: not a mere remark. */
void process_remark(struct process *process, bool incomplete, const char *fmt, ...) MW_PRINTF(3, 4);

void process_set_counters(struct process *process, const struct process_counters *counters);

/* No more events come. Undoes reallocs that had not completed and makes the completeness statement final. */
void process_finish(struct process *process, const struct process_exit *how, uint64_t monotonic_ns);

/* For the ingest's own decisions. */
int process_pid(const struct process *process);
int process_parent_pid(const struct process *process);

#endif
