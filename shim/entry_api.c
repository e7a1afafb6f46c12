/*
 * What memwatch.h calls, and LeakSanitizer's interface (sanitizer/lsan_interface.h) in its terms: the table, and the
 * functions of it. All keep errno.
 */
#include "shim/entry_api.h"

#include "shim/ask.h"
#include "shim/entry.h"
#include "shim/monitor.h"
#include "shim/writer.h"

#include <errno.h>
#include <string.h>

#define PIECE_NAME_MAX 55 /* of a pool; a record about an address has at most 16 words */

#define ADDRESS(p) ((uint64_t)(uintptr_t)(p))

static int status(bool done)
{
	return done ? 0 : -1;
}

static int api_watched(void)
{
	return entry_on();
}

static int api_stats(struct memwatch_stats *stats)
{
	const struct regs at = ARCH_CALLER_REGS();

	return status(entry_on() && mw_monitor_stats(stats, at.sp));
}

static int api_mark(const char *name)
{
	const struct regs at = ARCH_CALLER_REGS();

	return status(entry_on() && mw_track_mark(WIRE_MARK, name ? name : "", &at));
}

static int api_snapshot(const char *name)
{
	const struct regs at = ARCH_CALLER_REGS();

	return status(entry_on() && mw_track_mark(WIRE_SNAPSHOT, name ? name : "", &at));
}

static void api_ignore_begin(void)
{
	const struct regs at = ARCH_CALLER_REGS();

	if (entry_on())
		mw_track_ignore(1, &at);
}

static void api_ignore_end(void)
{
	const struct regs at = ARCH_CALLER_REGS();

	if (entry_on())
		mw_track_ignore(-1, &at);
}

static int api_ignore_object(uintptr_t p)
{
	const struct regs at = ARCH_CALLER_REGS();
	uint64_t addr = p;

	return status(p && entry_on() && mw_track_about(WIRE_IGNORE_OBJECT, 0, &addr, 1, &at));
}

static bool change_region(uintptr_t p, size_t n_bytes, uint32_t add, const struct regs *at)
{
	uint64_t words[] = {p, n_bytes};

	return n_bytes && entry_on() && mw_track_about(WIRE_ROOT_REGION, add, words, 2, at);
}

static int api_root_region(uintptr_t p, size_t n_bytes)
{
	const struct regs at = ARCH_CALLER_REGS();

	return status(change_region(p, n_bytes, 1, &at));
}

static int api_unroot_region(uintptr_t p, size_t n_bytes)
{
	const struct regs at = ARCH_CALLER_REGS();

	return status(change_region(p, n_bytes, 0, &at));
}

/* ---- leak checks ---- */

/* The registers that hold values of the caller's are put where the scan looks: above the stack pointer that it is told.
 * What lies between are frames of this file only. */
static MW_NOINLINE bool check(enum shm_ask what, struct shm_answer *answer)
{
	uint64_t saved[6];

	__asm__ volatile("movq %%rbx, 0(%0)\n\tmovq %%rbp, 8(%0)\n\tmovq %%r12, 16(%0)\n\t"
			 "movq %%r13, 24(%0)\n\tmovq %%r14, 32(%0)\n\tmovq %%r15, 40(%0)"
			 :
			 : "r"(saved)
			 : "memory");
	return entry_on() && mw_proc->flags & SHM_FLAG_SCAN && mw_ask(what, ADDRESS(saved), 0, answer) &&
	       answer->scanned;
}

static int api_leak_check(struct memwatch_leaks *leaks)
{
	struct shm_answer answer = {0}; /* dead pointers below here would be taken for live ones */
	struct memwatch_leaks all = {.size = leaks->size};

	if (!check(SHM_ASK_LEAKS, &answer))
		return -1;
	all.definite_blocks = answer.definite_blocks;
	all.definite_bytes = answer.definite_bytes;
	all.indirect_blocks = answer.indirect_blocks;
	all.indirect_bytes = answer.indirect_bytes;
	all.possible_blocks = answer.possible_blocks;
	all.possible_bytes = answer.possible_bytes;
	all.reachable_blocks = answer.reachable_blocks;
	all.reachable_bytes = answer.reachable_bytes;
	all.ignored_blocks = answer.ignored_blocks;
	all.ignored_bytes = answer.ignored_bytes;
	memcpy(leaks, &all, leaks->size < sizeof(all) ? leaks->size : sizeof(all));
	return 0;
}

/* ---- the monitor, pools ---- */

static int api_monitor_start(uint64_t max_bytes, unsigned interval_ms, memwatch_monitor_callback callback, void *ctx)
{
	int errnum = errno;
	bool done = entry_on() && mw_monitor_start(max_bytes, interval_ms, callback, ctx);

	errno = errnum;
	return status(done);
}

static int api_monitor_stop(void)
{
	int errnum = errno;
	bool done = mw_monitor_stop();

	errno = errnum;
	return status(done);
}

static int api_report_alloc(uintptr_t p, size_t n_bytes, const char *pool)
{
	const struct regs at = ARCH_CALLER_REGS();
	uint64_t words[2 + (PIECE_NAME_MAX + 8) / 8] = {p, n_bytes};
	size_t n = pool ? strnlen(pool, PIECE_NAME_MAX) : 0;

	if (n)
		memcpy(words + 2, pool, n);
	return status(p && entry_on() &&
		      mw_track_about(WIRE_PIECE, (uint32_t)n, words, 2 + (uint32_t)(n + 7) / 8, &at));
}

static int api_report_free(uintptr_t p)
{
	const struct regs at = ARCH_CALLER_REGS();
	uint64_t addr = p;

	return status(p && entry_on() && mw_track_about(WIRE_PIECE_FREE, 0, &addr, 1, &at));
}

const struct memwatch_api memwatch_api_v1 = {
	.size = sizeof(struct memwatch_api),
	.watched = api_watched,
	.stats = api_stats,
	.mark = api_mark,
	.snapshot = api_snapshot,
	.ignore_begin = api_ignore_begin,
	.ignore_end = api_ignore_end,
	.ignore_object = api_ignore_object,
	.root_region = api_root_region,
	.unroot_region = api_unroot_region,
	.leak_check = api_leak_check,
	.monitor_start = api_monitor_start,
	.monitor_stop = api_monitor_stop,
	.report_alloc = api_report_alloc,
	.report_free = api_report_free,
};

/*
 * ---- LeakSanitizer's interface ----
 *
 * In a program that was built for it, with its runtime in a library, we stand before that: it has to hear it, too.
 */

MW_EXPORT void __lsan_disable(void);
MW_EXPORT void __lsan_disable(void)
{
	api_ignore_begin();
	if (mw_real_ready() && mw_real.lsan_disable)
		mw_real.lsan_disable();
}

MW_EXPORT void __lsan_enable(void);
MW_EXPORT void __lsan_enable(void)
{
	api_ignore_end();
	if (mw_real_ready() && mw_real.lsan_enable)
		mw_real.lsan_enable();
}

MW_EXPORT void __lsan_ignore_object(const void *p);
MW_EXPORT void __lsan_ignore_object(const void *p)
{
	api_ignore_object(ADDRESS(p));
	if (mw_real_ready() && mw_real.lsan_ignore_object)
		mw_real.lsan_ignore_object(p);
}

MW_EXPORT void __lsan_register_root_region(const void *p, size_t n_bytes);
MW_EXPORT void __lsan_register_root_region(const void *p, size_t n_bytes)
{
	api_root_region(ADDRESS(p), n_bytes);
	if (mw_real_ready() && mw_real.lsan_register_root_region)
		mw_real.lsan_register_root_region(p, n_bytes);
}

MW_EXPORT void __lsan_unregister_root_region(const void *p, size_t n_bytes);
MW_EXPORT void __lsan_unregister_root_region(const void *p, size_t n_bytes)
{
	api_unroot_region(ADDRESS(p), n_bytes);
	if (mw_real_ready() && mw_real.lsan_unregister_root_region)
		mw_real.lsan_unregister_root_region(p, n_bytes);
}

/* LeakSanitizer knows no "possible": a pointer into the inside is one. */
MW_EXPORT int __lsan_do_recoverable_leak_check(void);
MW_EXPORT int __lsan_do_recoverable_leak_check(void)
{
	struct shm_answer answer = {0}; /* dead pointers below here would be taken for live ones */

	if (mw_real_ready() && mw_real.lsan_do_recoverable_leak_check)
		return mw_real.lsan_do_recoverable_leak_check();
	return check(SHM_ASK_LEAKS, &answer) && answer.definite_blocks;
}

/* The verdicts of this moment are those of the report. LeakSanitizer would end the program here if there are leaks; we
 * change nothing about what the program does, the exit status is --fail-on's affair. */
MW_EXPORT void __lsan_do_leak_check(void);
MW_EXPORT void __lsan_do_leak_check(void)
{
	struct shm_answer answer = {0}; /* dead pointers below here would be taken for live ones */

	if (entry_on() && mw_proc->flags & SHM_FLAG_SCAN && !atomic_load(&mw_proc->checked) &&
	    check(SHM_ASK_FINAL, &answer))
		atomic_store(&mw_proc->checked, 1);
	if (mw_real_ready() && mw_real.lsan_do_leak_check)
		mw_real.lsan_do_leak_check();
}
