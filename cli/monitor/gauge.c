#include "cli/monitor/gauge.h"

#include "cli/base/clock.h"
#include "cli/ingest/capture.h"
#include "cli/model/process.h"
#include "cli/monitor/heap.h"
#include "common/tsc.h"

#include <math.h>
#include <stdlib.h>

#define SKIP_MOST     64u  /* calls before those that are timed */
#define COST_SHARE    100u /* of the time is the most that asking the allocator may take */
#define STALE_SECONDS 1.0
#define ALL_BLOCKS    100000u /* that are looked at to find another allocator's heap */

/* ---- times */

/* Two readings of both clocks, the first made at the first call. 0 until they are far enough apart. */
static double ns_per_tick(void)
{
	static uint64_t first_ns, first_tick;
	uint64_t ns = clock_now_ns(), tick = tsc_ordered();

	if (!first_ns) {
		first_ns = ns;
		first_tick = tick;
	}
	if (ns - first_ns < 1000000 || tick <= first_tick)
		return 0;
	return (double)(ns - first_ns) / (double)(tick - first_tick);
}

/* What a time stamp itself takes: it is in each of those that were taken. */
static uint64_t stamp_ticks(void)
{
	static uint64_t least;

	if (!least) {
		least = UINT64_MAX;
		for (int k = 0; k < 100; k++) {
			uint64_t begin = tsc_ordered(), ticks = tsc_ordered() - begin;

			least = ticks < least ? ticks : least;
		}
	}
	return least;
}

static double without_stamps(double ticks)
{
	double rest = ticks - (double)stamp_ticks();

	return rest > 0 ? rest : 0;
}

static void take_times(struct gauge *gauge, const struct capture *capture, const struct process *process)
{
	ns_per_tick();
	gauge->has_times |= capture_times(capture, process, &gauge->times);
}

void gauge_time(struct gauge *gauge, struct capture *capture, const struct process *process)
{
	uint64_t live = process->totals.live_blocks + process->totals.inherited_live_blocks;

	if (live > gauge->most_blocks)
		gauge->most_blocks = live;
	capture_tell_gaps(capture, process, gauge->most_blocks - live);
	take_times(gauge, capture, process);
	capture_time_calls(capture, process, (uint32_t)rand() % SKIP_MOST);
}

/* In ticks: what the calls of a class took, about. */
static double middle(unsigned class)
{
	return class < 8 ? class : (double)(UINT64_C(1) << class / 4) * (1 + (class % 4 + 0.5) / 4);
}

static uint64_t count(const struct shm_times *times)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < SHM_TIME_CLASSES; i++)
		n += times->classes[i];
	return n;
}

/* What the calls took of which `share` of all were faster: the middle of a class, perhaps above what any took. */
static double quantile(const struct shm_times *times, double share)
{
	double n = (double)count(times);
	uint64_t sum = 0;

	for (unsigned i = 0; i < SHM_TIME_CLASSES; i++) {
		sum += times->classes[i];
		if ((double)sum >= share * n)
			return middle(i);
	}
	return 0;
}

/* The mean, with what lies above the 99th percentile counted as that: a thread may have lost its processor in a call,
 * and one such among some hundreds that stand for millions would be all that is seen. */
static double mean(const struct shm_times *times)
{
	double most = quantile(times, 0.99), sum = 0, n = (double)count(times);

	for (unsigned i = 0; i < SHM_TIME_CLASSES; i++)
		sum += (middle(i) < most ? middle(i) : most) * times->classes[i];
	return n > 0 ? sum / n : 0;
}

static void fill_times(const struct gauge *gauge, const struct process *process, struct memstats_input *to)
{
	const struct shm_times *times = &gauge->times;
	double ns = ns_per_tick(), n_calls = (double)(process->totals.allocations + process->totals.frees);
	double call = without_stamps(mean(times)), own;

	if (!gauge->has_times || ns <= 0 || !times->calls)
		return;
	own = without_stamps((double)times->own_ticks / (double)times->calls);
	to->n_timed = times->calls;
	to->call_ns = call * n_calls * ns;
	to->own_ns = own * n_calls * ns;
	to->most_ns = without_stamps((double)times->most_ticks) * ns;
	to->median_ns = fmin(without_stamps(quantile(times, 0.5)) * ns, to->most_ns);
	to->p99_ns = fmin(without_stamps(quantile(times, 0.99)) * ns, to->most_ns);
}

/* ---- the heap */

static void take_heap(struct gauge *gauge, struct capture *capture, const struct process *process, unsigned wait_ms)
{
	struct shm_heap heap;

	/* one that could not be had does not take the place of one that could */
	if (capture_heap(capture, process, wait_ms, &heap) && (heap.known || !gauge->has_heap)) {
		gauge->heap = heap;
		gauge->has_heap = true;
	}
}

void gauge_look(struct gauge *gauge, struct capture *capture, const struct process *process, unsigned wait_ms)
{
	uint64_t least = PLACES_BLOCK_BYTES;

	if (gauge->asked_ns && clock_now_ns() - gauge->asked_ns < gauge->heap.held_ns * COST_SHARE)
		wait_ms = 0;
	if (wait_ms)
		gauge->asked_ns = clock_now_ns();
	take_heap(gauge, capture, process, wait_ms);
	take_times(gauge, capture, process);
	if (gauge->heap.allocator != SHM_ALLOCATOR_GLIBC && process->totals.live_blocks <= ALL_BLOCKS)
		least = 0;
	gauge->has_places = places_read(&gauge->places, process, least);
}

void gauge_end(struct gauge *gauge, struct capture *capture, const struct process *process)
{
	take_heap(gauge, capture, process, 0);
	take_times(gauge, capture, process);
	gauge->has_places &= gauge->at_end; /* what was seen before is not true any more */
}

/* What the allocator said earlier does not go together with the totals of now. */
static void age(struct memstats_input *to, double seconds)
{
	struct memstats_value *values[] = {&to->heap_sys,  &to->heap_idle,   &to->heap_inuse,    &to->heap_released,
					   &to->metadata,  &to->arenas,      &to->thread_caches, &to->purges,
					   &to->trimmable, &to->heap_sys_max};

	if (seconds - to->heap_seconds < STALE_SECONDS)
		return;
	for (size_t i = 0; i < MW_ARRAY_LEN(values); i++)
		values[i]->estimated = true;
}

void gauge_fill(const struct gauge *gauge, const struct process *process, struct memstats_input *to)
{
	const struct places *places = &gauge->places;

	if (gauge->has_heap)
		heap_fill(&gauge->heap, to);
	if (gauge->has_heap && gauge->heap.known) {
		to->heap_held_ns = gauge->heap.held_ns;
		if (gauge->heap.monotonic_ns > process->start_monotonic_ns)
			to->heap_seconds = (double)(gauge->heap.monotonic_ns - process->start_monotonic_ns) / 1e9;
		if (!gauge->at_end)
			age(to, (double)(process->end_monotonic_ns - process->start_monotonic_ns) / 1e9);
	}
	fill_times(gauge, process, to);
	to->has_places = gauge->has_places;
	to->rss_bytes = places->rss_bytes;
	to->peak_rss_bytes = places->peak_rss_bytes;
	to->heap_size_bytes = places->heap_size_bytes;
	to->heap_rss_bytes = places->heap_rss_bytes;
	to->stack_size_bytes = places->stack_size_bytes;
	to->stack_rss_bytes = places->stack_rss_bytes;
	to->n_threads = places->n_threads;
	to->stacks_estimated = places->n_unknown > 0;
	to->cpu_seconds = places->cpu_seconds;
}
