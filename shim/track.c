#include "shim/track.h"

#include "shim/blocks.h"
#include "shim/modules.h"
#include "shim/quick.h"
#include "shim/real.h"
#include "shim/stack.h"
#include "shim/stamp.h"
#include "shim/writer.h"

#include <string.h>

#define MARK_NAME_MAX 255
#define ADDRESS(p)    ((uint64_t)(uintptr_t)(p))

static inline uint32_t stack_of(struct writer *w, const struct regs *at)
{
	uint32_t node;

	return mw_memo_is_good(w) && mw_memo_find(&w->stacks.memo, at, &node) ? node : mw_stack_capture(w, at);
}

/* Ends the recording of a new block. Returns it. */
static inline void *leave_with(struct tls *t, void *p)
{
	mw_leave(t);
	arch_forget_registers(); /* as in quick.h */
	return p;
}

/* The long form, for sizes and stacks that do not fit a word together. */
static MW_COLD uint32_t put_big(uint64_t *words, uint64_t head, uint64_t size, uint32_t stack)
{
	words[0] = (head & ~UINT64_C(15)) | WIRE_ALLOC_BIG;
	words[1] = size;
	words[2] = (uint64_t)stack << 8 | (head & 15);
	return 24;
}

/* Records the event of `head` (its first word without the address) with a size and a stack; `addr` is 0 where there is
 * no block. */
static inline void put_sized(struct writer *w, uint64_t addr, uint32_t head, uint64_t size, uint32_t stack)
{
	uint64_t *words = mw_reserve(w, 32);
	uint32_t stamped = addr ? mw_stamp_address(w, words, addr) : 0;
	uint32_t n = 16, at = (uint32_t)w->pub + stamped;

	words += stamped / 8;
	if (MW_UNLIKELY(size > WIRE_SIZE_MAX || stack > WIRE_STACK_MAX)) {
		n = put_big(words, addr << 16 | head, size, stack);
		if (addr)
			mw_blocks_alloc(addr, BLOCK_MADE(head >> 8), 0, 0);
	} else if (MW_LIKELY(addr)) {
		n = mw_put_block(w, at, addr, head, wire_size_word(size, stack));
		mw_blocks_alloc(addr, BLOCK_MADE(head >> 8), w->mark, at);
	} else {
		words[0] = head;
		words[1] = wire_size_word(size, stack);
	}
	mw_publish(w, stamped + n);
	mw_stamp_done(w, stamped);
}

/* Tells where the release comes from that is recorded next. */
static MW_COLD void put_free_stack(struct writer *w, uint64_t addr, const struct regs *at)
{
	uint32_t stack = stack_of(w, at);

	mw_put_ext(w, WIRE_FREE_STACK, stack, &addr, sizeof(addr));
}

/* Whether the block at `addr`, of which `entry` was known, and whose last event was on this stream unless `stamped`,
 * can have a near free; *at is then where its record is. */
static inline bool is_near(struct writer *w, uint64_t entry, uint64_t addr, uint32_t stamped, uint32_t *at)
{
	bool found = mw_blocks_near(entry, addr, w->mark, at);

	if (MW_UNLIKELY(found && mw_several_streams() && !mw_writer_heeded_forks(w))) {
		w->fork_serial = atomic_load_explicit(&mw_fork_serial, memory_order_relaxed);
		mw_writer_forget(w);
		return false;
	}
	return found && stamped == 0;
}

static inline void put_free(struct writer *w, uint64_t entry, uint64_t addr, unsigned kind)
{
	uint64_t *words = mw_reserve(w, 16);
	uint32_t stamped = mw_stamp_address(w, words, addr), at;

	if (MW_LIKELY(is_near(w, entry, addr, stamped, &at))) {
		uint64_t *block = (uint64_t *)(void *)(w->payload + at);

		*block |= WIRE_NEAR; /* before the free can be seen */
		words[0] = wire_near_word(addr, kind, ((uint32_t)w->pub - at) / 8);
	} else {
		words[stamped / 8] = wire_addr_word(WIRE_FREE, addr, kind);
	}
	mw_publish(w, stamped + 8);
	mw_stamp_done(w, stamped);
}

static inline void put_realloc_begin(struct writer *w, uint64_t addr)
{
	uint64_t *words = mw_reserve(w, 16);
	uint32_t stamped = mw_stamp_address(w, words, addr);

	words[stamped / 8] = wire_addr_word(WIRE_REALLOC_BEGIN, addr, WIRE_KIND_REALLOC);
	mw_publish(w, stamped + 8);
	mw_stamp_done(w, stamped);
}

/*
 * tcmalloc and mimalloc keep their free lists in the free blocks, and leave the link to the next one in a block that
 * they hand out. What the program never writes would so hold the block that comes next, and hide that it is lost.
 * malloc leaves contents undefined; the allocator has just read the words. glibc clears or scrambles its own.
 */
static MW_COLD void clear_links(uint64_t *words, size_t size_bytes)
{
	if (size_bytes >= 8)
		words[0] = 0;
	if (size_bytes >= 16)
		words[1] = 0;
}

void *mw_track_alloc(void *p, size_t size_bytes, unsigned kind, const struct regs *at)
{
	struct tls *t = &mw_tls;
	struct writer *w = mw_enter(t, at->sp);
	uint64_t hidden;
	uint32_t stack;

	if (MW_UNLIKELY(!w))
		return p;
	if (MW_UNLIKELY(t->want_kind)) {
		/* operator new called malloc: the event is operator new's, from its caller */
		if (mw_want_is_pending(t, at)) {
			kind = t->want_kind;
			size_bytes = t->want_size;
			at = &t->want_at;
			t->want_got = p;
		}
		t->want_kind = 0;
	}
	if (MW_UNLIKELY(mw_real_foreign()) && p)
		clear_links(p, size_bytes);
	hidden = track_hidden(p);
	stack = stack_of(w, at);
	p = track_shown(hidden);
	put_sized(w, ADDRESS(p), (uint32_t)wire_addr_word(p ? WIRE_ALLOC : WIRE_FAIL, 0, kind), size_bytes, stack);
	return leave_with(t, p);
}

void *mw_track_alloc_rest(void *p, size_t size_bytes, uint32_t how, uint64_t ip, uint64_t sp, uint64_t bp)
{
	uint32_t quick_head = how & ~(uint32_t)QUICK_MASK, head = how & QUICK_HEAD, stack;
	const struct regs at = {.ip = ip, .sp = sp, .bp = bp};
	struct writer *w = mw_tls.w[0];
	uint64_t hidden;

	if (MW_UNLIKELY(how & QUICK_WALK && w->limit == 0)) { /* wiped by a fork past every handler */
		mw_leave(&mw_tls);
		how = QUICK_NOT;
	}
	if (MW_UNLIKELY(how & QUICK_NOT))
		return (head & 15) == WIRE_ALLOC ? mw_track_alloc(p, size_bytes, head >> 8, &at)
						 : mw_track_realloc_end(p, size_bytes, head >> 8, &at);
	hidden = track_hidden(p);
	stack = mw_stack_capture(w, &at);
	p = track_shown(hidden);
	if (MW_UNLIKELY(stack > WIRE_STACK_MAX) || !mw_quick_put(w, ADDRESS(p), size_bytes, quick_head, stack))
		put_sized(w, ADDRESS(p), head, size_bytes, stack);
	return leave_with(&mw_tls, p);
}

void mw_track_free(const void *p, unsigned kind, const struct regs *at)
{
	struct tls *t = &mw_tls;
	struct writer *w;
	uint64_t entry;

	if (MW_UNLIKELY(t->deleting)) {
		const void *deleting = t->deleting;

		mw_set_deleting(t, NULL);
		if (deleting == p)
			return;
	}
	w = mw_enter(t, at->sp);
	if (MW_UNLIKELY(!w))
		return;
	entry = mw_blocks_release(ADDRESS(p));
	if (MW_UNLIKELY(mw_blocks_suspect(entry, ADDRESS(p), kind)))
		put_free_stack(w, ADDRESS(p), at);
	put_free(w, entry, ADDRESS(p), kind);
	mw_leave(t);
}

void mw_track_free_rest(void *p, unsigned kind, uint64_t ip, uint64_t sp, uint64_t bp)
{
	const struct regs at = {.ip = ip, .sp = sp, .bp = bp};

	mw_track_free(p, kind, &at);
	mw_real.free(p);
}

void mw_track_free_stack(const void *p, const struct regs *at)
{
	struct tls *t = &mw_tls;
	struct writer *w;

	if (t->deleting == p)
		return;
	w = mw_enter(t, at->sp);
	if (!w)
		return;
	mw_writer_forget(w); /* the reporter keeps no near block, and so could not tell that it was freed again */
	put_free_stack(w, ADDRESS(p), at);
	mw_leave(t);
}

void mw_track_realloc_begin(const void *old, const struct regs *at)
{
	struct tls *t = &mw_tls;
	struct writer *w = mw_enter(t, at->sp);

	if (MW_UNLIKELY(!w))
		return;
	if (mw_blocks_suspect(mw_blocks_release(ADDRESS(old)), ADDRESS(old), WIRE_KIND_REALLOC))
		put_free_stack(w, ADDRESS(old), at);
	put_realloc_begin(w, ADDRESS(old));
	mw_leave(t);
}

void *mw_track_realloc_end(void *p, size_t size_bytes, unsigned kind, const struct regs *at)
{
	struct tls *t = &mw_tls;
	struct writer *w = mw_enter(t, at->sp);
	enum wire_realloc result = p ? WIRE_REALLOC_DONE : size_bytes ? WIRE_REALLOC_FAILED : WIRE_REALLOC_FREED;
	uint64_t hidden = track_hidden(p);
	uint32_t stack;

	if (MW_UNLIKELY(!w))
		return p;
	stack = stack_of(w, at);
	p = track_shown(hidden);
	put_sized(w, ADDRESS(p), (uint32_t)wire_addr_word(WIRE_REALLOC_END, 0, kind) | (uint32_t)result << 4,
		  size_bytes, stack);
	return leave_with(t, p);
}

void mw_track_map(const void *p, size_t length_bytes, unsigned kind, const struct regs *at)
{
	struct tls *t = &mw_tls;
	struct writer *w = mw_enter(t, at->sp);
	uint32_t stack, stamped;
	uint64_t *words;

	if (!w)
		return;
	stack = stack_of(w, at);
	words = mw_reserve(w, 32);
	stamped = mw_stamp_address(w, words, ADDRESS(p));
	words += stamped / 8;
	words[0] = wire_addr_word(WIRE_MAP, ADDRESS(p), kind);
	words[1] = length_bytes;
	words[2] = stack;
	mw_publish(w, stamped + 24);
	mw_stamp_done(w, stamped);
	mw_leave(t);
}

void mw_track_unmap(const void *p, size_t length_bytes, unsigned kind, const struct regs *at)
{
	struct tls *t = &mw_tls;
	struct writer *w = mw_enter(t, at->sp);
	uint32_t stamped;
	uint64_t *words;

	if (!w)
		return;
	words = mw_reserve(w, 24);
	stamped = mw_stamp_address(w, words, ADDRESS(p));
	words += stamped / 8;
	words[0] = wire_addr_word(WIRE_UNMAP, ADDRESS(p), kind);
	words[1] = length_bytes;
	mw_publish(w, stamped + 16);
	mw_stamp_done(w, stamped);
	mw_leave(t);
	if (atomic_load_explicit(&mw_proc->unknown_code, memory_order_relaxed))
		atomic_fetch_add(&mw_epoch, 1); /* perhaps the code of a JIT, for which rules are remembered */
}

void mw_track_ext(unsigned type, uint32_t aux, const char *string)
{
	struct regs at = ARCH_CALLER_REGS();
	struct tls *t = &mw_tls;
	struct writer *w = mw_enter(t, at.sp);
	size_t n = strlen(string);

	if (!w)
		return;
	mw_stamp(w);
	mw_put_ext(w, type, n ? (uint32_t)n : aux, string, n);
	mw_leave(t);
}

void mw_track_operators(void)
{
	if (atomic_exchange(&mw_operators_are_foreign, 1) == 0)
		mw_track_ext(WIRE_OPERATORS, 0, "");
}

bool mw_track_about(unsigned type, uint32_t aux, const uint64_t *words, uint32_t n_words, const struct regs *at)
{
	struct tls *t = &mw_tls;
	struct writer *w = mw_enter(t, at->sp);
	uint64_t *to;
	uint32_t stamped;

	if (!w)
		return false;
	mw_writer_forget(w);
	to = mw_reserve(w, 8 + 8 + n_words * 8);
	stamped = mw_stamp_address(w, to, words[0]);
	to += stamped / 8;
	to[0] = wire_ext_word(type, n_words, aux);
	memcpy(to + 1, words, n_words * 8);
	mw_publish(w, stamped + 8 + n_words * 8);
	mw_stamp_done(w, stamped);
	mw_leave(t);
	return true;
}

bool mw_track_mark(unsigned type, const char *name, const struct regs *at)
{
	struct tls *t = &mw_tls;
	struct writer *w = mw_enter(t, at->sp);
	size_t n = strnlen(name, MARK_NAME_MAX);
	uint64_t now_ns;

	if (!w)
		return false;
	now_ns = sys_clock_ns(CLOCK_MONOTONIC);
	mw_stamp(w);
	mw_put_ext2(w, type, (uint32_t)n, &now_ns, sizeof(now_ns), name, n);
	mw_leave(t);
	return true;
}

void mw_track_ignore(int change, const struct regs *at)
{
	struct tls *t = &mw_tls;
	struct writer *w;

	if (change > 0)
		t->ignoring++;
	else if (t->ignoring > 0)
		t->ignoring--;
	w = mw_enter(t, at->sp);
	if (!w)
		return;
	mw_put_ignoring(w, t);
	mw_leave(t);
}

void mw_track_fork(void)
{
	mw_tls.forking = atomic_fetch_add(&mw_fork_serial, 1) + 1;
	mw_track_ext(WIRE_FORK, mw_tls.forking, "");
}

void mw_track_forked(void)
{
	mw_tls.forking = 0;
}
