/*
 * The programming interface of memwatch: for programs that want to say something to memwatch, or ask it, while they run
 * under it. C99 or C++11; nothing has to be linked. A program that includes this runs unchanged without memwatch: then
 * memwatch_watched() is 0, whatever returns an int returns -1, and the rest does nothing. See memwatch.h(3).
 *
 * Errors: a function that returns an int returns 0 when done and -1 when it cannot be (the process is not watched, the
 * reporter is gone or does not answer). errno is never changed. All functions may be called by any thread, in
 * constructors and destructors, and in a fork child, where they are about the child; and, but for
 * memwatch_monitor_start() and memwatch_monitor_stop(), in signal handlers. All but memwatch_stats(),
 * memwatch_leak_check() and the monitor return without waiting for the reporter. Sizes are bytes as the program asked
 * for them.
 */
#ifndef COMMON_MEMWATCH_H
#define COMMON_MEMWATCH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The function looks at the address in its first argument alone: what is there may be uninitialised. */
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 11
#define MEMWATCH_ADDRESS __attribute__((access(none, 1)))
#else
#define MEMWATCH_ADDRESS
#endif

/* What this process has allocated. Fields are only ever added, at the end. */
struct memwatch_stats {
	size_t size; /* set by memwatch_stats(): bytes of this struct that the caller knows */
	uint64_t live_bytes, live_blocks;
	uint64_t allocated_bytes, freed_bytes; /* since the start; a realloc counts in both */
	uint64_t allocations, frees, failed_allocations;
	uint64_t peak_live_bytes;
	uint64_t inherited_live_bytes,
		inherited_live_blocks;              /* a parent's, as of the fork, not freed since; in no other */
	uint64_t pool_live_bytes, pool_live_blocks; /* memwatch_report_alloc(); in no other */
};

/* What a leak check found. */
struct memwatch_leaks {
	size_t size; /* set by memwatch_leak_check() */
	uint64_t definite_blocks, definite_bytes;
	uint64_t indirect_blocks, indirect_bytes;
	uint64_t possible_blocks, possible_bytes;
	uint64_t reachable_blocks, reachable_bytes;
	uint64_t ignored_blocks, ignored_bytes; /* memwatch_ignore_begin() and the like; in none of the others */
};

typedef void (*memwatch_monitor_callback)(const struct memwatch_stats *stats, void *ctx);

/* What memwatch provides; for this header, and for other languages, which find it with dlsym("memwatch_api_v1"). */
struct memwatch_api {
	size_t size; /* of this struct, as provided */
	int (*watched)(void);
	int (*stats)(struct memwatch_stats *stats);
	int (*mark)(const char *name);
	int (*snapshot)(const char *name);
	void (*ignore_begin)(void);
	void (*ignore_end)(void);
	int (*ignore_object)(uintptr_t addr);
	int (*root_region)(uintptr_t addr, size_t n_bytes);
	int (*unroot_region)(uintptr_t addr, size_t n_bytes);
	int (*leak_check)(struct memwatch_leaks *leaks);
	int (*monitor_start)(uint64_t max_bytes, unsigned interval_ms, memwatch_monitor_callback callback, void *ctx);
	int (*monitor_stop)(void);
	int (*report_alloc)(uintptr_t addr, size_t n_bytes, const char *pool);
	int (*report_free)(uintptr_t addr);
};

/*
 * The table, or NULL without memwatch. A weak symbol that is read from the global offset table: written in C, a linker
 * would make it NULL for good in a program that is not position-independent.
 */
#if defined(__x86_64__) && !defined(__ILP32__)
static inline const struct memwatch_api *memwatch_api(void)
{
	const struct memwatch_api *api;

	__asm__(".weak memwatch_api_v1\n\t"
		"{movq memwatch_api_v1@GOTPCREL(%%rip), %0|mov %0, qword ptr memwatch_api_v1@GOTPCREL[rip]}"
		: "=r"(api));
	return api;
}
#else
extern const struct memwatch_api memwatch_api_v1 __attribute__((weak));

static inline const struct memwatch_api *memwatch_api(void)
{
	return &memwatch_api_v1;
}
#endif

/* 1 while this process is being watched, else 0. */
static inline int memwatch_watched(void)
{
	const struct memwatch_api *api = memwatch_api();

	return api ? api->watched() : 0;
}

/* Fills *stats with what this process has allocated, all calls that this thread has made among them. Waits for the
 * reporter, some 0.1 ms, and at most 10 s: then -1. On -1 *stats is all zeros but for `size`. */
static inline int memwatch_stats(struct memwatch_stats *stats)
{
	const struct memwatch_api *api = memwatch_api();
	struct memwatch_stats zeros = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

	*stats = zeros;
	stats->size = sizeof(*stats);
	return api ? api->stats(stats) : -1;
}

/* Puts a point in time into the report ("marks"), with the live bytes and blocks of that moment. `name` is UTF-8, of
 * which 255 bytes are kept. The first 4096 marks of a process are kept. */
static inline int memwatch_mark(const char *name)
{
	const struct memwatch_api *api = memwatch_api();

	return api ? api->mark(name) : -1;
}

/* The same, of kind "snapshot": a state that the program wants to compare with others. */
static inline int memwatch_snapshot(const char *name)
{
	const struct memwatch_api *api = memwatch_api();

	return api ? api->snapshot(name) : -1;
}

/* What this thread allocates between the two is no leak, nor what only that leads to: it is reported as suppressed,
 * "ignored by the program". They nest. The same as __lsan_disable() and __lsan_enable(). */
static inline void memwatch_ignore_begin(void)
{
	const struct memwatch_api *api = memwatch_api();

	if (api)
		api->ignore_begin();
}

static inline void memwatch_ignore_end(void)
{
	const struct memwatch_api *api = memwatch_api();

	if (api)
		api->ignore_end();
}

/* The same for the live block that `p` points into, less than 64 KiB behind its start; also after a realloc. 0 does not
 * say that there is such a block. The same as __lsan_ignore_object(). */
static inline MEMWATCH_ADDRESS int memwatch_ignore_object(const void *p)
{
	const struct memwatch_api *api = memwatch_api();

	return api ? api->ignore_object((uintptr_t)p) : -1;
}

/* Pointers in [p, p + n_bytes), as far as it can be read, make blocks reachable: memory that was not allocated and that
 * memwatch does not know of. At most 4096 regions at a time. unroot_region() takes the same values. The same as
 * __lsan_register_root_region() and __lsan_unregister_root_region(). */
static inline MEMWATCH_ADDRESS int memwatch_root_region(const void *p, size_t n_bytes)
{
	const struct memwatch_api *api = memwatch_api();

	return api ? api->root_region((uintptr_t)p, n_bytes) : -1;
}

static inline MEMWATCH_ADDRESS int memwatch_unroot_region(const void *p, size_t n_bytes)
{
	const struct memwatch_api *api = memwatch_api();

	return api ? api->unroot_region((uintptr_t)p, n_bytes) : -1;
}

/* Looks for leaks now: the process stands still while its memory is read, this thread until the result is there
 * (signals wait as long), then all go on. -1 also if verdicts cannot be had (--no-scan, ptrace not permitted). On -1
 * *leaks is all zeros but for `size`. */
static inline int memwatch_leak_check(struct memwatch_leaks *leaks)
{
	const struct memwatch_api *api = memwatch_api();
	struct memwatch_leaks zeros = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

	*leaks = zeros;
	leaks->size = sizeof(*leaks);
	return api ? api->leak_check(leaks) : -1;
}

/* Starts a thread that looks at the live bytes every `interval_ms` (at least 10) and calls back, in that thread, when
 * they have come above `max_bytes`; again only after they were at 95 % of it or below. It has 256 KiB of stack and all
 * signals blocked. -1 also if there is a monitor already, or no thread can be made. */
static inline int memwatch_monitor_start(uint64_t max_bytes, unsigned interval_ms, memwatch_monitor_callback callback,
					 void *ctx)
{
	const struct memwatch_api *api = memwatch_api();

	return api ? api->monitor_start(max_bytes, interval_ms, callback, ctx) : -1;
}

/* Ends it: it does not call back any more when this returns, unless it is the callback that calls this. -1 if there is
 * none. A fork child has none. */
static inline int memwatch_monitor_stop(void)
{
	const struct memwatch_api *api = memwatch_api();

	return api ? api->monitor_stop() : -1;
}

/* For programs with an allocator of their own inside of larger blocks: `pool` (a name, of which 55 bytes are kept;
 * NULL:
 * "") gave out [p, p + n_bytes); and took it back. Such pieces are counted apart, by pool (memwatch_stats, "pools" in
 * the report). They have no leak verdicts, and change nothing about those of the blocks that they are cut from. */
static inline MEMWATCH_ADDRESS int memwatch_report_alloc(const void *p, size_t n_bytes, const char *pool)
{
	const struct memwatch_api *api = memwatch_api();

	return api ? api->report_alloc((uintptr_t)p, n_bytes, pool) : -1;
}

static inline MEMWATCH_ADDRESS int memwatch_report_free(const void *p)
{
	const struct memwatch_api *api = memwatch_api();

	return api ? api->report_free((uintptr_t)p) : -1;
}

#ifdef __cplusplus
}
#endif

#endif
