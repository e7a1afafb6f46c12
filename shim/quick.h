/*
 * The usual case of recording an allocation or a release, for the entry functions: one stream or a block that was this
 * stream's before, a stack that is remembered, room in the chunk. All else goes to track.h's functions, which do
 * every case. Here each instruction and each store counts beyond its own time: the processor looks only so far ahead
 * for the program's next cache miss, which it would otherwise have under way already.
 */
#ifndef SHIM_QUICK_H
#define SHIM_QUICK_H

#include "shim/blocks.h"
#include "shim/real.h"
#include "shim/stack.h"
#include "shim/stamp.h"
#include "shim/track.h"
#include "shim/writer.h"

/* mw_enter() where nothing is special, else false. The writer is t->w[0]. */
static MW_ALWAYS_INLINE bool quick_enter(struct tls *t, uint64_t sp)
{
	if (MW_UNLIKELY(t->busy))
		return false;
	t->busy = 1; /* the level */
	t->entry_sp[0] = sp;
	atomic_signal_fence(memory_order_seq_cst);
	return true;
}

static MW_ALWAYS_INLINE void quick_leave(struct tls *t)
{
	atomic_signal_fence(memory_order_seq_cst);
	t->busy = 0;
}

/* Whether a record of `n_bytes` can be put as it is: there is room (never in a wiped writer), and no stamp is needed.
 */
static MW_ALWAYS_INLINE bool quick_fits(const struct writer *w, uint64_t pub, uint64_t addr, uint32_t n_bytes)
{
	return MW_LIKELY((uint32_t)pub + n_bytes <= w->limit) &&
	       (MW_LIKELY(!mw_several_streams()) || MW_LIKELY(mw_stamp_is_owner(w, addr) && mw_writer_heeded_forks(w)));
}

/* The first word of a record, without the address, and above that the state of a block that is made so. */
#define QUICK_HEAD              0xffffu
#define QUICK_STATE_SHIFT       24
#define QUICK_KIND(kind)        ((uint32_t)BLOCK_MADE(kind) << QUICK_STATE_SHIFT | (uint32_t)(kind) << 8)
#define QUICK_ALLOC(kind)       (QUICK_KIND(kind) | WIRE_ALLOC)
#define QUICK_REALLOC_END(kind) (QUICK_KIND(kind) | WIRE_REALLOC_DONE << 4 | WIRE_REALLOC_END)

/* How far mw_quick_alloc() got: bits that these words do not have. */
enum quick {
	QUICK_DONE = 0,
	QUICK_WALK = 1 << 16, /* the recording is under way, the stack is not the one guessed */
	QUICK_NOT = 2 << 16,  /* nothing has been done */
	QUICK_MASK = 3 << 16,
};

/* The record of a block whose stack is known, `head` as above; false: nothing has been put. */
static MW_ALWAYS_INLINE bool mw_quick_put(struct writer *w, uint64_t addr, uint64_t size, uint32_t head, uint32_t node)
{
	uint64_t pub = w->pub;
	uint32_t n_bytes;

	if (!quick_fits(w, pub, addr, 16))
		return false;
	n_bytes = mw_put_block(w, (uint32_t)pub, addr, head & QUICK_HEAD, wire_size_word(size, node));
	mw_blocks_alloc(addr, head >> QUICK_STATE_SHIFT, w->mark, (uint32_t)pub);
	mw_publish_at(w, pub + n_bytes);
	return true;
}

/* The caller's registers once more: to keep them from the first use on would take registers from all in between. */
#define QUICK_CALLER_AGAIN()                                                                                           \
	({                                                                                                             \
		atomic_signal_fence(memory_order_seq_cst);                                                             \
		ARCH_CALLER_REGS();                                                                                    \
	})

static MW_ALWAYS_INLINE bool quick_stack(struct writer *w, uint32_t *node)
{
	struct regs at = ARCH_CALLER_REGS();

	if (MW_UNLIKELY(!mw_memo_is_good(w)))
		return false;
	if (MW_LIKELY(mw_memo_guess(&w->stacks.memo, &at, node)))
		return true;
	at = QUICK_CALLER_AGAIN();
	return mw_memo_look(&w->stacks.memo, &at, node);
}

static MW_ALWAYS_INLINE enum quick quick_alloc(const void *p, size_t size, uint32_t head)
{
	enum quick how = QUICK_DONE;
	struct writer *w;
	uint32_t node;

	if (MW_UNLIKELY(!p || size > WIRE_SIZE_MAX || mw_real_foreign()))
		return QUICK_NOT;
	if (MW_UNLIKELY(!quick_enter(&mw_tls, ARCH_CALLER_REGS().sp)))
		return QUICK_NOT;
	w = mw_tls.w[0];
	if (MW_UNLIKELY(!quick_stack(w, &node)))
		return QUICK_WALK;
	if (MW_UNLIKELY(!mw_quick_put(w, (uint64_t)(uintptr_t)p, size, head, node)))
		how = QUICK_NOT;
	quick_leave(&mw_tls);
	arch_forget_registers(); /* a scan would find the block there */
	return how;
}

/*
 * What mw_track_alloc() does, or mw_track_realloc_end() of a block: `head` is one of the two above. Returns p. The
 * function that this is inlined into is the one that the program called.
 */
static MW_ALWAYS_INLINE void *mw_quick_alloc(void *p, size_t size, uint32_t head)
{
	enum quick how = quick_alloc(p, size, head);
	struct regs at;

	if (MW_LIKELY(how == QUICK_DONE))
		return p;
	at = QUICK_CALLER_AGAIN();
	return mw_track_alloc_rest(p, size, head | how, at.ip, at.sp, at.bp);
}

/*
 * mw_quick_alloc() where it is called last, by the function that the program called: one piece of code for all
 * allocation functions, as the program's own code wants to stay in the processor's cache, too.
 */
void *mw_alloc_after(void *p, size_t size, uint32_t head);

/* The word of a block's end. If its record is in this chunk, that is told there too. */
static MW_ALWAYS_INLINE uint64_t quick_free_word(struct writer *w, uint64_t pub, uint64_t entry, uint64_t addr,
						 unsigned kind)
{
	uint64_t place = (entry & BLOCK_PLACE_MASK) >> BLOCK_PLACE_SHIFT;

	if ((entry ^ w->mark) >> BLOCK_MARK_SHIFT || MW_UNLIKELY(entry & BLOCK_FAR))
		return wire_addr_word(WIRE_FREE, addr, kind);
	((uint64_t *)(void *)w->payload)[place] |= WIRE_NEAR; /* before the free can be seen */
	return wire_near_word(addr, kind, (uint32_t)pub / 8 - (uint32_t)place);
}

static MW_ALWAYS_INLINE bool quick_put_end(struct writer *w, uint64_t addr, enum wire_op op, unsigned kind)
{
	uint64_t pub = w->pub, entry, differs, word;

	if (!quick_fits(w, pub, addr, 8))
		return false;
	entry = mw_blocks_release(addr);
	differs = (entry ^ mw_block(addr, mw_block_wanted(kind))) & BLOCK_MASK;
	if (op == WIRE_FREE && MW_LIKELY(differs == 0)) {
		word = quick_free_word(w, pub, entry, addr, kind);
	} else if (MW_LIKELY(differs == 0 || mw_blocks_other(entry, differs))) {
		word = wire_addr_word(op, addr, kind);
	} else {
		/* for mw_track_free() to see */
		atomic_store_explicit(mw_block_place(addr), entry, memory_order_relaxed);
		return false;
	}
	__builtin_prefetch(w->payload + (uint32_t)pub + WRITER_AHEAD_WORDS * 8, 1);
	*(uint64_t *)(void *)(w->payload + (uint32_t)pub) = word;
	mw_publish_at(w, pub + 8);
	return true;
}

/* What mw_track_free() does, or mw_track_realloc_begin(); false: it is to be called, nothing has been done. */
static MW_ALWAYS_INLINE bool quick_end(const void *p, enum wire_op op, unsigned kind)
{
	bool put;

	if (MW_UNLIKELY(!quick_enter(&mw_tls, ARCH_CALLER_REGS().sp)))
		return false;
	put = quick_put_end(mw_tls.w[0], (uint64_t)(uintptr_t)p, op, kind);
	quick_leave(&mw_tls);
	return put;
}

/* Records the release of `p`, which is not NULL, and makes it. Inlined as mw_quick_alloc(). */
static MW_ALWAYS_INLINE void mw_quick_free(void *p, unsigned kind)
{
	struct regs at;

	if (MW_LIKELY(quick_end(p, WIRE_FREE, kind))) {
		mw_real.free(p);
		return;
	}
	at = QUICK_CALLER_AGAIN();
	mw_track_free_rest(p, kind, at.ip, at.sp, at.bp);
}

static MW_ALWAYS_INLINE bool mw_quick_realloc_begin(const void *old)
{
	return quick_end(old, WIRE_REALLOC_BEGIN, WIRE_KIND_REALLOC);
}

#endif
