/* Writable process-wide: the TLS variable, per thread; the key of the threads' ends and what operators there are, once.
 */
#include "shim/writer.h"

#include "common/tsc.h"
#include "shim/own_memory.h"
#include "shim/stamp.h"

#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>

__thread _Alignas(64) struct tls mw_tls __attribute__((tls_model("initial-exec"))) = {.new_here = 1};

_Atomic uint32_t mw_operators_are_foreign;

static pthread_key_t thread_key;
static bool thread_key_made;

/* ---- records ---- */

_Static_assert(WRITER_LIKES == 1u << 10, "mw_put_block() makes an index of 10 bits");

static void chunk_begin(struct writer *w)
{
	mw_likes_clear(w);
	mw_writer_forget(w);
}

void mw_writer_flush(struct writer *w)
{
	uint32_t seq = (uint32_t)(w->pub >> 32), bytes = (uint32_t)w->pub;
	sys_sigset signals = mw_lock(&mw_proc->pipe_lock);

	if (bytes) {
		wire_frame_init(w->frame, (uint32_t)mw_proc->pid, w->index, seq, bytes);
		mw_process_send(w->shared, w->frame, sizeof(*w->frame) + bytes, signals);
		w->pub = (uint64_t)(seq + 1) << 32;
		atomic_store_explicit(&w->shared->published, w->pub, memory_order_release);
		chunk_begin(w);
	}
	mw_unlock(&mw_proc->pipe_lock, signals);
}

void mw_put_ext2(struct writer *w, enum wire_ext type, uint32_t aux, const void *a, size_t na, const void *b, size_t nb)
{
	size_t max = WIRE_PAYLOAD_MAX - 8;
	uint32_t n_words;
	uint64_t *words;

	if (nb > max - na)
		nb = max - na;
	n_words = (uint32_t)((na + nb + 7) / 8);
	mw_writer_forget(w); /* forks, scans, ignored blocks: they want blocks known by their addresses */
	words = mw_reserve(w, 8 + n_words * 8);
	if (n_words)
		words[n_words] = 0;
	words[0] = wire_ext_word(type, n_words, aux);
	memcpy(words + 1, a, na);
	memcpy((char *)(words + 1) + na, b, nb);
	mw_publish(w, 8 + n_words * 8);
}

void mw_put_ext(struct writer *w, enum wire_ext type, uint32_t aux, const void *bytes, size_t n)
{
	mw_put_ext2(w, type, aux, bytes, n, "", 0);
}

void mw_put_ignoring(struct writer *w, const struct tls *t)
{
	bool ignoring = t->ignoring > 0;

	if (w->ignoring == ignoring)
		return;
	w->ignoring = ignoring;
	mw_put_ext(w, WIRE_IGNORE, ignoring, "", 0);
}

/* ---- taking and giving back ---- */

static void announce_thread(struct writer *w)
{
	uint64_t name[2] = {0, 0};
	uint32_t tid = (uint32_t)sys_gettid();

	SYS2(SYS_prctl, PR_GET_NAME, name);
	atomic_store(&w->shared->tid, tid);
	mw_put_ext(w, WIRE_THREAD, tid, name, sizeof(name));
}

/* A stream that nobody has used yet, in `w` (zeros). */
static bool writer_open(struct writer *w, uint32_t n_memo_words)
{
	struct shm_slot *shm = mw_proc->shm;
	uint32_t i = atomic_load(&shm->n_streams);
	char *chunk;

	if (i >= SHM_MAX_STREAMS)
		return false;
	chunk = mw_process_chunk(i);
	if (!chunk)
		return false;
	w->frame = (struct wire_frame *)(void *)chunk;
	w->payload = chunk + sizeof(struct wire_frame);
	w->index = i;
	w->shared = &shm->streams[i];
	w->pub = 0;
	w->limit = WIRE_PAYLOAD_MAX;
	w->stacks.epoch = atomic_load(&mw_epoch);
	mw_memo_begin(&w->stacks.memo, n_memo_words);
	chunk_begin(w);
	atomic_store(&shm->n_streams, i + 1);
	return true;
}

/* Memory for a writer that a fork wiped is used again by the thread that had it. */
static struct writer *writer_new(struct writer *wiped, uint32_t n_memo_words)
{
	size_t n_bytes = offsetof(struct writer, stacks.memo.words) + n_memo_words * sizeof(uint64_t);
	struct writer *w = wiped;

	if (!w) {
		w = mw_alloc(n_bytes);
		if (!w)
			return NULL;
		sys_madvise(w, n_bytes, MADV_WIPEONFORK);
	}
	if (writer_open(w, n_memo_words))
		return w;
	if (!wiped)
		sys_unmap(w, n_bytes);
	return NULL;
}

/* For that level of the thread; `wiped` is what it had there before a fork, or NULL. */
static struct writer *writer_take(const struct tls *t, uint32_t level, struct writer *wiped)
{
	uint32_t n_memo_words = t->first && level == 0 ? MEMO_WORDS : MEMO_WORDS_OTHER;
	sys_sigset signals = mw_lock(&mw_proc->slow_lock);
	struct writer *w = wiped ? NULL : mw_proc->free_writers;

	if (w)
		mw_proc->free_writers = w->next_free;
	else
		w = writer_new(wiped, n_memo_words);
	mw_unlock(&mw_proc->slow_lock, signals);
	return w;
}

static void set_writer(struct tls *t, uint32_t level, struct writer *w)
{
	t->w[level] = w;
	t->new_here = !t->w[0];
}

void mw_writers_release(struct tls *t)
{
	sys_sigset signals;

	t->level += WRITER_MUTED;
	t->first = false; /* it may get another's */
	signals = mw_lock(&mw_proc->slow_lock);
	for (int i = 0; i < WRITER_LEVELS; i++) {
		struct writer *w = t->w[i];

		set_writer(t, (uint32_t)i, NULL);
		if (!w || w->limit == 0)
			continue;
		w->stacks.n = 0; /* frames of a stack that is going away */
		atomic_store(&w->shared->tid, 0);
		w->next_free = mw_proc->free_writers;
		mw_proc->free_writers = w;
	}
	mw_unlock(&mw_proc->slow_lock, signals);
	t->level -= WRITER_MUTED;
}

/* ---- entering ---- */

/* A handler that leaves by longjmp leaves the level of the recording that it interrupted. It is noticed when the stack
 * is shorter than it was then; on an alternate stack that says nothing. */
static void recover_level(struct tls *t, uint64_t sp)
{
	stack_t alt;

	if (sp <= t->entry_sp[t->level - 1] || sp - t->entry_sp[t->level - 1] > (64u << 20))
		return;
	if (SYS2(SYS_sigaltstack, 0, &alt) < 0 || alt.ss_flags & SS_ONSTACK)
		return;
	while (t->level > 0 && sp > t->entry_sp[t->level - 1])
		t->level--;
}

/*
 * A handler has interrupted a recording, which goes on only behind what the handler does: nobody need wait for the
 * stamp that was being taken there, least of all the handler, for an answer. The record will come late, which does no
 * harm: until then no other thread can have the block.
 */
static void excuse(struct writer *interrupted)
{
	if (interrupted && interrupted->limit) /* not wiped by a fork */
		atomic_store(&interrupted->shared->inflight, 0);
}

struct writer *mw_enter_slow(struct tls *t, uint64_t sp)
{
	struct writer *w;
	uint32_t level;

	if (t->level >= WRITER_MUTED)
		return NULL;
	if (t->level > 0)
		recover_level(t, sp);
	level = t->level;
	if (!atomic_load(&mw_proc->attached))
		mw_attach_child();
	if (!mw_is_on())
		return NULL;
	if (level >= WRITER_LEVELS) {
		atomic_fetch_add(&mw_proc->shm->lost_records, 1);
		return NULL;
	}
	t->level = level + 1;
	t->entry_sp[level] = sp;
	atomic_signal_fence(memory_order_seq_cst);
	if (level > 0) {
		excuse(t->w[level - 1]);
		mw_stamp_several();
	}
	w = t->w[level];
	if (w && w->limit) {
		mw_put_ignoring(w, t);
		return w;
	}
	w = writer_take(t, level, w);
	set_writer(t, level, w);
	if (!w) {
		atomic_fetch_add(&mw_proc->shm->lost_records, 1);
		mw_leave(t);
		return NULL;
	}
	announce_thread(w);
	mw_put_ignoring(w, t);
	mw_thread_register(t);
	return w;
}

/* ---- the process's first record ---- */

static void put_program(struct writer *w)
{
	static char buf[4096]; /* at attach only, one thread */
	long n = sys_readlink("/proc/self/exe", buf, sizeof(buf));
	int fd;

	mw_put_ext(w, WIRE_EXE, n > 0 ? (uint32_t)n : 0, buf, n > 0 ? (size_t)n : 0);
	fd = sys_open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	n = fd >= 0 ? sys_read(fd, buf, sizeof(buf)) : 0;
	sys_close(fd);
	mw_put_ext(w, WIRE_ARGV, n > 0 ? (uint32_t)n : 0, buf, n > 0 ? (size_t)n : 0);
}

bool mw_writer_hello(struct mw_process *p, enum wire_start start, uint32_t parent_slot)
{
	struct tls *t = &mw_tls;
	struct wire_hello hello = {
		.version = WIRE_VERSION,
		.pid = (uint32_t)p->pid,
		.ppid = (uint32_t)SYS0(SYS_getppid),
		.start = start,
		.parent_slot = parent_slot,
		.fork_serial = start == WIRE_START_FORK ? t->forking : 0,
	};
	struct writer *w;

	p->owners = mw_alloc(sizeof(*p->owners) << OWNER_BITS);
	if (!p->owners)
		return false;
	sys_madvise((void *)p->owners, sizeof(*p->owners) << OWNER_BITS, MADV_WIPEONFORK);
	hello.tsc = p->tsc_base = tsc_ordered();
	hello.monotonic_ns = sys_clock_ns(CLOCK_MONOTONIC);
	hello.realtime_ns = sys_clock_ns(CLOCK_REALTIME);
	mw_stamp_single();
	t->first = t->first || start != WIRE_START_FORK;
	w = writer_take(t, 0, t->w[0] && t->w[0]->limit == 0 ? t->w[0] : NULL);
	if (!w)
		return false;
	set_writer(t, 0, w);
	mw_put_ext(w, WIRE_HELLO, 0, &hello, sizeof(hello));
	if (start == WIRE_START_EXEC)
		put_program(w);
	if (atomic_load(&mw_operators_are_foreign))
		mw_put_ext(w, WIRE_OPERATORS, 0, "", 0);
	announce_thread(w);
	mw_put_ignoring(w, t);
	mw_thread_register(t);
	mw_writer_flush(w); /* so that the reporter knows of us at once */
	return true;
}

/* ---- the end of a thread ---- */

/* Runs in each round of the key destructors; the writers go back in the last, since others' destructors free too. */
static void thread_ends(void *value)
{
	struct tls *t = value;

	if (++t->exit_rounds < _POSIX_THREAD_DESTRUCTOR_ITERATIONS) {
		pthread_setspecific(thread_key, t);
		return;
	}
	t->exit_rounds = 0;
	if (mw_is_on() && atomic_load(&mw_proc->attached))
		mw_writers_release(t);
}

void mw_threads_init(void)
{
	thread_key_made = pthread_key_create(&thread_key, thread_ends) == 0;
	if (thread_key_made)
		mw_thread_register(&mw_tls);
}

void mw_thread_register(struct tls *t)
{
	uint32_t level = t->level;

	if (!thread_key_made)
		return;
	t->level = WRITER_MUTED; /* setspecific may allocate for a high key */
	pthread_setspecific(thread_key, t);
	t->level = level;
}
