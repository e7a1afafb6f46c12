/*
 * Signals in the reporter. They are blocked and read from a descriptor, so that what the watched program inherits is
 * changed in two places only, which signals_give_back() restores: the mask, and the dispositions of SIGPIPE, SIGXFSZ
 * and SIGCHLD. Who sent a signal decides where it goes: one from the terminal has reached the program already. Whether
 * a kill() went to us alone or to our whole group cannot be told, so that the program may get such a signal twice, as
 * under sudo.
 */
#ifndef CLI_START_SIGNALS_H
#define CLI_START_SIGNALS_H

#include "cli/base/err.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <sys/types.h>

struct signals {
	int fd; /* readable when there is one */
	sigset_t inherited_mask;
	struct sigaction inherited_pipe, inherited_size, inherited_child;
};

/* Takes charge. -1 and `err` on failure. */
int signals_take(struct signals *signals, struct err *err);

/* The next one that has come: true and `info`. */
bool signals_next(struct signals *signals, struct signalfd_siginfo *info);

/* True when the program `pid` is to get what came to us. */
bool signals_is_forwarded(const struct signalfd_siginfo *info, pid_t pid);

/* Passes it on, with the value that a sigqueue() gave. */
void signals_forward(const struct signalfd_siginfo *info, pid_t pid);

/* Whether the program would die of it, as far as can be told: it neither handles nor ignores nor blocks it. For what
 * signals_next() gives. */
bool signals_kills(int sig, pid_t pid);

/* Mask and dispositions as they were inherited; for the child before its exec, and at the end. Async-signal-safe. */
void signals_give_back(const struct signals *signals);

/* Drops what has come and lets signals work on memwatch again, as it writes its reports; SIGPIPE and SIGXFSZ stay
 * ignored. */
void signals_unblock(struct signals *signals);

void signals_release(struct signals *signals);

/* Ends this process by `sig`, without a core file of its own. Returns only if that cannot be done. */
void signals_die(int sig);

#endif
