#include "cli/start/signals.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
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
	sigaction(SIGXFSZ, &ignore, &signals->inherited_size); /* a report that is too large is an error of write() */
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

/* Whether a set of signals in a status file of proc(5), named by the line's beginning, has it; false if not known. */
static bool status_has(const char *path, const char *label, int sig)
{
	FILE *file = fopen(path, "re");
	char line[256];
	uint64_t set = 0;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, label, strlen(label)) && sscanf(line + strlen(label), ": %" SCNx64, &set) == 1)
			break;
	if (file)
		fclose(file);
	return set >> (sig - 1) & 1;
}

/* A signal to the process goes to any thread that does not block it. */
static bool all_threads_block(int sig, pid_t pid)
{
	char path[PATH_MAX];
	struct dirent *entry;
	bool all = true;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	folder = opendir(path);
	while (folder && all && (entry = readdir(folder))) {
		if (atoi(entry->d_name) <= 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%d/status", (int)pid, atoi(entry->d_name));
		all = status_has(path, "SigBlk", sig);
	}
	if (folder)
		closedir(folder);
	return all && folder;
}

bool signals_kills(int sig, pid_t pid)
{
	char path[64];

	if (sig == SIGCHLD || sig == SIGWINCH || sig == SIGURG || sig == SIGCONT)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	return access(path, R_OK) == 0 && !status_has(path, "SigCgt", sig) && !status_has(path, "SigIgn", sig) &&
	       !all_threads_block(sig, pid);
}

void signals_give_back(const struct signals *signals)
{
	sigaction(SIGPIPE, &signals->inherited_pipe, NULL);
	sigaction(SIGXFSZ, &signals->inherited_size, NULL);
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
