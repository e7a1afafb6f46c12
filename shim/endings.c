/*
 * The ways to end that pass through libc. exit: its handlers run first, ours as the last of them (it was registered
 * before all others), and the stack counts from the caller of exit or of main: what lies below are frames that have
 * returned, whose dead pointers would hide leaks. _exit, quick_exit and abort, a failed assert (libc's own call of
 * abort passes ours by), daemon, and a signal to itself that kills (shim/entry_signal.c): at once. Writable
 * process-wide: the boundary words in the slot, by the thread that ends the process.
 */
#include "shim/endings.h"

#include "shim/catch.h"
#include "shim/entry.h"
#include "shim/heap.h"
#include "shim/libc_glibc.h"
#include "shim/lsan.h"
#include "shim/readout.h"
#include "shim/stack.h"
#include "shim/stamp.h"
#include "shim/writer.h"

#include <stdlib.h>
#include <unistd.h>

static int (*program_main)(int, char **, char **);

/* In a vfork child it is not this process that ends. */
static bool ending_is_ours(void)
{
	return entry_on() && mw_proc->shm && sys_getpid() == mw_proc->pid;
}

static void put_exit(int status)
{
	if (ending_is_ours())
		mw_track_ext(WIRE_EXIT, (uint32_t)status & 0xff, "");
}

/* From here on the frames below `sp` of this thread are dead. */
static void set_boundary(uint64_t sp)
{
	if (!ending_is_ours() || mw_proc->shm->boundary_tid)
		return;
	mw_proc->shm->boundary_sp = sp;
	mw_proc->shm->boundary_tid = (uint32_t)sys_gettid();
}

/* Whether this is the first time, or it has outlived what the last time was for. */
static bool may_wait(uint32_t last)
{
	unsigned why = last & SHM_SCAN_WHY;

	return last == 0 ||
	       (why >= SHM_SCAN_ABORT && why <= SHM_SCAN_DAEMON && atomic_load(&mw_proc->shm->scan_done) == last);
}

void mw_endings_wait(enum shm_scan why, uint64_t sp)
{
	struct tls *t = &mw_tls;
	struct writer *w;
	uint32_t last, request;

	if (!ending_is_ours() || !(mw_proc->flags & SHM_FLAG_SCAN) || atomic_load(&mw_proc->checked))
		return;
	last = atomic_load(&mw_proc->shm->scan_request);
	if (!may_wait(last))
		return;
	if (mw_lsan_turned_off()) {
		mw_track_ext(WIRE_LSAN_OFF, 0, "");
		return;
	}
	w = mw_enter(t, sp);
	if (!w)
		return;
	mw_proc->shm->scan_sp = sp;
	mw_proc->shm->scan_fs_base = (uint64_t)(uintptr_t)__builtin_thread_pointer();
	atomic_store(&mw_proc->shm->scan_tid, (uint32_t)sys_gettid());
	request = ((last >> 8) + 1) << 8 | why;
	atomic_store(&mw_proc->shm->scan_request, request);
	mw_stamp(w);
	mw_put_ext(w, WIRE_SCAN, why, "", 0);
	mw_writer_flush(w);
	mw_process_await(&mw_proc->shm->scan_done, request, 0, mw_readout);
	mw_leave(t);
}

/* What is left to be done when the process ends now: the scan, and then, since it reads a process that has been forked
 * at the price of a fault for each page, the allocator's statistics. */
static void finish(enum shm_scan why, uint64_t sp)
{
	mw_endings_wait(why, sp);
	if (ending_is_ours() && mw_tls.level == 0)
		mw_heap_read_last();
}

static bool is_inside(const struct libc_object *object, uint64_t ip)
{
	return ip >= object->start && ip < object->end;
}

/* Stack pointer of the innermost frame that is neither libc's nor ours; 0: there is none. */
static uint64_t sp_outside_libc(const struct stack_cache *stacks)
{
	struct libc_object libc, ours;

	if (!libc_find_object((uint64_t)(uintptr_t)mw_real.exit, &libc) ||
	    !libc_find_object((uint64_t)(uintptr_t)set_boundary, &ours)) /* exit: a program may have a stand-in */
		return 0;
	for (uint32_t i = stacks->n; i-- > 0;)
		if (!is_inside(&libc, stacks->frames[i].ip) && !is_inside(&ours, stacks->frames[i].ip))
			return stacks->frames[i].sp;
	return 0;
}

/* Where libc itself has called its exit (err, error, argp_parse, ...), that passes ours by: whoever called libc is the
 * boundary. `at`: of an exit handler. */
static void find_boundary(const struct regs *at)
{
	struct tls *t = &mw_tls;
	struct writer *w;
	uint64_t sp = 0;

	if (!ending_is_ours() || mw_proc->shm->boundary_tid)
		return;
	w = mw_enter(t, at->sp);
	if (!w)
		return;
	mw_stamp(w);
	mw_stack_capture(w, at);
	if (w->stacks.n && w->stacks.frames[w->stacks.n - 1].sp == at->sp)
		sp = sp_outside_libc(&w->stacks);
	mw_leave(t);
	if (sp)
		set_boundary(sp);
}

/* The last exit handler. */
static void at_exit(int status, void *unused MW_UNUSED)
{
	const struct regs at = ARCH_CALLER_REGS();

	put_exit(status);
	find_boundary(&at);
	finish(SHM_SCAN_EXIT, at.sp);
}

/* Where its signal is caught, the handler waits. */
static void wait_in_abort(uint64_t sp)
{
	if (!mw_catches(SIGABRT))
		mw_endings_wait(SHM_SCAN_ABORT, sp);
}

void mw_endings_init(void)
{
	on_exit(at_exit, NULL);
}

MW_EXPORT void exit(int status)
{
	const struct regs at = ARCH_CALLER_REGS();

	set_boundary(at.sp);
	if (mw_real_ready())
		mw_real.exit(status);
	for (;;)
		SYS1(SYS_exit_group, status);
}

MW_EXPORT void quick_exit(int status)
{
	const struct regs at = ARCH_CALLER_REGS();

	put_exit(status);
	finish(SHM_SCAN_QUICK_EXIT, at.sp);
	if (mw_real_ready())
		mw_real.quick_exit(status);
	for (;;)
		SYS1(SYS_exit_group, status);
}

MW_EXPORT void abort(void)
{
	const struct regs at = ARCH_CALLER_REGS();

	wait_in_abort(at.sp);
	if (mw_real_ready())
		mw_real.abort();
	for (;;)
		SYS2(SYS_kill, 0, SIGABRT);
}

MW_EXPORT void __assert_fail(const char *assertion, const char *file, unsigned line, const char *function);
MW_EXPORT void __assert_fail(const char *assertion, const char *file, unsigned line, const char *function)
{
	const struct regs at = ARCH_CALLER_REGS();

	wait_in_abort(at.sp);
	if (mw_real_ready())
		mw_real.assert_fail(assertion, file, line, function);
	abort();
}

MW_EXPORT void __assert_perror_fail(int errnum, const char *file, unsigned line, const char *function);
MW_EXPORT void __assert_perror_fail(int errnum, const char *file, unsigned line, const char *function)
{
	const struct regs at = ARCH_CALLER_REGS();

	wait_in_abort(at.sp);
	if (mw_real_ready())
		mw_real.assert_perror_fail(errnum, file, line, function);
	abort();
}

MW_EXPORT void _exit(int status)
{
	const struct regs at = ARCH_CALLER_REGS();

	put_exit(status);
	finish(SHM_SCAN_UNDERSCORE_EXIT, at.sp);
	if (mw_real_ready())
		mw_real._exit(status);
	for (;;)
		SYS1(SYS_exit_group, status);
}

MW_EXPORT void _Exit(int status) __attribute__((alias("_exit"), noreturn));

/* libc's ends the parent where its fork is done, without any of the above; when it cannot fork, the process goes on. */
MW_EXPORT int daemon(int nochdir, int noclose)
{
	const struct regs at = ARCH_CALLER_REGS();

	if (!mw_real_ready())
		return -1;
	mw_endings_wait(SHM_SCAN_DAEMON, at.sp);
	return mw_real.daemon(nochdir, noclose);
}

/* main itself, so that its frame can be told from those of the handlers that run after it has returned. */
static __attribute__((section("mw_main_caller"), noinline)) int call_main(int argc, char **argv, char **envp)
{
	const struct regs at = ARCH_CALLER_REGS();
	int status = program_main(argc, argv, envp);

	set_boundary(at.sp);
	return status;
}

MW_EXPORT int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
				void (*fini)(void), void (*rtld_fini)(void), void *stack_end);
MW_EXPORT int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
				void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
	if (!mw_real_ready())
		_exit(127);
	program_main = main;
	return mw_real.libc_start_main(call_main, argc, argv, init, fini, rtld_fini, stack_end);
}
