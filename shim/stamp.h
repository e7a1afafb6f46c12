/*
 * The order across threads without a lock: an event on an address is stamped only if the last event on that address
 * came from another stream (or the table has forgotten). Everything else is ordered by its stream. With a single
 * stream nothing is stamped. See "Order" in common/wire.h.
 */
#ifndef SHIM_STAMP_H
#define SHIM_STAMP_H

#include "common/tsc.h"
#include "shim/process.h"
#include "shim/writer.h"

#define OWNER_BITS 18 /* 8 bytes each; a collision costs a stamp, never the order */

/* Where it says whether there is but one stream: libc's word on threads, until handlers get streams of their own. Set
 * by mw_stamp_single() and mw_stamp_several(). */
extern const char *_Atomic mw_single_stream MW_HIDDEN;

static inline bool mw_several_streams(void)
{
	return !*(const volatile char *)atomic_load_explicit(&mw_single_stream, memory_order_relaxed);
}

void mw_stamp_single(void);  /* at the start of a process */
void mw_stamp_several(void); /* from here on, although there may be but one thread */

/* Stamps what follows, unconditionally of any address. */
void mw_stamp(struct writer *w);

/* The slow part of mw_stamp_address(). */
uint32_t mw_stamp_hand_over(struct writer *w, uint64_t *words, _Atomic uint64_t *owner, uint64_t mine);

static inline _Atomic uint64_t *mw_owner(uint64_t addr)
{
	/* neighbours lie together, and so do the events on them */
	return &mw_proc->owners[(addr >> 4 ^ addr >> (4 + OWNER_BITS)) & ((UINT64_C(1) << OWNER_BITS) - 1)];
}

/* Whether the last event on `addr` was on this stream. */
static inline bool mw_stamp_is_owner(const struct writer *w, uint64_t addr)
{
	return atomic_load_explicit(mw_owner(addr), memory_order_relaxed) == (addr << 16 | (w->index + 1));
}

/* Writes a STAMP to `words` if the event on `addr` needs one; the bytes written (0 or 8). Not yet published: the record
 * that it is for must be published with the same or a later mw_publish, then mw_stamp_done() called. */
static inline uint32_t mw_stamp_address(struct writer *w, uint64_t *words, uint64_t addr)
{
	_Atomic uint64_t *owner;
	uint64_t mine;

	if (MW_LIKELY(!mw_several_streams()))
		return 0;
	owner = mw_owner(addr);
	mine = addr << 16 | (w->index + 1);
	if (MW_LIKELY(atomic_load_explicit(owner, memory_order_relaxed) == mine))
		return 0;
	return mw_stamp_hand_over(w, words, owner, mine);
}

/* After the publishing of a record that may have been stamped. Partner: the watermark in the reporter. */
static inline void mw_stamp_done(struct writer *w, uint32_t stamped)
{
	if (MW_UNLIKELY(stamped))
		atomic_store_explicit(&w->shared->inflight, 0, memory_order_release);
}

#endif
