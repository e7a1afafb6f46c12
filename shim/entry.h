/* What the entry files share: when to record, and where the real function is not known yet. */
#ifndef SHIM_ENTRY_H
#define SHIM_ENTRY_H

#include "common/compiler.h"
#include "common/wire.h"
#include "shim/process.h"
#include "shim/real.h"
#include "shim/track.h"

/* Whether calls are to be recorded; starts the shim at the first call of all. */
static inline bool entry_on(void)
{
	uint32_t state = atomic_load_explicit(&mw_state, memory_order_relaxed);

	if (MW_LIKELY((state & SHM_STATE_MASK) == MW_ON))
		return true;
	return state == MW_NEW && mw_real_ready() && mw_start();
}

/* Whether calls go straight through, for good. */
static inline bool entry_off(void)
{
	return atomic_load_explicit(&mw_state, memory_order_relaxed) == MW_OFF;
}

/* Whether there is nothing else to do than to record. If not, shim/asked.h tells what there is. */
static inline bool entry_plain(void)
{
	return atomic_load_explicit(&mw_state, memory_order_relaxed) == MW_ON;
}

/* Before a release is recorded: where it comes from, if that is wanted of all of them. */
static inline void entry_tell_release(const void *p, const struct regs *at)
{
	if (MW_UNLIKELY(atomic_load_explicit(&mw_state, memory_order_relaxed) & SHM_WANT_FREE_STACKS))
		mw_track_free_stack(p, at);
}

/* Finds out whether operator new and delete are ours; once, when all that was linked is there. */
void mw_entry_cxx_init(void);

/* Whether calls of malloc pass us by: the program's own file defines it, which comes before any preloaded object. Calls
 * the loader: once, at the start. */
bool mw_entry_bypassed(void);

#endif
