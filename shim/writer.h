/*
 * A writer puts records into one stream's chunk and sends the chunk when it is full. A thread has one for its
 * normal events and, while a signal handler interrupts the recording of an event, others for the handler's (level 1,
 * 2). A writer outlives its thread and is taken over by the next that starts.
 */
#ifndef SHIM_WRITER_H
#define SHIM_WRITER_H

#include "common/compiler.h"
#include "common/shm.h"
#include "shim/blocks.h"
#include "shim/cfi.h"
#include "shim/process.h"
#include "shim/stack.h"

#include <stdbool.h>
#include <string.h>

#define WRITER_LEVELS 3
#define WRITER_LIKES  1024u
/* Of the chunk, asked for ahead: since it was last filled its lines have been evicted, and a store that waits for one
 * holds up all that follow. */
#define WRITER_AHEAD_WORDS 24u
#define WRITER_MUTED  64 /* a level at which nothing is recorded: the shim's own calls */

struct writer {
	/* What each recording reads: a cache line, since the program needs the cache. */
	uint64_t pub; /* published: seq << 32 | offset */
	char *payload;
	uint32_t limit; /* bytes of payload; 0 = wiped by a fork */
	uint32_t index; /* the stream's number */
	uint64_t mark;  /* of its chunk: by it is known whose records are in it (blocks.h) */
	struct shm_stream *shared;
	uint32_t fork_serial; /* of the last fork that was heeded: what lives at a fork must be known by its address */
	uint32_t trusted;     /* the epoch in which what the memo of `stacks` knows can be used as it is; 0: never */

	uint64_t mark_cycle;
	/* By size and stack: the word of the chunk that the last ALLOC or REALLOC_END with them begins at, if any. */
	uint16_t likes[WRITER_LIKES];
	bool ignoring; /* what the stream has last said of it */
	struct wire_frame *frame; /* start of the chunk */
	struct writer *next_free;
	uint32_t announced[MW_MAX_MODULES]; /* by place in the list: id of the module that this stream has told of */
	struct stack_cache stacks;          /* at the end, see there */
};

/* The first cache line is what each recording needs. */
struct tls {
	/* What keeps a recording from being the usual one (quick.h). Each recording reads it all as one word, and so
	 * has to write it: the processor cannot hand a narrow store on to a wide load, which then waits until all
	 * stores before have reached the cache. */
	union {
		struct {
			uint32_t level;     /* recordings under way in this thread */
			uint16_t want_kind; /* operator new is calling malloc: record it as this kind, 0 = none */
			uint8_t deletes;    /* `deleting` is set */
			uint8_t new_here;   /* w[0] is not there yet, or any more */
		};
		uint64_t busy;
	};
	struct writer *w[WRITER_LEVELS];
	uint64_t entry_sp[WRITER_LEVELS];
	const void *deleting; /* operator delete has recorded this block's end: the free inside has not to */
	struct regs want_at;  /* … from here */
	size_t want_size;     /* … and of this size */
	const void *want_got; /* the block that came of the last wish */
	uint32_t exit_rounds;
	uint32_t ignoring; /* scopes in which the program wants its allocations ignored */
	uint32_t forking;  /* serial of the fork that this thread is in, 0 = none */
	bool first;        /* the program began with this thread; also in its fork children */
};

extern __thread _Alignas(64) struct tls mw_tls MW_HIDDEN __attribute__((tls_model("initial-exec")));

/* NULL: none is being deleted any more. */
static inline void mw_set_deleting(struct tls *t, const void *p)
{
	t->deleting = p;
	t->deletes = p != NULL;
}

_Static_assert(offsetof(struct writer, mark_cycle) <= 64 && offsetof(struct tls, deleting) <= 64, "a cache line");

/* Whether the memo of stacks may be asked. */
static inline bool mw_memo_is_good(const struct writer *w)
{
	return w->trusted == atomic_load_explicit(&mw_epoch, memory_order_relaxed);
}

/* Whether operator new is calling the function that `at` is the caller of. One that was left by an exception may have
 * left its wish: it is not above us on the stack. */
static inline bool mw_want_is_pending(const struct tls *t, const struct regs *at)
{
	return t->want_kind && at->sp < t->want_at.sp && t->want_at.sp - at->sp < 4096;
}

/* Begins the recording of an event: the writer to use, or NULL when it cannot be recorded. Each non-NULL needs a leave.
 */
static inline struct writer *mw_enter(struct tls *t, uint64_t sp);
static inline void mw_leave(struct tls *t)
{
	atomic_signal_fence(memory_order_seq_cst);
	t->busy--; /* the level */
}

/* The cases that are not the usual one; see mw_enter. */
struct writer *mw_enter_slow(struct tls *t, uint64_t sp);

static inline struct writer *mw_enter(struct tls *t, uint64_t sp)
{
	struct writer *w = t->w[0];

	if (MW_UNLIKELY(t->level != 0 || !w || w->limit == 0))
		return mw_enter_slow(t, sp);
	t->busy++; /* the level */
	t->entry_sp[0] = sp;
	atomic_signal_fence(memory_order_seq_cst);
	return w;
}

/* From here on no block is known to have its record in this chunk: when the chunk ends, and before a record that needs
 * blocks to be known by their addresses. */
static inline void mw_writer_forget(struct writer *w)
{
	w->mark = mw_blocks_next_mark(&w->mark_cycle);
}

/* Whether the chunk has no near blocks that lived at a fork. */
static inline bool mw_writer_heeded_forks(const struct writer *w)
{
	return w->fork_serial == atomic_load_explicit(&mw_fork_serial, memory_order_relaxed);
}

/* Sends the chunk and starts the next. */
void mw_writer_flush(struct writer *w);

/* Room for a record of `n_bytes`. */
static inline uint64_t *mw_reserve(struct writer *w, uint32_t n_bytes)
{
	if (MW_UNLIKELY((uint32_t)w->pub + n_bytes > w->limit))
		mw_writer_flush(w);
	return (uint64_t *)(void *)(w->payload + (uint32_t)w->pub);
}

/* Makes what comes before `pub` visible to the reporter; partner: its reading in place (shm.h). */
static inline void mw_publish_at(struct writer *w, uint64_t pub)
{
	w->pub = pub;
	atomic_store_explicit(&w->shared->published, pub, memory_order_release);
}

/* Makes `n_bytes` more visible. */
static inline void mw_publish(struct writer *w, uint32_t n_bytes)
{
	mw_publish_at(w, w->pub + n_bytes);
}

/* For an empty chunk: no block is like another yet. Where mw_put_block() knows of none it looks at the chunk's first
 * word, which is a record's or this. */
static inline void mw_likes_clear(struct writer *w)
{
	memset(w->likes, 0, sizeof(w->likes));
	*(uint64_t *)(void *)w->payload = WIRE_NONE;
}

/* Puts the ALLOC or REALLOC_END of `head` (its first word without the address) at byte `at` of the chunk, or the SAME
 * that stands for it; the bytes that it takes, 8 or 16. Not yet published. */
static inline uint32_t mw_put_block(struct writer *w, uint32_t at, uint64_t addr, uint32_t head, uint64_t size_word)
{
	const uint64_t *payload = (const uint64_t *)(const void *)w->payload;
	uint64_t *to = (uint64_t *)(void *)(w->payload + at);
	uint16_t *place = &w->likes[size_word * UINT64_C(0x9e3779b97f4a7c15) >> 54];
	const uint64_t *like = payload + *place;

	__builtin_prefetch(to + WRITER_AHEAD_WORDS, 1);
	if (like[1] == size_word && (uint16_t)(like[0] & ~WIRE_NEAR) == head && MW_LIKELY(wire_back_says(addr))) {
		*to = wire_back_word(WIRE_SAME, addr, at / 8 - *place);
		return 8;
	}
	*place = (uint16_t)(at / 8);
	to[0] = addr << 16 | head;
	to[1] = size_word;
	return 16;
}

/* An EXT record: `n` bytes (padded to words) after the head. */
void mw_put_ext(struct writer *w, enum wire_ext type, uint32_t aux, const void *bytes, size_t n);

/* The same with two parts. */
void mw_put_ext2(struct writer *w, enum wire_ext type, uint32_t aux, const void *a, size_t na, const void *b,
		 size_t nb);

/* Tells, if it has changed, whether what comes now is to be ignored. */
void mw_put_ignoring(struct writer *w, const struct tls *t);

/* The first writer of the process and its WIRE_HELLO; false when there is no memory for it. */
bool mw_writer_hello(struct mw_process *p, enum wire_start start, uint32_t parent_slot);

/* Whether operator new or delete are the program's own, as WIRE_OPERATORS tells. Not wiped: the same in a child. */
extern _Atomic uint32_t mw_operators_are_foreign;

/* Gives the thread's writers back; called as late in its life as can be. */
void mw_writers_release(struct tls *t);

/* Puts down that this thread exists; pthread's keys tell of its end. */
void mw_thread_register(struct tls *t);
void mw_threads_init(void);

#endif
