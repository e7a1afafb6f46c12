/*
 * The model of one watched program image: what it is, what it has allocated, what is live, and how sure we are.
 *
 * Plain fields are for reading by the analyses. The ingest changes a process through the functions of
 * cli/model/event.h only. At all times
 *	allocated_bytes − freed_bytes = live_bytes, allocations − frees = live_blocks,
 * and the live blocks that process_each_block() visits (inherited ones left out) add up to the same.
 *
 * Times named *_ns without "monotonic" or "realtime" count from the process's start. They are the reporter's clock when
 * it first saw the record, so they are late by as much as the record lay in a buffer (below 100 ms in normal running).
 */
#ifndef CLI_MODEL_PROCESS_H
#define CLI_MODEL_PROCESS_H

#include "cli/model/event.h"
#include "cli/model/mismatches.h"
#include "cli/model/modules.h"
#include "cli/model/stacks.h"
#include "cli/model/threads.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As struct report_totals, in ns. */
struct process_totals {
	uint64_t allocations, frees, reallocations; /* a realloc of a block counts in all three */
	uint64_t allocated_bytes, freed_bytes;
	uint64_t live_blocks, live_bytes;
	uint64_t inherited_blocks, inherited_bytes; /* of the parent, as of the fork */
	uint64_t inherited_live_blocks, inherited_live_bytes; /* those not freed since in this process */
	uint64_t peak_live_bytes, peak_ns;
	uint64_t temporary_allocations;
	uint64_t failed_allocations;
	uint64_t refused_allocations; /* of these, by the shim: beyond --hard-limit */
};

/* The program's own mmap, mremap and munmap. */
struct process_mappings {
	uint64_t maps, unmaps;
	uint64_t mapped_bytes, unmapped_bytes;
	uint64_t live_maps, live_bytes;
};

struct process_completeness {
	bool complete; /* final when `ended` was called */
	uint64_t records; /* all kinds, as received */
	uint64_t lost_records; /* known to be missing: what the shim counted and what could not be decoded */
	uint64_t lost_bytes; /* of the stream, that could not be used */
	uint64_t unknown_frees; /* of addresses that were not live */
	uint64_t unseen_frees; /* blocks whose address was allocated again with no free in between */
	uint64_t truncated_stacks;
	uint64_t slow_stacks, checked_stacks, differing_stacks; /* unwinder statistics of the shim */
	char **reasons; /* full sentences: why it is not complete, and remarks */
	size_t n_reasons;
};

struct process_state;

struct process {
	int pid, parent_pid;
	char *exe; /* NULL = not known */
	char **argv; /* NULL-terminated */
	size_t argc;
	enum process_origin origin;
	bool confined; /* by seccomp: it was recorded up to then */
	bool ended; /* `exit` and `end_monotonic_ns` are final */
	struct process_exit exit;
	int64_t start_realtime_ns;
	uint64_t start_monotonic_ns;
	uint64_t end_monotonic_ns; /* while it runs: the time of the last update */
	struct process_totals totals;
	struct process_mappings mappings;
	struct process_completeness completeness;
	struct mismatches mismatches;
	bool foreign_operators; /* operator new or delete are the program's own: families cannot be told */
	uint64_t shim_bytes; /* memory that the shim holds in the process */

	struct stacks *stacks; /* NULL-safe through the functions of cli/model/stacks.h */
	struct modules *modules;
	struct threads *threads;
	struct process_state *state; /* private to cli/model */
};

/* A live block, by value. */
struct process_block {
	uint64_t addr;
	uint64_t size_bytes; /* as asked for */
	uint64_t birth_ns; /* to the millisecond */
	uint32_t stack; /* for stacks_walk(); 0 if inherited */
	uint32_t thread; /* for threads_get(); 0 if inherited */
	uint8_t kind; /* enum wire_kind */
	bool inherited; /* live in the parent at the fork */
	bool ignored; /* the program said that it is no leak */
};

/* Calls `visit` for each live block, inherited ones too, in no useful order. `visit` must not change the process. */
void process_each_block(const struct process *process, void (*visit)(void *ctx, const struct process_block *block),
			void *ctx);

/* The live block that starts at `addr`; false if there is none. */
bool process_find_block(const struct process *process, uint64_t addr, struct process_block *block);

/* Calls `visit`, if not NULL, for each block that is just being resized, by thread `tid` (0 = not known): the allocator
 * may have moved what was in it to an address not known yet. process_each_block() visits it as it was. Returns how many
 * there are. */
size_t process_each_resizing(const struct process *process,
			     void (*visit)(void *ctx, const struct process_block *block, uint32_t tid), void *ctx);

/* What one stack id has allocated (own blocks, not inherited ones), kept up to date with each event: a cache line. */
struct process_use {
	uint64_t live_bytes;
	uint64_t live_blocks;
	uint64_t allocated_bytes, allocations; /* since the start */
	uint64_t freed_ms; /* the sum of the ages at which its blocks were freed */
	uint64_t peak_bytes, peak_blocks, peak_epoch; /* for process_each_peak() */
};
_Static_assert(sizeof(struct process_use) == 64, "a cache line");
struct process_use process_stack_use(const struct process *process, uint32_t stack);

/* Calls `visit` for each stack id that has allocated, by id. */
void process_each_use(const struct process *process,
		      void (*visit)(void *ctx, uint32_t stack, const struct process_use *use), void *ctx);

/* The first of them that is at least `from`, but for stack 0; 0 = there is none. */
uint32_t process_next_use(const struct process *process, uint32_t from);

/* Who wants to know of each allocation and free that the totals count, as they count it; `ms`: since the start. What
 * the process inherited is not among them. */
struct process_follower {
	void *ctx;
	void (*allocated)(void *ctx, uint64_t addr, uint32_t stack, uint64_t size_bytes, uint32_t ms);
	void (*freed)(void *ctx, uint64_t addr, uint32_t stack, uint64_t size_bytes, uint32_t ms);
};

/* From now on, until the process is freed. */
void process_follow(struct process *process, const struct process_follower *follower);

/* What the program says to LeakSanitizer. */
struct process_lsan {
	char *suppressions, *options; /* NULL = nothing */
	bool turned_off;              /* at its end: it wants no leak check */
};
const struct process_lsan *process_lsan(const struct process *process);

/* A point in time that the program named. */
struct process_mark {
	uint64_t ns; /* exact: the program's clock */
	char *name;
	bool snapshot;
	uint64_t live_bytes, live_blocks; /* of that moment */
};

/* In the order that they were made. */
size_t process_marks(const struct process *process, const struct process_mark **marks);

/* Memory that the program wants looked through for pointers. */
struct process_region {
	uint64_t start, end;
};
size_t process_regions(const struct process *process, const struct process_region **regions);

/* An allocator inside of the program, which told of the pieces that it gave out. */
struct process_pool {
	char *name;
	uint64_t allocations, frees;
	uint64_t live_blocks, live_bytes, peak_live_bytes;
};

/* In the order that they were first heard of. */
size_t process_pools(const struct process *process, const struct process_pool **pools);

/* Blocks by the size that was asked for: class i has sizes up to 8 << i, and more than class i - 1. */
#define PROCESS_SIZE_CLASSES 46u
struct process_size_class {
	uint64_t allocations, frees; /* as in the totals */
	uint64_t live_bytes;
};

/* All classes. */
const struct process_size_class *process_sizes(const struct process *process);

/* Calls `visit` for each stack that had live blocks when live_bytes was at its peak; their bytes add up to
 * peak_live_bytes. */
void process_each_peak(const struct process *process,
		       void (*visit)(void *ctx, uint32_t stack, uint64_t n_blocks, uint64_t n_bytes), void *ctx);

/* The most live bytes since the last call, or since the start. For one caller: the history. */
uint64_t process_take_high(const struct process *process);

/* Bytes that the model of this process takes in the reporter. */
uint64_t process_model_bytes(const struct process *process);

#endif
