/*
 * The report: plain structs between the analyses and the renderers, in the order of the JSON report
 * ("memwatch-report/1"). Renderers read nothing else. Built by report_process_build(). Sizes are bytes as the program
 * asked for them; times are seconds since the process's start. Strings come from the watched program and its files:
 * they may hold any bytes, and a renderer must make them harmless.
 *
 * Ownership: what hangs below a struct report_process (strings, arrays, frames; shared where equal) lives in its
 * `store` and goes with report_process_clear(). What is assembled by hand, as tests do, has no store and is not freed.
 */
#ifndef CLI_ANALYSIS_REPORT_H
#define CLI_ANALYSIS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

enum verdict {
	VERDICT_DEFINITE,
	VERDICT_INDIRECT,
	VERDICT_POSSIBLE,
	VERDICT_REACHABLE,
	VERDICT_SUPPRESSED, /* only a total; a leak keeps its own verdict and says suppressed_by */
	VERDICT_UNCLASSIFIED, /* no scan was made */
	N_VERDICTS,
};

/* A frame as people read it. NULL strings: not known. */
struct report_frame {
	const char *function; /* demangled */
	const char *file; /* as in the debug information, made absolute where it has the folder */
	uint32_t line; /* 0 = not known */
	const char *module; /* path of the object file; NULL for code that belongs to none */
	const char *build_id; /* hex, lower case */
	/*
	 * Of the call: the return address minus 1 (the address itself for an interrupted instruction), as an ELF
	 * virtual address of the module, so that `addr2line -ife MODULE OFFSET` answers; absolute without a module.
	 */
	uint64_t offset;
	bool inlined; /* inlined into the next frame */
	bool system; /* of the system's libraries or a language's runtime: not where a reader looks first */
};

/* Frames run from the caller of the allocation function outwards. Equal frames are shared between stacks. */
struct report_stack {
	const struct report_frame *const *frames;
	size_t n_frames;
	bool truncated; /* the outer frames could not be walked, or --depth cut them */
};

struct report_amount {
	uint64_t blocks, bytes;
};

struct report_leak {
	char id[17]; /* fingerprint, 16 hex digits */
	enum verdict verdict;
	struct report_amount direct;
	struct report_amount indirect; /* blocks held only by these */
	const char *allocator; /* wire_kind_name */
	double first_seconds, last_seconds; /* birth of the oldest and the youngest block */
	const char *const *thread_names; /* sorted; at most 8 */
	size_t n_thread_names;
	const char *suppressed_by; /* NULL, or the pattern */
	const char *const *held_by;
	size_t n_held_by;
	struct report_stack stack;
};

enum exit_kind {
	EXIT_EXIT,
	EXIT_SIGNAL,
	EXIT_EXEC,
	EXIT_RUNNING,
};

struct report_exit {
	enum exit_kind kind;
	int code; /* EXIT_EXIT; -1 = not known */
	int signal; /* EXIT_SIGNAL: its number; 0 = not known */
};

enum report_origin {
	ORIGIN_RUN,
	ORIGIN_FORK,
	ORIGIN_EXEC,
};

struct report_completeness {
	bool complete;
	uint64_t records;
	uint64_t lost_records;
	uint64_t unknown_frees;
	uint64_t truncated_stacks;
	uint64_t slow_stacks; /* walked with all registers: correct, but slower */
	uint64_t checked_stacks, differing_stacks; /* --validate-unwind: compared with libunwind's */
	const char *const *reasons; /* full sentences; why it is not complete, and remarks */
	size_t n_reasons;
};

struct report_totals {
	uint64_t allocations, frees, reallocations; /* a realloc of a block counts in all three */
	uint64_t allocated_bytes, freed_bytes;
	uint64_t live_blocks, live_bytes; /* allocated − freed */
	uint64_t inherited_blocks, inherited_bytes; /* of the parent at the fork; not in the others */
	uint64_t peak_live_bytes;
	double peak_seconds;
	uint64_t temporary_allocations; /* freed by the same thread before its next allocation */
	uint64_t failed_allocations;
};

/* The program's own mmap, mremap and munmap, listed apart. */
struct report_mappings {
	uint64_t maps, unmaps;
	uint64_t mapped_bytes, unmapped_bytes;
	uint64_t live_maps, live_bytes;
};

struct report_verdicts {
	bool scanned;
	const char *why_not; /* NULL when scanned */
	uint64_t scans;
	uint64_t pause_ns_total;
	struct report_amount by_verdict[N_VERDICTS]; /* their sum is what is live */
};

struct report_overhead {
	uint64_t shim_bytes;
	uint64_t reporter_bytes; /* resident size of the reporter, at the time of the report */
	double reporter_cpu_seconds;
};

struct report_process {
	int pid, parent_pid;
	const char *const *argv;
	size_t argc;
	const char *exe;
	enum report_origin origin;
	bool shell; /* a shell or wrapper on the way: silent in the text unless it was the whole run */
	struct report_exit exit;
	int64_t start_realtime_ns;
	double duration_seconds;
	struct report_completeness completeness;
	struct report_totals totals;
	struct report_mappings mappings;
	struct report_verdicts verdicts;
	const struct report_leak *leaks; /* by bytes with indirect, largest first */
	size_t n_leaks;
	struct report_overhead overhead;
	struct store *store; /* cli/analysis/store.h; NULL = nothing to free */
};

struct report_gate_failure {
	const char *rule, *message;
};

struct report {
	const char *memwatch_version; /* static */
	struct report_process *processes; /* in the order they started; malloc'ed */
	size_t n_processes, cap_processes;
	size_t n_gate_rules; /* 0 = none was set */
	bool gate_passed;
	const struct report_gate_failure *gate_failures; /* owned by who set them */
	size_t n_gate_failures;
};

/* "definite", "indirect", … as in the JSON. */
const char *verdict_name(enum verdict verdict);

/* Index of the innermost frame of the program's own code, else 0. */
size_t report_stack_project(const struct report_stack *stack);

/* How many frames there are without the outermost ones that only start main() or a thread's function; at least 1 if
 * there are any. */
size_t report_stack_above_start(const struct report_stack *stack);

/* A new zeroed process at the end. Valid until the next call. */
struct report_process *report_add_process(struct report *report);

void report_process_clear(struct report_process *process);
void report_clear(struct report *report);

#endif
