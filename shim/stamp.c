/* Writable process-wide: mw_single_stream, at the start and when a handler first interrupts the recording. */
#include "shim/stamp.h"

#include "shim/libc_glibc.h"

static const char several; /* 0 */

const char *_Atomic mw_single_stream = &several;

void mw_stamp_single(void)
{
	atomic_store(&mw_single_stream, libc_single_thread_flag());
}

void mw_stamp_several(void)
{
	atomic_store(&mw_single_stream, &several);
}

/* The exchange is a full fence: inflight is visible before the TSC is read, so that a reader who sees 0 there knows
 * that every stamp to come is above its own reading of the TSC. */
static uint64_t take_stamp(struct writer *w)
{
	atomic_exchange(&w->shared->inflight, tsc_loose());
	return tsc_ordered() - mw_proc->tsc_base + 1;
}

uint32_t mw_stamp_hand_over(struct writer *w, uint64_t *words, _Atomic uint64_t *owner, uint64_t mine)
{
	words[0] = take_stamp(w) << 4 | WIRE_STAMP;
	atomic_store_explicit(owner, mine, memory_order_relaxed);
	return 8;
}

void mw_stamp(struct writer *w)
{
	uint64_t *words;

	if (!mw_several_streams())
		return;
	words = mw_reserve(w, 8);
	words[0] = take_stamp(w) << 4 | WIRE_STAMP;
	mw_publish(w, 8);
	mw_stamp_done(w, 8);
}
