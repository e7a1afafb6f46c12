/*
 * Signals that a process sends to itself. One that will kill it is its end, and so the moment for a leak scan; all
 * others go straight through. What comes from elsewhere, and faults, nobody is told of before the memory is gone.
 */
#include "shim/endings.h"
#include "shim/entry.h"
#include "shim/seccomp.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

/* The kernel's; see sigaction(2). */
struct kernel_action {
	uint64_t handler, flags, restorer, mask;
};

static bool does_nothing_fatal(int sig)
{
	return sig == SIGCHLD || sig == SIGCONT || sig == SIGURG || sig == SIGWINCH || sig == SIGSTOP ||
	       sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

/* Whether the process dies of this signal if this thread gets it. The first process of a namespace does not. */
static bool kills(int sig)
{
	struct kernel_action action = {0};
	sys_sigset blocked = 0;

	if (sig < 1 || sig > 64 || does_nothing_fatal(sig) || !entry_on() || sys_getpid() == 1)
		return false;
	if (sig == SIGKILL)
		return true;
	if (atomic_load(&mw_filtered)) /* the filter may not let the question pass */
		return false;
	if (SYS4(SYS_rt_sigaction, sig, 0, &action, sizeof(action.mask)) < 0 || action.handler)
		return false;
	return SYS4(SYS_rt_sigprocmask, 0, 0, &blocked, sizeof(blocked)) >= 0 && !(blocked >> (sig - 1) & 1);
}

MW_EXPORT int raise(int sig)
{
	const struct regs at = ARCH_CALLER_REGS();

	if (!mw_real_ready())
		return (int)SYS3(SYS_tgkill, sys_getpid(), sys_gettid(), sig);
	if (kills(sig))
		mw_endings_wait(SHM_SCAN_SIGNAL, at.sp);
	return mw_real.raise(sig);
}

MW_EXPORT int kill(pid_t pid, int sig)
{
	const struct regs at = ARCH_CALLER_REGS();

	if (!mw_real_ready())
		return (int)SYS2(SYS_kill, pid, sig);
	if ((pid == 0 || pid == sys_getpid()) && kills(sig))
		mw_endings_wait(SHM_SCAN_SIGNAL, at.sp);
	return mw_real.kill(pid, sig);
}

MW_EXPORT int tgkill(pid_t pid, pid_t tid, int sig)
{
	const struct regs at = ARCH_CALLER_REGS();

	if (!mw_real_ready())
		return (int)SYS3(SYS_tgkill, pid, tid, sig);
	if (pid == sys_getpid() && tid == sys_gettid() && kills(sig))
		mw_endings_wait(SHM_SCAN_SIGNAL, at.sp);
	return mw_real.tgkill(pid, tid, sig);
}

MW_EXPORT int pthread_kill(pthread_t thread, int sig)
{
	const struct regs at = ARCH_CALLER_REGS();

	if (!mw_real_ready())
		return 38; /* ENOSYS */
	if (pthread_equal(thread, pthread_self()) && kills(sig))
		mw_endings_wait(SHM_SCAN_SIGNAL, at.sp);
	return mw_real.pthread_kill(thread, sig);
}

MW_EXPORT int sigqueue(pid_t pid, int sig, const union sigval value)
{
	const struct regs at = ARCH_CALLER_REGS();

	if (!mw_real_ready())
		return -1;
	if (pid == sys_getpid() && kills(sig))
		mw_endings_wait(SHM_SCAN_SIGNAL, at.sp);
	return mw_real.sigqueue(pid, sig, value);
}
