#include "cli/signals.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Those that are passed on. Left at their defaults: the stop signals (Ctrl-Z stops both, being one job) and what tells
 * of an error in memwatch itself. */
static const int taken[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM, SIGVTALRM, SIGPROF, SIGWINCH, SIGIO, SIGPWR,
};

static void taken_set(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < MW_ARRAY_LEN(taken); i++)
		sigaddset(set, taken[i]);
	for (int sig = SIGRTMIN; sig <= SIGRTMAX; sig++)
		sigaddset(set, sig);
	sigaddset(set, SIGCHLD);
}

int signals_take(struct signals *signals, struct err *err)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, by_default = {.sa_handler = SIG_DFL};
	sigset_t set;

	taken_set(&set);
	signals->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals->fd < 0)
		return err_set_errno(err, errno, "cannot receive signals");
	sigprocmask(SIG_BLOCK, &set, &signals->inherited_mask);
	sigaction(SIGPIPE, &ignore, &signals->inherited_pipe);
	/* an inherited SIG_IGN would take the exit status away */
	sigaction(SIGCHLD, &by_default, &signals->inherited_child);
	return 0;
}

bool signals_next(struct signals *signals, struct signalfd_siginfo *info)
{
	ssize_t n;

	do
		n = read(signals->fd, info, sizeof(*info));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(*info);
}

bool signals_is_forwarded(const struct signalfd_siginfo *info, pid_t pid)
{
	const bool from_kernel = info->ssi_code == SI_KERNEL;

	switch (info->ssi_signo) {
	case SIGCHLD:
		return false;
	case SIGINT:
	case SIGQUIT:
	case SIGHUP:
	case SIGWINCH:
		if (from_kernel)
			return false; /* from the terminal, which sends it to the whole group */
		break;
	default:
		break;
	}
	/* what the program sent to its parent or to its own group is not for it */
	return from_kernel || info->ssi_pid != (uint32_t)pid;
}

void signals_forward(const struct signalfd_siginfo *info, pid_t pid)
{
	union sigval value = {.sival_ptr = (void *)(uintptr_t)info->ssi_ptr};

	if (info->ssi_code == SI_QUEUE)
		sigqueue(pid, (int)info->ssi_signo, value);
	else
		kill(pid, (int)info->ssi_signo);
}

void signals_give_back(const struct signals *signals)
{
	sigaction(SIGPIPE, &signals->inherited_pipe, NULL);
	sigaction(SIGCHLD, &signals->inherited_child, NULL);
	sigprocmask(SIG_SETMASK, &signals->inherited_mask, NULL);
}

void signals_unblock(struct signals *signals)
{
	struct signalfd_siginfo info;

	while (signals_next(signals, &info))
		;
	sigprocmask(SIG_SETMASK, &signals->inherited_mask, NULL);
}

void signals_release(struct signals *signals)
{
	close(signals->fd);
	signals->fd = -1;
}

void signals_die(int sig)
{
	const struct rlimit no_core = {0, 0};
	struct sigaction by_default = {.sa_handler = SIG_DFL};
	sigset_t set;

	/* the program may have left a core; a second one, of memwatch, would only hide it */
	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	sigaction(sig, &by_default, NULL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	kill(getpid(), sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
