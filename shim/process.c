/*
 * Attaching to the session, the pipe and its guard. Writable process-wide: mw_gate, mw_proc (set once), the paths
 * (set once at start), mw_fork_serial (by the thread that forks), mw_epoch (by who sees code go).
 */
#include "shim/process.h"

#include "shim/limit.h"
#include "shim/paths.h"
#include "shim/real.h"
#include "shim/writer.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>

struct shm_gate mw_gate __attribute__((aligned(4096))); /* a page of its own, which the slot's is mapped over */
struct mw_process *mw_proc;
_Atomic uint32_t mw_fork_serial;
_Atomic uint32_t mw_epoch = 1;

static struct shm_session *session;        /* survives forks: shared with the whole tree */
static uint64_t pid_ns;                    /* inode of the PID namespace that we are in; 0 = not known */
static uint32_t parent_slot = SHM_NO_SLOT; /* not wiped: tells a fork child whose child it is */

/* What a fork child inherits as plain address space and may drop; not wiped. */
static struct shm_slot *mapped_slot;

sys_sigset mw_lock(_Atomic uint32_t *lock)
{
	sys_sigset signals = sys_block_signals();
	uint32_t zero = 0;

	/* 0 free, 1 taken, 2 taken with waiters */
	if (!atomic_compare_exchange_strong(lock, &zero, 1))
		while (atomic_exchange(lock, 2) != 0)
			sys_futex_wait(lock, 2, 1000);
	return signals;
}

void mw_unlock(_Atomic uint32_t *lock, sys_sigset signals)
{
	if (atomic_exchange(lock, 0) == 2)
		sys_futex_wake(lock);
	sys_restore_signals(signals);
}

void mw_switch_off(void)
{
	int fd;

	atomic_store(&mw_state, MW_OFF);
	fd = atomic_exchange(&mw_proc->pipe_fd, -1);
	if (fd >= 0)
		sys_close(fd);
}

/* Where its number means nothing: it holds a lock on the session's folder. */
static bool reporter_unlocked(void)
{
	int fd = sys_open(mw_session_path(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool unlocked;

	if (fd < 0)
		return fd == -ENOENT;
	unlocked = SYS2(SYS_flock, fd, LOCK_SH | LOCK_NB) == 0;
	sys_close(fd);
	return unlocked;
}

/* Whether the reporter has gone: no such process, or a zombie that nobody has waited for. */
static bool reporter_dead(void)
{
	char path[32], stat[256];
	int fd, pid = (int)session->reporter_pid;
	long n;
	char *end;

	if (pid_ns != session->pid_ns)
		return reporter_unlocked();
	if (SYS2(SYS_kill, pid, 0) == -ESRCH)
		return true;
	mw_path_format(path, sizeof(path), "/proc/", (uint32_t)pid, "/stat");
	fd = sys_open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = sys_read(fd, stat, sizeof(stat) - 1);
	sys_close(fd);
	if (n <= 0)
		return false;
	stat[n] = '\0';
	end = strrchr(stat, ')');
	return end && (end[2] == 'Z' || end[2] == 'X');
}

/* ---- the pipe ---- */

static uint64_t fd_limit(void)
{
	struct rlimit limit;

	if (SYS4(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, &limit) < 0)
		return 1024;
	return limit.rlim_cur;
}

/* Opens the slot's FIFO at a high number. With very few descriptors to be had none is taken: then chunks are polled. */
static void pipe_open(struct mw_process *p)
{
	char path[SHM_PATH_MAX + 32];
	uint64_t limit = fd_limit();
	struct stat st;
	int fd, high;

	atomic_store(&p->pipe_fd, -1);
	if (limit < 64)
		return;
	mw_path_format(path, sizeof(path), mw_session_path(), p->slot, SHM_SLOT_PIPE_SUFFIX);
	fd = sys_open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return;
	high = sys_fcntl(fd, F_DUPFD_CLOEXEC, limit > 1024 ? 1000 : (long)limit - 24);
	if (high >= 0) {
		sys_close(fd);
		fd = high;
	}
	sys_fcntl(fd, F_SETFL, O_WRONLY);
	if (sys_fstat(fd, &st) < 0) {
		sys_close(fd);
		return;
	}
	p->pipe_dev = st.st_dev;
	p->pipe_ino = st.st_ino;
	atomic_store(&p->pipe_fd, fd);
}

/* The number may by now stand for a file of the program: raw close calls and vfork children pass our wrappers by. */
static bool pipe_is_ours(const struct mw_process *p, int fd)
{
	struct stat st;

	return sys_fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) && st.st_dev == p->pipe_dev && st.st_ino == p->pipe_ino;
}

void mw_process_vacate_fd(int fd)
{
	struct mw_process *p = mw_proc;
	sys_sigset signals = mw_lock(&p->pipe_lock);

	if (fd >= 0 && atomic_load(&p->pipe_fd) == fd && pipe_is_ours(p, fd)) {
		int other = sys_fcntl(fd, F_DUPFD_CLOEXEC, fd + 1);

		if (other < 0)
			other = sys_fcntl(fd, F_DUPFD_CLOEXEC, 3);
		atomic_store(&p->pipe_fd, other < 0 ? -1 : other);
		sys_close(fd);
	}
	mw_unlock(&p->pipe_lock, signals);
}

/* A dead reader gives EPIPE and SIGPIPE; the signal is ours to take, it is blocked here. */
static void take_sigpipe(void)
{
	sys_sigset pipe_set = UINT64_C(1) << (SIGPIPE - 1);
	struct timespec none = {0, 0};

	SYS4(SYS_rt_sigtimedwait, &pipe_set, 0, &none, sizeof(pipe_set));
}

/* Whether the program's own SIGPIPE waits, which it has `blocked`: that is to be left. */
static bool sigpipe_pending(sys_sigset blocked)
{
	sys_sigset pending = 0;

	if (MW_LIKELY(!(blocked >> (SIGPIPE - 1) & 1)))
		return false;
	SYS2(SYS_rt_sigpending, &pending, sizeof(pending));
	return pending >> (SIGPIPE - 1) & 1;
}

/* 0 when all was written, -errno; EPIPE only when the reporter has closed its end. */
static int pipe_write(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		long done = sys_write(fd, bytes, n);

		if (done == -EPIPE)
			return -EPIPE;
		if (done == -EINTR || done == -EAGAIN)
			continue;
		if (done < 0)
			return (int)done;
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

bool mw_process_await(const _Atomic uint32_t *word, uint32_t value, uint32_t limit_ms, void (*meanwhile)(uint32_t now))
{
	uint64_t end_ns = limit_ms ? sys_clock_ns(CLOCK_MONOTONIC) + limit_ms * UINT64_C(1000000) : UINT64_MAX;

	for (;;) {
		uint32_t now = atomic_load(word);

		if (now == value)
			return true;
		if (limit_ms && sys_clock_ns(CLOCK_MONOTONIC) >= end_ns)
			return false;
		if (meanwhile)
			meanwhile(now);
		sys_futex_wait(word, now, 20);
		if (atomic_load(word) != value && reporter_dead()) {
			mw_switch_off();
			return false;
		}
	}
}

/* Has the reporter read the chunk where it is. */
static void send_in_place(struct mw_process *p, struct shm_stream *stream)
{
	uint32_t seq = (uint32_t)(atomic_load(&stream->published) >> 32);

	atomic_store(&stream->want_drain, seq + 1);
	atomic_store(&p->shm->polled, 1);
	mw_process_await(&stream->drained, seq + 1, 0, NULL);
}

void mw_process_send(struct shm_stream *stream, const void *bytes, size_t n, sys_sigset blocked)
{
	struct mw_process *p = mw_proc;
	int fd = atomic_load(&p->pipe_fd);
	bool pending;
	int rc;

	if (atomic_load(&mw_state) == MW_OFF)
		return;
	if (fd < 0 || !pipe_is_ours(p, fd)) {
		pipe_open(p);
		fd = atomic_load(&p->pipe_fd);
	}
	if (fd < 0) {
		send_in_place(p, stream);
		return;
	}
	pending = sigpipe_pending(blocked);
	rc = pipe_write(fd, bytes, n);
	if (rc == -EPIPE) {
		if (!pending)
			take_sigpipe();
		mw_switch_off();
	} else if (rc < 0) {
		/* taken from under us in the middle: what the reporter has of the frame is partial, and skipped */
		atomic_store(&p->pipe_fd, -1);
		send_in_place(p, stream);
	}
}

/* ---- chunks ---- */

static bool window_map(struct mw_process *p, uint32_t first, uint32_t count)
{
	char path[SHM_PATH_MAX + 32];
	struct mw_window *w = &p->windows[p->n_windows];
	void *base;
	int fd;

	if (p->n_windows == MW_MAX_WINDOWS)
		return false;
	mw_path_format(path, sizeof(path), mw_session_path(), p->slot, SHM_SLOT_MEM_SUFFIX);
	fd = sys_open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	base = sys_map_file(fd, (size_t)count * WIRE_CHUNK_BYTES, shm_chunk_offset(first));
	sys_close(fd);
	if (!base)
		return false;
	sys_madvise(base, (size_t)count * WIRE_CHUNK_BYTES, MADV_DONTFORK);
	*w = (struct mw_window){.base = base, .first = first, .count = count};
	p->n_windows++;
	return true;
}

/* Takes the memory of a stream's words and chunk now: a full /dev/shm is then an error here and not a SIGBUS later. */
static bool chunk_reserve(uint32_t i)
{
	char path[SHM_PATH_MAX + 32];
	uint64_t words = offsetof(struct shm_slot, streams) + i * sizeof(struct shm_stream);
	long rc;
	int fd;

	mw_path_format(path, sizeof(path), mw_session_path(), mw_proc->slot, SHM_SLOT_MEM_SUFFIX);
	fd = sys_open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	rc = SYS4(SYS_fallocate, fd, 0, words, sizeof(struct shm_stream));
	if (rc >= 0)
		rc = SYS4(SYS_fallocate, fd, 0, shm_chunk_offset(i), WIRE_CHUNK_BYTES);
	sys_close(fd);
	return rc != -ENOSPC && rc != -EDQUOT && rc != -EFBIG;
}

static void *chunk_address(uint32_t i)
{
	struct mw_process *p = mw_proc;

	for (;;) {
		uint32_t end = 0;

		for (uint32_t k = 0; k < p->n_windows; k++) {
			const struct mw_window *w = &p->windows[k];

			if (i - w->first < w->count)
				return w->base + (size_t)(i - w->first) * WIRE_CHUNK_BYTES;
			end = w->first + w->count;
		}
		if (end >= SHM_MAX_STREAMS || !window_map(p, end, end == 0 ? 16 : end))
			return NULL;
	}
}

void *mw_process_chunk(uint32_t i)
{
	void *chunk = chunk_address(i);

	return chunk && chunk_reserve(i) ? chunk : NULL;
}

/* ---- attaching ---- */

/* The words that the program's calls test become those that the reporter can write. */
static bool gate_map(int fd)
{
	long p = SYS6(SYS_mmap, &mw_gate, sizeof(mw_gate), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
		      shm_gate_offset());

	return p == (long)(uintptr_t)&mw_gate;
}

/* In a fork child that will not be watched: what it writes must not reach its parent's. */
static void gate_part(void)
{
	SYS6(SYS_mmap, &mw_gate, sizeof(mw_gate), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
	     0);
}

/* At this process, or at how many slots are ready. */
static void have_reporter_look(void)
{
	atomic_fetch_add(&session->takers, 1);
	sys_futex_wake(&session->takers);
}

static bool slot_take(struct mw_process *p)
{
	char path[SHM_PATH_MAX + 32];
	bool mapped;
	int fd;

	pid_ns = session->pid_ns ? sys_inode("/proc/self/ns/pid") : 0;
	p->slot = atomic_fetch_add(&session->next_slot, 1);
	for (;;) {
		uint32_t ready = atomic_load(&session->slots_ready);

		if (p->slot < ready)
			break;
		if (reporter_dead())
			return false;
		have_reporter_look();
		sys_futex_wait(&session->slots_ready, ready, 50);
	}
	mw_path_format(path, sizeof(path), mw_session_path(), p->slot, SHM_SLOT_MEM_SUFFIX);
	fd = sys_open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	p->shm = sys_map_file(fd, sizeof(struct shm_slot), 0);
	mapped = p->shm && gate_map(fd);
	sys_close(fd);
	if (!mapped)
		return false;
	sys_madvise(p->shm, sizeof(struct shm_slot), MADV_DONTFORK);
	if (p->shm->magic != SHM_SLOT_MAGIC || p->shm->version != SHM_VERSION)
		return false;
	mapped_slot = p->shm;
	/* The same for each thread: static TLS. */
	p->shm->tls_offset = (uint64_t)(uintptr_t)__builtin_thread_pointer() - (uint64_t)(uintptr_t)&mw_tls;
	p->shm->tls_bytes = sizeof(mw_tls);
	p->shm->pid_ns = pid_ns;
	atomic_store(&p->shm->pid, (uint32_t)sys_getpid());
	have_reporter_look();
	return true;
}

static bool session_map(void)
{
	char path[SHM_PATH_MAX + 32];
	int fd;

	if (session)
		return true;
	if (!mw_paths_init())
		return false;
	mw_path_join(path, sizeof(path), mw_session_path(), SHM_SESSION_FILE);
	fd = sys_open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return false;
	session = sys_map_file(fd, sizeof(*session), 0);
	sys_close(fd);
	return session && session->magic == SHM_SESSION_MAGIC && session->version == SHM_VERSION;
}

/* Once for the process and its forks. */
static void limit_install(struct mw_process *p)
{
	static enum { LIMIT_NEW, LIMIT_KEPT, LIMIT_FAILED } state;

	if (!session->hard_limit)
		return;
	if (state == LIMIT_NEW)
		state = mw_limit_install(session->hard_limit) ? LIMIT_KEPT : LIMIT_FAILED;
	atomic_store(&p->shm->hard_limit_failed, state == LIMIT_FAILED);
}

static bool attach(struct mw_process *p, enum wire_start start)
{
	if (!session_map() || !slot_take(p))
		return false;
	limit_install(p);
	p->pid = sys_getpid();
	p->flags = session->flags;
	p->n_filters = session->n_filters;
	p->reporter_pid = session->reporter_pid;
	p->start_ns = sys_clock_ns(CLOCK_MONOTONIC);
	p->shm->malloc_addr = (uint64_t)(uintptr_t)mw_real.malloc;
	pipe_open(p);
	if (!mw_writer_hello(p, start, start == WIRE_START_FORK ? parent_slot : SHM_NO_SLOT)) {
		atomic_fetch_add(&p->shm->lost_records, 1); /* partner: conclude() in cli/ingest/life.c */
		return false;
	}
	parent_slot = p->slot;
	return true;
}

/* The state is decided once by whoever comes first; signals are blocked, so that no handler waits for its own thread.
 */
static void attach_once(enum wire_start start)
{
	struct mw_process *p = mw_proc;
	sys_sigset signals = sys_block_signals();
	uint32_t zero = 0;

	if (atomic_compare_exchange_strong(&p->attached, &zero, 1)) {
		bool ok = attach(p, start);

		if (!ok && start == WIRE_START_FORK)
			gate_part();
		atomic_store(&mw_state, !ok                               ? MW_OFF
					: p->flags & SHM_FLAG_FREE_STACKS ? MW_ON | SHM_WANT_FREE_STACKS
									  : MW_ON);
		atomic_store(&p->attached, 2);
	} else {
		while (atomic_load(&p->attached) != 2)
			SYS0(SYS_sched_yield);
	}
	sys_restore_signals(signals);
}

bool mw_start(void)
{
	static struct mw_process *_Atomic claimed;

	if (atomic_load(&mw_state) != MW_NEW)
		return mw_is_on();
	if (!atomic_load(&claimed)) {
		struct mw_process *p = sys_alloc(sizeof(*p)), *none = NULL;

		if (!p)
			return false;
		sys_madvise(p, sizeof(*p), MADV_WIPEONFORK);
		if (!atomic_compare_exchange_strong(&claimed, &none, p))
			sys_unmap(p, sizeof(*p));
	}
	mw_proc = atomic_load(&claimed);
	attach_once(WIRE_START_EXEC);
	return mw_is_on();
}

void mw_attach_child(void)
{
	if (!mw_is_on())
		return;
	if (session->flags & SHM_FLAG_NO_CHILDREN) {
		gate_part();
		atomic_store(&mw_state, MW_OFF);
		return;
	}
	attach_once(WIRE_START_FORK);
}
