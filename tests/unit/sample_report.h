/* Reports made by hand, for the tests of the renderers. */
#ifndef TESTS_UNIT_SAMPLE_REPORT_H
#define TESTS_UNIT_SAMPLE_REPORT_H

#include "cli/analysis/report.h"
#include "common/compiler.h"

#define SAMPLE_BUILD_ID "5f1d0c2e9a3b4c5d6e7f8091a2b3c4d5e6f70819"
#define SAMPLE_EXE      "/srv/app/server"
#define SAMPLE_LIBC     "/usr/lib/x86_64-linux-gnu/libc.so.6"
#define SAMPLE_STDCXX   "/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30"

#define SAMPLE_FRAME(name, source, at, where, ...)                                                                     \
	{                                                                                                              \
		.function = (name), .file = (source), .line = (at), .module = SAMPLE_EXE, .build_id = SAMPLE_BUILD_ID, \
		.offset = (where), __VA_ARGS__                                                                         \
	}

static const struct report_frame sample_frames[] = {
	SAMPLE_FRAME("cache_add", "/srv/app/src/cache.c", 42, 0x1189),
	SAMPLE_FRAME("handle_request", "/srv/app/src/main.c", 88, 0x12f3),
	SAMPLE_FRAME("main", "/srv/app/src/main.c", 120, 0x1402),
	{.function = "__libc_start_call_main", .module = SAMPLE_LIBC, .offset = 0x271c9, .system = true},
	{.function = "__libc_start_main@@GLIBC_2.34", .module = SAMPLE_LIBC, .offset = 0x27284, .system = true},
	SAMPLE_FRAME("_start", NULL, 0, 0x10a0),
	{.function = "strdup", .module = SAMPLE_LIBC, .offset = 0x8f3a1, .system = true},
	SAMPLE_FRAME("std::vector<int, std::allocator<int> >::push_back(int const&)",
		     "/usr/include/c++/12/bits/stl_vector.h", 1287, 0x15a0, .inlined = true, .system = true),
	SAMPLE_FRAME(
		"Pool::grow(std::map<std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >, "
		"std::vector<int, std::allocator<int> >, std::less<std::__cxx11::basic_string<char> > > const&)",
		"/srv/app/src/pool.cc", 7, 0x15a0, .inlined = true),
	SAMPLE_FRAME("worker(void*)", "/srv/app/src/pool.cc", 31, 0x15a0),
	{.module = "/srv/app/plugins/stripped.so", .offset = 0x77},
	{.offset = 0x7f0012345678}, /* code without a file */
};

static const struct report_frame *const sample_stack_plain[] = {
	&sample_frames[0], &sample_frames[1], &sample_frames[2],
	&sample_frames[3], &sample_frames[4], &sample_frames[5],
};
static const struct report_frame *const sample_stack_strdup[] = {
	&sample_frames[6], &sample_frames[1], &sample_frames[2],
	&sample_frames[3], &sample_frames[4], &sample_frames[5],
};
static const struct report_frame *const sample_stack_cxx[] = {
	&sample_frames[7], &sample_frames[8], &sample_frames[9], &sample_frames[10], &sample_frames[11],
};
static const struct report_frame *const sample_stack_deep[] = {
	&sample_frames[0], &sample_frames[1], &sample_frames[1], &sample_frames[1], &sample_frames[2],
};

#define SAMPLE_STACK(name)                                                                                             \
	{                                                                                                              \
		.frames = (name), .n_frames = MW_ARRAY_LEN(name)                                                       \
	}

static const char *const sample_threads[] = {"server", "worker-1", "worker-2"};
static const char *const sample_argv[] = {"./server", "--port", "8080", "a b"};
static const char *const sample_holders[] = {"global cache_head in server (cache.c)",
					     "block of 48 bytes from cache_add+8"};

#define SAMPLE_LEAKS(v0, v1, v2, v3)                                                                                   \
	{                                                                                                              \
		{.id = "00112233445566aa",                                                                             \
		 .verdict = (v0),                                                                                      \
		 .direct = {16, 1048576},                                                                              \
		 .allocator = "malloc",                                                                                \
		 .first_seconds = 0.1,                                                                                 \
		 .last_seconds = 1.2,                                                                                  \
		 .thread_names = sample_threads,                                                                       \
		 .n_thread_names = 1,                                                                                  \
		 .stack = SAMPLE_STACK(sample_stack_plain)},                                                           \
			{.id = "00112233445566ab",                                                                     \
			 .verdict = (v1),                                                                              \
			 .direct = {1, 1000},                                                                          \
			 .allocator = "new",                                                                           \
			 .first_seconds = 0.5,                                                                         \
			 .last_seconds = 0.5,                                                                          \
			 .thread_names = sample_threads,                                                               \
			 .n_thread_names = 3,                                                                          \
			 .stack = {sample_stack_cxx, MW_ARRAY_LEN(sample_stack_cxx), true}},                           \
			{.id = "00112233445566ac",                                                                     \
			 .verdict = (v2),                                                                              \
			 .direct = {1, 1},                                                                             \
			 .allocator = "malloc",                                                                        \
			 .first_seconds = 0.00001,                                                                     \
			 .last_seconds = 0.00001,                                                                      \
			 .stack = SAMPLE_STACK(sample_stack_strdup)},                                                  \
			{.id = "00112233445566ad",                                                                     \
			 .verdict = (v3),                                                                              \
			 .direct = {3, 0},                                                                             \
			 .allocator = "calloc",                                                                        \
			 .first_seconds = 1,                                                                           \
			 .last_seconds = 1.25,                                                                         \
			 .stack = SAMPLE_STACK(sample_stack_deep)},                                                    \
	}

static const struct report_leak sample_leaks[] =
	SAMPLE_LEAKS(VERDICT_UNCLASSIFIED, VERDICT_UNCLASSIFIED, VERDICT_UNCLASSIFIED, VERDICT_UNCLASSIFIED);
static MW_UNUSED struct report_leak sample_judged[] =
	SAMPLE_LEAKS(VERDICT_DEFINITE, VERDICT_POSSIBLE, VERDICT_REACHABLE, VERDICT_INDIRECT);

static const struct report_mark sample_marks[] = {
	{.seconds = 0.5, .name = "requests \"GET /\" begin", .live = {2, 300}},
	{.seconds = 1.5, .name = "warm", .snapshot = true, .live = {20, 3000}},
};

static const struct report_pool sample_pools[] = {
	{.name = "nodes", .allocations = 100, .frees = 90, .live = {10, 640}, .peak_live_bytes = 6400},
};

/* ./server, with four records and no verdicts */
static MW_UNUSED struct report_process sample_process(void)
{
	return (struct report_process){
		.pid = 4242,
		.parent_pid = 4241,
		.argv = sample_argv,
		.argc = MW_ARRAY_LEN(sample_argv),
		.exe = SAMPLE_EXE,
		.exit = {.kind = EXIT_EXIT, .code = 0},
		.start_realtime_ns = INT64_C(1738326896789000000),
		.duration_seconds = 1.53,
		.completeness = {.complete = true, .records = 2345},
		.totals = {.allocations = 1234,
			   .frees = 1213,
			   .reallocations = 12,
			   .allocated_bytes = 10590617,
			   .freed_bytes = 9541040,
			   .live_blocks = 21,
			   .live_bytes = 1049577,
			   .peak_live_bytes = 5452595,
			   .peak_seconds = 0.8,
			   .temporary_allocations = 543},
		.mappings = {.maps = 3,
			     .unmaps = 2,
			     .mapped_bytes = 12582912,
			     .unmapped_bytes = 8388608,
			     .live_maps = 1,
			     .live_bytes = 4194304},
		.verdicts = {.why_not = "--no-scan was given", .by_verdict = {[VERDICT_UNCLASSIFIED] = {21, 1049577}}},
		.leaks = sample_leaks,
		.n_leaks = MW_ARRAY_LEN(sample_leaks),
		.marks = sample_marks,
		.n_marks = MW_ARRAY_LEN(sample_marks),
		.pools = sample_pools,
		.n_pools = MW_ARRAY_LEN(sample_pools),
		.overhead = {.shim_bytes = 1258291, .reporter_bytes = 9332326, .reporter_cpu_seconds = 0.02},
	};
}

/* The same after a leak scan. */
static MW_UNUSED struct report_process sample_scanned(void)
{
	struct report_process process = sample_process();

	sample_judged[0].indirect = (struct report_amount){2, 64};
	sample_judged[0].tagged_blocks = 5;
	sample_judged[2].held_by = sample_holders;
	sample_judged[2].n_held_by = MW_ARRAY_LEN(sample_holders);
	process.leaks = sample_judged;
	process.verdicts = (struct report_verdicts){
		.scanned = true,
		.scans = 1,
		.pause_ns_total = 1234567,
		.by_verdict = {[VERDICT_DEFINITE] = {16, 1048576},
			       [VERDICT_INDIRECT] = {3, 0},
			       [VERDICT_POSSIBLE] = {1, 1000},
			       [VERDICT_REACHABLE] = {1, 1}},
	};
	return process;
}

/* One of each kind, with one, two and no stacks. */
static MW_UNUSED const struct report_mismatch sample_mismatches[] = {
	{.kind = MISMATCH_FREE,
	 .count = 3,
	 .allocator = "new[]",
	 .deallocator = "free",
	 .bytes = 1200,
	 .alloc = SAMPLE_STACK(sample_stack_cxx),
	 .free = SAMPLE_STACK(sample_stack_plain)},
	{.kind = MISMATCH_DOUBLE_FREE,
	 .count = 1,
	 .allocator = "malloc",
	 .deallocator = "free",
	 .bytes = 1,
	 .alloc = SAMPLE_STACK(sample_stack_plain)},
	{.kind = MISMATCH_INVALID_FREE,
	 .count = 1,
	 .allocator = "calloc",
	 .deallocator = "realloc",
	 .bytes = 64,
	 .alloc = SAMPLE_STACK(sample_stack_plain),
	 .free = SAMPLE_STACK(sample_stack_deep)},
	{.kind = MISMATCH_INVALID_FREE, .count = 1, .deallocator = "free", .free = SAMPLE_STACK(sample_stack_plain)},
};

/* A process that freed all, and some of it wrongly. */
static MW_UNUSED struct report_process sample_mismatched(void)
{
	struct report_process process = sample_process();

	process.leaks = NULL;
	process.n_leaks = 0;
	process.mismatches = sample_mismatches;
	process.n_mismatches = MW_ARRAY_LEN(sample_mismatches);
	return process;
}

static const struct report_peak sample_peaks[] = {
	{{20, 4194304}, SAMPLE_STACK(sample_stack_plain)},
	{{1, 1000000}, SAMPLE_STACK(sample_stack_cxx)},
	{{3, 258291}, {0}},
};
static const struct report_warning sample_warnings[] = {
	{.seconds = 0.3,
	 .level_percent = 70,
	 .severity = "notice",
	 .live_bytes = 4000000,
	 .limit_bytes = 5592405,
	 .used_bytes = 4000000,
	 .limit_source = "--limit"},
	{.seconds = 0.4,
	 .level_percent = 80,
	 .severity = "warning",
	 .live_bytes = 4500000,
	 .limit_bytes = 5592405,
	 .used_bytes = 4500000,
	 .limit_source = "--limit"},
	{.seconds = 0.8,
	 .level_percent = 90,
	 .severity = "severe",
	 .live_bytes = 5452595,
	 .limit_bytes = 5592405,
	 .used_bytes = 5452595,
	 .limit_source = "--limit"},
	{.seconds = 1.2,
	 .level_percent = 70,
	 .severity = "notice",
	 .live_bytes = 4000001,
	 .limit_bytes = 5592405,
	 .used_bytes = 4000001,
	 .limit_source = "--limit"},
};
static const struct report_scan sample_scans[] = {
	{.seconds = 0.81, .pause_seconds = 0.0012, .definite = {3, 3000}},
	{.seconds = 1.52, .pause_seconds = 0.0008, .definite = {16, 1048576}},
};
static const struct report_sample sample_history[] = {
	{.rss_bytes = 1048576},
	{.seconds = 0.8,
	 .live_bytes = 5452595,
	 .live_blocks = 24,
	 .allocated_bytes = 8000000,
	 .allocations = 900,
	 .high_bytes = 5452595,
	 .rss_bytes = 7340032,
	 .bytes_per_second = 10000000},
	{.seconds = 1.53,
	 .live_bytes = 1049577,
	 .live_blocks = 21,
	 .allocated_bytes = 10590617,
	 .allocations = 1234,
	 .high_bytes = 5400000,
	 .bytes_per_second = 3548790.4},
};

static const struct report_growth sample_growth[] = {
	{.id = "00112233445566aa",
	 .verdict = GROWTH_GROWING,
	 .bytes_per_second = 100654.5,
	 .blocks_per_second = 98.3,
	 .survivor_ratio = 0.99,
	 .confidence = 0.97,
	 .live = {1000, 1024000},
	 .oldest_seconds = 9.93,
	 .lifetime_mean_seconds = 0.0015,
	 .since_seconds = 0.057,
	 .why = "Of 1010 blocks allocated since 0.057 s, 1000 are left, spread evenly over all that time.",
	 .held_by = sample_holders,
	 .n_held_by = 2,
	 .stack = SAMPLE_STACK(sample_stack_strdup)},
	{.id = "00112233445566bb",
	 .verdict = GROWTH_BOUNDED,
	 .survivor_ratio = 0,
	 .confidence = 0.83,
	 .live = {1, 70000},
	 .oldest_seconds = -1,
	 .lifetime_mean_seconds = -1,
	 .since_seconds = 1.2,
	 .why = "It has allocated nothing more since 1.2 s.",
	 .stack = SAMPLE_STACK(sample_stack_plain)},
};

/* The same with what was seen over time. */
static MW_UNUSED struct report_process sample_course(void)
{
	struct report_process process = sample_scanned();

	process.peak = sample_peaks;
	process.n_peak = MW_ARRAY_LEN(sample_peaks);
	process.warnings = sample_warnings;
	process.n_warnings = MW_ARRAY_LEN(sample_warnings);
	process.history = sample_history;
	process.n_history = MW_ARRAY_LEN(sample_history);
	process.scans = sample_scans;
	process.n_scans = MW_ARRAY_LEN(sample_scans);
	process.growth = sample_growth;
	process.n_growth = MW_ARRAY_LEN(sample_growth);
	process.totals.failed_allocations = 3;
	process.totals.refused_allocations = 2;
	process.forecast = (struct report_forecast){.trend = FORECAST_GROWING,
						    .fitted = true,
						    .bytes_per_second = 1258291,
						    .low_bytes_per_second = 943718,
						    .high_bytes_per_second = 1572864,
						    .r2 = 0.98,
						    .limit_bytes = UINT64_C(4294967296),
						    .limit_source = "cgroup v2 memory.max",
						    .seconds_to_limit = 480};
	return process;
}

/* A process that freed everything. */
static MW_UNUSED struct report_process sample_clean(int pid, const char *exe, enum report_origin origin)
{
	return (struct report_process){
		.pid = pid,
		.parent_pid = pid - 1,
		.exe = exe,
		.origin = origin,
		.exit = {.kind = EXIT_EXIT},
		.duration_seconds = 0.012,
		.completeness = {.complete = true, .records = 10},
		.totals = {.allocations = 5,
			   .frees = 5,
			   .allocated_bytes = 100,
			   .freed_bytes = 100,
			   .peak_live_bytes = 60},
		.verdicts = {.why_not = "--no-scan was given"},
	};
}

static MW_UNUSED struct report sample_report(struct report_process *processes, size_t n)
{
	return (struct report){
		.memwatch_version = "1.2.3", .processes = processes, .n_processes = n, .gate_passed = true};
}

#endif
