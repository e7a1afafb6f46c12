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
	const char *symbol; /* as in the symbol table, mangled; of an inlined function its bare name */
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
	uint64_t tagged_blocks; /* lost ones that would be reachable if pointers with tag bits counted */
	const char *const *held_by;
	size_t n_held_by;
	struct report_stack stack;
};

enum suppression_state {
	SUPPRESSION_UNUSED,
	SUPPRESSION_USED,
	SUPPRESSION_EXCEEDED, /* it would have suppressed more than its limits allow, and suppressed nothing */
	SUPPRESSION_EXPIRED,
};

/* A rule of the suppression files. */
struct report_suppression {
	const char *name; /* as in report_leak.suppressed_by */
	const char *file;
	unsigned line;
	enum suppression_state state;
	struct report_amount amount; /* that it suppressed; EXCEEDED: would have */
	uint64_t records; /* that say suppressed_by this one */
	uint64_t max_bytes, max_blocks; /* its limits; UINT64_MAX = none */
	const char *expires; /* its last day, "2027-01-31"; "" = none */
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
	uint64_t refused_allocations; /* of these, by memwatch: beyond --hard-limit */
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
	uint64_t scans; /* made in all, those while it ran among them */
	uint64_t pause_ns_total;
	struct report_amount by_verdict[N_VERDICTS]; /* their sum is what is live */
};

enum growth_verdict {
	GROWTH_GROWING,
	GROWTH_BOUNDED,
	GROWTH_UNCLEAR,
};

#define REPORT_GROWTH_SECONDS 5.0 /* nothing grows in a shorter run, unless much came and went meanwhile */

/* What the live bytes of one stack do over time; only stacks of which something is to be said have one. */
struct report_growth {
	char id[17]; /* fingerprint, 16 hex digits */
	enum growth_verdict verdict;
	double bytes_per_second, blocks_per_second; /* of survivors; 0 unless GROWING */
	double survivor_ratio; /* of the bytes born long enough ago, how much still lives: 0 to 1 */
	double confidence; /* 0 to 1 */
	struct report_amount live;
	double oldest_seconds; /* age of the oldest live block; negative = not known */
	double lifetime_mean_seconds; /* of the stack's freed blocks; negative = none was freed */
	double since_seconds; /* GROWING: when it began, after the warm-up; else when it was first as high */
	const char *why; /* one sentence */
	const char *const *held_by; /* as of a leak */
	size_t n_held_by;
	struct report_stack stack;
};

/* A point of the history: the state at `seconds`. */
struct report_sample {
	double seconds;
	uint64_t live_bytes, live_blocks;
	uint64_t allocated_bytes, allocations; /* since the start */
	uint64_t high_bytes; /* most live bytes since the last point */
	uint64_t rss_bytes; /* resident size of the process; 0 = could not be read */
	double bytes_per_second; /* allocated, since the last point */
};

/* A leak scan that had a result. */
struct report_scan {
	double seconds; /* when it began */
	double pause_seconds; /* that the process stood still */
	struct report_amount definite; /* lost */
};

/* What was live at the peak, by stack; largest first. */
struct report_peak {
	struct report_amount live;
	struct report_stack stack;
};

/* What one stack allocated in all; sites whose stacks read the same are one. Their sums are the totals. */
struct report_site {
	struct report_amount allocated; /* since the start, freed blocks among them */
	struct report_amount live;
	struct report_amount peak; /* of what was live at the peak */
	double age_seconds; /* the sum of the ages of its blocks, when they were freed or now; only if asked for */
	struct report_stack stack;
};

/* What the stacks of one function, the innermost of the program's own code, have allocated together. */
struct report_function {
	const char *name; /* demangled; "[libfoo.so]" for all of a module whose functions have no names */
	struct report_amount live;
	struct report_amount allocated; /* since the start */
};

/* The code of an object file in memory: its executable segment, in whole pages. */
struct report_module {
	const char *path, *build_id; /* the same pointers as in the frames; build_id NULL = has none */
	uint64_t bias; /* address = report_frame.offset + bias */
	uint64_t start, end; /* addresses */
	uint64_t file_offset; /* of what is at `start` */
};

/* A crossing of one threshold of the limit, upwards. */
struct report_warning {
	double seconds;
	unsigned level_percent;
	const char *severity; /* "notice", "warning", "severe" */
	uint64_t live_bytes, limit_bytes;
	uint64_t used_bytes; /* what counts against the limit: live, resident, address space or data, by its kind */
	const char *limit_source; /* "--limit", "cgroup v2 memory.max", "RLIMIT_AS", … */
};

enum forecast_trend {
	FORECAST_NONE, /* the confidence interval of the slope spans zero, or there are too few points */
	FORECAST_GROWING,
	FORECAST_STEADY, /* it falls, or the slope does not matter within a year */
};

struct report_forecast {
	enum forecast_trend trend;
	bool fitted; /* the next four were computed */
	double bytes_per_second, low_bytes_per_second, high_bytes_per_second; /* 95 % confidence */
	double r2;
	uint64_t limit_bytes; /* 0 = no limit is known */
	const char *limit_source; /* NULL = no limit is known */
	double seconds_to_limit; /* negative = never, or not known */
};

enum mismatch_kind {
	MISMATCH_FREE, /* freed by a function of another family: new and free() */
	MISMATCH_DOUBLE_FREE,
	MISMATCH_INVALID_FREE, /* of what was never allocated */
};

struct report_mismatch {
	enum mismatch_kind kind;
	uint64_t count;
	const char *allocator, *deallocator; /* wire_kind_name; NULL = not known */
	uint64_t bytes; /* of the blocks; 0 = not known */
	struct report_stack alloc, free, first_free; /* n_frames 0 = not known; first_free: of a double free */
};

/* A field of Go's runtime.MemStats in native terms, or one beside them. */
struct report_memstat {
	const char *name; /* "HeapAlloc", … */
	double value;
	bool integral; /* shown without a fraction */
	bool estimated;
	const char *source; /* "memwatch", "mallinfo2", "smaps", "jemalloc stats.mapped", … */
};

/* A class of sizes: requested sizes in (previous upper_bytes, upper_bytes]. */
struct report_size_class {
	uint64_t upper_bytes;
	uint64_t allocations, frees;
	uint64_t live_bytes;
};

struct report_memstats {
	const struct report_memstat *fields; /* in the order they are to be shown */
	size_t n_fields;
	const struct report_size_class *by_size;
	size_t n_by_size;
	const char *allocator; /* "glibc 2.36"; NULL = it was not asked, or is not known */
};

/* A point in time that the program named, by memwatch_mark() or memwatch_snapshot(). */
struct report_mark {
	double seconds;
	const char *name;
	bool snapshot;
	struct report_amount live; /* of that moment */
};

/* An allocator inside of the program, by memwatch_report_alloc(): pieces of blocks, in none of the totals. */
struct report_pool {
	const char *name;
	uint64_t allocations, frees;
	struct report_amount live;
	uint64_t peak_live_bytes;
};

/* Each allocation and free of a process; they name stacks by id. */
struct report_events {
	const struct event_log *log; /* cli/analysis/event_log.h; not the report's */
	const struct report_event_stack {
		uint32_t id;
		struct report_stack stack;
	} *stacks; /* by id */
	size_t n_stacks;
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
	uint64_t merged; /* processes that this one is the sum of; 0 = it is one itself */
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
	const struct report_suppression *suppressions; /* in the order of the files */
	size_t n_suppressions;
	const struct report_growth *growth; /* growing first, by bytes per second; then by live bytes */
	size_t n_growth;
	const struct report_sample *history; /* by time */
	size_t n_history;
	const struct report_scan *scans; /* by time */
	size_t n_scans;
	const struct report_peak *peak;
	size_t n_peak;
	const struct report_site *sites; /* by live bytes, then allocated bytes, largest first; only if asked for */
	size_t n_sites;
	const struct report_events *events; /* NULL = not asked for */
	const struct report_function *functions; /* by live bytes, largest first; only if asked for */
	size_t n_functions;
	const struct report_module *modules; /* the program's own file, then the others of the sites' frames */
	size_t n_modules;
	const struct report_warning *warnings; /* by time */
	size_t n_warnings;
	struct report_forecast forecast;
	const struct report_mismatch *mismatches; /* most frequent first */
	size_t n_mismatches;
	struct report_memstats memstats;
	const struct report_mark *marks; /* by time */
	size_t n_marks;
	const struct report_pool *pools; /* in the order that they were first heard of */
	size_t n_pools;
	struct report_overhead overhead;
	struct store *store; /* cli/analysis/store.h; NULL = nothing to free */
};

/* How two reports, or a report and a baseline, differ. */
enum report_change_kind {
	CHANGE_NEW,
	CHANGE_GREW,
	CHANGE_SHRANK,
	CHANGE_GONE,
	N_CHANGES,
};

struct report_change {
	enum report_change_kind change;
	const char *id; /* fingerprint */
	const char *kind; /* "leak", "reachable", "growth", … */
	const char *where; /* "cache_add < main in server" */
	struct report_amount before, after; /* 0 = it was, it is not there */
	const struct report_stack *stack; /* NULL = not known */
};

struct report_changes {
	const char *old_name, *new_name; /* files; new_name NULL = this report */
	const struct report_change *items; /* by change, then by bytes */
	size_t n;
	size_t count[N_CHANGES];
};

struct report_gate_failure {
	const char *rule, *message;
};

struct report {
	const char *memwatch_version; /* static */
	struct report_process *processes; /* in the order they started; malloc'ed */
	size_t n_processes, cap_processes;
	const struct report_changes *baseline; /* since the baseline; NULL = there is none; owned by who set it */
	const char *const *gate_rules; /* names of those that were set, as in report_gate_failure.rule */
	size_t n_gate_rules; /* 0 = none was set */
	bool gate_passed;
	const struct report_gate_failure *gate_failures; /* these and gate_rules are owned by who set them */
	size_t n_gate_failures;
};

/* "new", "grew", "shrank", "gone" */
const char *report_change_name(enum report_change_kind change);

/* "definite", "indirect", … as in the JSON. */
const char *verdict_name(enum verdict verdict);

/* The field of this name; NULL if it is not known. */
const struct report_memstat *report_memstat_find(const struct report_memstats *memstats, const char *name);

/* Index of the innermost frame of the program's own code, else 0. */
size_t report_stack_project(const struct report_stack *stack);

/* How many frames there are without the outermost ones that only start main() or a thread's function; at least 1 if
 * there are any. */
size_t report_stack_above_start(const struct report_stack *stack);

/* The program that the user means: the first process that is not a shell on the way. NULL: there is no process. */
const struct report_process *report_main_process(const struct report *report);

/* Whether a process is one to report on and to judge: not a shell on the way. */
bool report_process_counts(const struct report *report, const struct report_process *process);

/* Of those to report on the one with the largest peak, the first of equals. NULL: there is no process. */
const struct report_process *report_largest_process(const struct report *report);

/* A new zeroed process at the end. Valid until the next call. */
struct report_process *report_add_process(struct report *report);

void report_process_clear(struct report_process *process);
void report_clear(struct report *report);

#endif
