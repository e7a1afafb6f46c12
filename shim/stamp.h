/*
 * The order across threads without a lock: an event on an address is stamped only if the last event on that address
 * came from another stream (or the table has forgotten). Everything else is ordered by its stream. With a single
 * thread nothing is stamped. See "Order" in common/wire.h.
 */
#ifndef SHIM_STAMP_H
#define SHIM_STAMP_H

#include "common/tsc.h"
#include "shim/process.h"
#include "shim/writer.h"

#define OWNER_BITS 18 /* 8 bytes each; a collision costs a stamp, never the order */

static inline bool mw_several_streams(void)
{
	return !libc_single_threaded() || atomic_load_explicit(&mw_proc->force_stamps, memory_order_relaxed);
}

/* Stamps what follows, unconditionally of any address. */
void mw_stamp(struct writer *w);

/* The slow part of mw_stamp_address(). */
uint32_t mw_stamp_hand_over(struct writer *w, uint64_t *words, _Atomic uint64_t *owner, uint64_t mine);

static inline _Atomic uint64_t *mw_owner(uint64_t addr)
{
	return &mw_proc->owners[(addr >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - OWNER_BITS)];
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
