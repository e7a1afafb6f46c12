/*
 * This process as a watched one: its slot in the session, the pipe, the memory shared with the reporter. All of it
 * lies in memory that the kernel wipes in a fork child (MADV_WIPEONFORK), and so do the writers: a child that was
 * forked past every handler finds zeros, not its parent's buffers, and attaches anew.
 *
 * Locks: `slow_lock` guards all rare changes (writers, modules, table growth); `pipe_lock` is held by the one
 * writer at the pipe. Both are taken with signals blocked, slow before pipe, and nothing foreign is called under them.
 */
#ifndef SHIM_PROCESS_H
#define SHIM_PROCESS_H

#include "common/compiler.h"
#include "common/shm.h"
#include "shim/sys.h"

#include <stdbool.h>

enum mw_state {
	MW_NEW = 0,
	MW_ON = SHM_STATE_ON,
	MW_OFF = SHM_STATE_OFF, /* not watched, or the reporter is gone: all calls go straight through */
};

/* From the attaching on it is the slot's gate: the reporter sets bits in the state. A fork child has its parent's until
 * it attaches itself. Written at start, at attach, and once more if the reporter dies. */
extern struct shm_gate mw_gate MW_HIDDEN;
#define mw_state mw_gate.state

/* Whether the reporter is there, whatever it wants. */
static inline bool mw_is_on(void)
{
	return (atomic_load(&mw_state) & SHM_STATE_MASK) == MW_ON;
}

#define MW_MAX_WINDOWS 16 /* mappings of chunks, each twice the one before */
#define MW_MAX_MODULES 4096

struct mw_nodes;   /* nodes.c */
struct mw_modules; /* modules.c */
struct mw_rules;   /* rules.c */
struct writer;

struct mw_window {
	char *base;
	uint32_t first, count; /* streams whose chunks it holds */
};

struct mw_process {
	_Atomic uint32_t attached; /* 0: wiped or new */
	int pid;
	uint32_t reporter_pid;
	uint64_t start_ns; /* CLOCK_MONOTONIC */
	uint32_t slot;
	uint32_t flags;     /* enum shm_flag */
	uint32_t n_filters; /* of seccomp, that the reporter itself is under */
	struct shm_slot *shm;
	_Atomic int pipe_fd; /* -1: none */
	uint64_t pipe_dev, pipe_ino;
	_Atomic uint32_t pipe_lock;
	_Atomic uint32_t slow_lock;
	_Atomic uint32_t ask_lock; /* held by the one thread that waits for an answer; before all others */
	uint32_t ask_serial;
	_Atomic uint32_t checked;      /* the program has had its last leak check made: none at the end */
	_Atomic uint32_t unknown_code; /* stacks have met code of no object: it may be unmapped without a dlclose */
	uint64_t tsc_base;
	_Atomic uint64_t *owners; /* address -> stream of its last event; owners.h */
	struct writer *free_writers;
	uint32_t n_windows;
	struct mw_window windows[MW_MAX_WINDOWS];
	struct mw_nodes *_Atomic nodes;
	_Atomic uint32_t next_node;
	struct mw_rules *_Atomic rules;
	struct mw_modules *modules;
};

/* Never NULL once mw_state is MW_ON. */
extern struct mw_process *mw_proc MW_HIDDEN;

/* Raised when code went away: caches of addresses are stale. Never 0, and a fork child goes on with it. */
extern _Atomic uint32_t mw_epoch MW_HIDDEN;

/* Makes sure that the process has been attached if it can be: true when events are to be recorded. Any thread. */
bool mw_start(void);

/* In a fork child: attaches as a new process. `level` writers are taken anew by their threads. */
void mw_attach_child(void);

/* Gives up watching: the reporter is gone. */
void mw_switch_off(void);

/* A lock with signals blocked; pass the result to mw_unlock. */
sys_sigset mw_lock(_Atomic uint32_t *lock);
void mw_unlock(_Atomic uint32_t *lock, sys_sigset signals);

/* Chunk of stream `i`, mapped on demand; NULL if it cannot be. Call with slow_lock held. */
void *mw_process_chunk(uint32_t i);

/* Sends `n` bytes over the pipe, or has them read in place (see shm.h). Call with pipe_lock held; `blocked`: the
 * signals that the program had blocked before. */
void mw_process_send(struct shm_stream *stream, const void *bytes, size_t n, sys_sigset blocked);

/* The folder of the session and the path of the shim, "" when unwatched; for the children's environment. */
const char *mw_session_path(void);
const char *mw_shim_path(void);

/* Serial of the latest fork announced. */
extern _Atomic uint32_t mw_fork_serial MW_HIDDEN;

/* Waits on a futex of the slot until it is `value`; gives up, for good, when the reporter is dead. With `limit_ms` not
 * 0 it waits no longer than that. `meanwhile`, if not NULL, is told other values that it takes, several times. Whether
 * it is `value`. */
bool mw_process_await(const _Atomic uint32_t *word, uint32_t value, uint32_t limit_ms, void (*meanwhile)(uint32_t now));

/* The pipe's descriptor, or -1; programs must not close it by number. */
static inline int mw_pipe_fd(void)
{
	if (!mw_is_on())
		return -1;
	return atomic_load_explicit(&mw_proc->attached, memory_order_relaxed) ? atomic_load(&mw_proc->pipe_fd) : -1;
}

/* Moves the pipe's descriptor away from `fd`, which the program is about to take. */
void mw_process_vacate_fd(int fd);

#endif
