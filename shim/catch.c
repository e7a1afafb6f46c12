/* Writable process-wide: whether anything is caught, by the constructor. */
#include "shim/catch.h"

#include "shim/endings.h"
#include "shim/sys.h"

#include "common/compiler.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

static bool catching;

static bool is_fault(int sig)
{
	return sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE || sig == SIGILL || sig == SIGTRAP || sig == SIGSYS;
}

/*
 * Once: there is no handler any more. The registers are on the stack, above this frame. An instruction that failed is
 * tried again, and fails again; any other signal is sent once more, and comes when this returns.
 */
static void caught(int sig, siginfo_t *info, void *context MW_UNUSED)
{
	int errnum = errno;

	mw_endings_wait(SHM_SCAN_SIGNAL, (uint64_t)(uintptr_t)__builtin_frame_address(0));
	if (!is_fault(sig) || info->si_code <= 0)
		SYS3(SYS_tgkill, sys_getpid(), sys_gettid(), sig);
	errno = errnum;
}

bool mw_catches(int sig)
{
	struct sigaction action;

	return catching && sigaction(sig, NULL, &action) == 0 && action.sa_flags & SA_SIGINFO &&
	       action.sa_sigaction == caught;
}

void mw_catch_init(void)
{
	static const int signals[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS,  SIGFPE, SIGSEGV,
				      SIGTERM, SIGXCPU, SIGXFSZ, SIGSYS, SIGALRM, SIGPIPE, SIGUSR1, SIGUSR2};

	catching = true;
	for (size_t i = 0; i < MW_ARRAY_LEN(signals); i++) {
		struct sigaction action, before;

		action.sa_sigaction = caught;
		action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND; /* no call is needed to take it away */
		sigfillset(&action.sa_mask);
		if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
			sigaction(signals[i], &action, NULL);
	}
}
