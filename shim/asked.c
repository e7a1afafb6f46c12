/* Writable process-wide: the gate's times, by any thread. */
#include "shim/asked.h"

#include "common/tsc.h"
#include "shim/heap.h"
#include "shim/process.h"
#include "shim/writer.h"

/* Whether this call is one of those to be timed. */
static bool take_turn(struct shm_times *times, bool *warming)
{
	uint32_t skip = atomic_load_explicit(&times->skip, memory_order_relaxed), left;

	if (skip) {
		atomic_store_explicit(&times->skip, skip - 1, memory_order_relaxed);
		return false;
	}
	left = atomic_load_explicit(&times->left, memory_order_relaxed);
	if (left <= 1)
		atomic_fetch_and(&mw_state, ~(uint32_t)SHM_WANT_TIMES);
	if (left)
		atomic_store_explicit(&times->left, left - 1, memory_order_relaxed);
	*warming = left > SHM_TIMED_CALLS; /* the code and data of this way are not in the caches yet */
	return left;
}

void mw_asked_begin(struct asked *asked)
{
	uint32_t state = atomic_load(&mw_state);

	*asked = (struct asked){0};
	if (mw_tls.level != 0)
		return; /* a signal handler, or a call of the shim's own */
	if (state & SHM_WANT_HEAP)
		mw_heap_read();
	if (!(state & SHM_WANT_TIMES) || !take_turn(&mw_gate.times, &asked->warming))
		return;
	asked->timed = true;
	asked->begin = tsc_ordered();
}

void mw_asked_real(struct asked *asked)
{
	if (asked->timed)
		asked->middle = tsc_ordered();
}

void mw_asked_tracked(struct asked *asked)
{
	mw_asked_real(asked);
	asked->tracked_first = true;
}

static unsigned class_of(uint64_t ticks)
{
	unsigned k, class;

	if (ticks < 4)
		return (unsigned)ticks;
	k = 63u - (unsigned)__builtin_clzll(ticks);
	class = 4 * k + (unsigned)(ticks >> (k - 2) & 3);
	return class < SHM_TIME_CLASSES ? class : SHM_TIME_CLASSES - 1;
}

void mw_asked_end(struct asked *asked)
{
	struct shm_times *times = &mw_gate.times;
	uint64_t first, second, ticks;

	if (!asked->timed)
		return;
	first = asked->middle - asked->begin;
	second = tsc_ordered() - asked->middle;
	if (asked->warming)
		return;
	ticks = asked->tracked_first ? second : first;
	atomic_fetch_add_explicit(&times->ticks, ticks, memory_order_relaxed);
	atomic_fetch_add_explicit(&times->own_ticks, asked->tracked_first ? first : second, memory_order_relaxed);
	atomic_fetch_add_explicit(&times->classes[class_of(ticks)], 1, memory_order_relaxed);
	if (ticks > atomic_load_explicit(&times->most_ticks, memory_order_relaxed))
		atomic_store_explicit(&times->most_ticks, ticks, memory_order_relaxed);
	atomic_fetch_add_explicit(&times->calls, 1, memory_order_release);
}
