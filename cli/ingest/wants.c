/* The part of the capture that asks running processes something through their gate (common/shm.h). */
#include "cli/ingest/capture_state.h"

#include "cli/ingest/intake.h"

#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LOOK_NS 1000000 /* between two looks for an answer */

/* Also of one that has ended, until all is told of it. */
static struct slot *find(const struct capture *capture, const struct process *process)
{
	for (size_t i = 0; i < capture->n_items; i++) {
		struct watched *w = capture->items[i];

		if (w->intake && intake_process(w->intake) == process && w->slot.gate)
			return &w->slot;
	}
	return NULL;
}

/* Its pipe is read meanwhile: it may be full, and then the process comes to no other call. */
static void await(struct capture *capture, const struct process *process, const struct slot *slot, uint32_t before,
		  unsigned wait_ms)
{
	const struct timespec look = {.tv_nsec = LOOK_NS};
	const _Atomic uint32_t *serial = &slot->gate->heap.serial;

	for (unsigned ms = 0; ms < wait_ms; ms++) {
		uint32_t now = atomic_load(serial);

		if (now != before && !(now & 1))
			return;
		syscall(SYS_futex, serial, FUTEX_WAIT, now, &look, NULL, 0);
		capture_refresh(capture, process);
	}
}

bool capture_heap(struct capture *capture, const struct process *process, unsigned wait_ms, struct shm_heap *heap)
{
	struct slot *slot = find(capture, process);
	uint32_t before;

	if (!slot)
		return false;
	if (wait_ms) {
		before = atomic_load(&slot->gate->heap.serial);
		slot_want(slot, SHM_WANT_HEAP);
		await(capture, process, slot, before, wait_ms);
	}
	return slot_heap(slot, heap);
}

void capture_tell_gaps(struct capture *capture, const struct process *process, uint64_t n)
{
	struct slot *slot = find(capture, process);

	if (slot)
		atomic_store(&slot->gate->gaps, n < UINT32_MAX ? (uint32_t)n : UINT32_MAX);
}

void capture_time_calls(struct capture *capture, const struct process *process, uint32_t skip)
{
	struct slot *slot = find(capture, process);

	if (!slot || (atomic_load(&slot->gate->state) & ~(uint32_t)SHM_WANT_FREE_STACKS) != SHM_STATE_ON)
		return;
	atomic_store(&slot->gate->times.skip, skip);
	atomic_store(&slot->gate->times.left, SHM_WARM_CALLS + SHM_TIMED_CALLS);
	slot_want(slot, SHM_WANT_TIMES);
}

bool capture_times(const struct capture *capture, const struct process *process, struct shm_times *times)
{
	const struct slot *slot = find(capture, process);

	if (!slot || !atomic_load_explicit(&slot->gate->times.calls, memory_order_acquire))
		return false;
	memcpy(times, &slot->gate->times, sizeof(*times));
	return true;
}
