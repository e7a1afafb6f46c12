/*
 * prctl and syscall, for seccomp's sake: a system call that a filter forbids kills the program, and it must not be one
 * of ours. After a filter that would do so, or in the strict mode, nothing more is recorded, and the report says so.
 * Writable process-wide: mw_filtered, by the thread that sets a filter.
 * Filters that a program is started with let it do what its loader does, and that is what the shim needs.
 */
#include "shim/entry.h"

#include "shim/seccomp.h"
#include "shim/writer.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <sys/prctl.h>

_Atomic uint32_t mw_filtered;

/* Sends what there is: afterwards it may not be possible, and a full chunk would have to be sent. */
static void before(const struct regs *at)
{
	struct tls *t = &mw_tls;
	struct writer *w = entry_on() ? mw_enter(t, at->sp) : NULL;

	if (!w)
		return;
	mw_writer_flush(w);
	mw_leave(t);
}

/* No system calls from here on but those that the filter allows. */
static void after(const struct regs *at, unsigned mode, const struct sock_fprog *filter)
{
	struct tls *t = &mw_tls;
	struct writer *w;

	if (entry_on())
		atomic_store(&mw_filtered, 1);
	if (!entry_on() || (mode == SECCOMP_MODE_FILTER && mw_seccomp_allows_us(filter)))
		return;
	w = mw_enter(t, at->sp);
	if (!w)
		return;
	mw_put_ext(w, WIRE_CONFINED, mode, "", 0);
	atomic_store(&mw_state, MW_OFF);
	mw_leave(t);
}

long mw_syscall_result(long rc)
{
	if (rc >= -4095 && rc < 0) {
		errno = (int)-rc;
		return -1;
	}
	return rc;
}

MW_EXPORT int prctl(int option, ...)
{
	const struct regs at = ARCH_CALLER_REGS();
	unsigned long args[4];
	va_list list;
	int rc;

	va_start(list, option);
	for (int i = 0; i < 4; i++)
		args[i] = va_arg(list, unsigned long);
	va_end(list);
	if (option == PR_SET_SECCOMP)
		before(&at);
	if (mw_real_ready() && mw_real.prctl)
		rc = mw_real.prctl(option, args[0], args[1], args[2], args[3]);
	else
		rc = (int)mw_syscall_result(SYS5(SYS_prctl, option, args[0], args[1], args[2], args[3]));
	if (option == PR_SET_SECCOMP && rc == 0)
		after(&at, (unsigned)args[0], (const struct sock_fprog *)args[1]);
	return rc;
}

long mw_syscall_seccomp(long nr, long a, long b, long c, long d, long e)
{
	const struct regs at = ARCH_CALLER_REGS();
	bool strict = nr == SYS_prctl ? a == PR_SET_SECCOMP && b == SECCOMP_MODE_STRICT : a == SECCOMP_SET_MODE_STRICT;
	bool filter = nr == SYS_prctl ? a == PR_SET_SECCOMP && b == SECCOMP_MODE_FILTER : a == SECCOMP_SET_MODE_FILTER;
	long rc;

	if (strict || filter)
		before(&at);
	rc = mw_syscall_result(SYS5(nr, a, b, c, d, e));
	if ((strict || filter) && rc >= 0)
		after(&at, strict ? SECCOMP_MODE_STRICT : SECCOMP_MODE_FILTER,
		      (const struct sock_fprog *)(uintptr_t)(unsigned long)c);
	return rc;
}
