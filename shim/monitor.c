/* Writable process-wide: `monitor`, by the threads that start and stop it, in the order that `state` gives them. */
#include "shim/monitor.h"

#include "shim/ask.h"
#include "shim/process.h"
#include "shim/writer.h"

#include <pthread.h>
#include <string.h>

#define STACK_BYTES     (256u << 10)
#define INTERVAL_MIN_MS 10u
#define STATS_LIMIT_MS  10000u

enum state {
	STATE_NONE,
	STATE_CHANGING, /* one thread is starting or stopping it */
	STATE_RUNNING,
};

static struct {
	_Atomic uint32_t state;
	_Atomic uint32_t pid;   /* of the process that has the thread: a fork child has not */
	_Atomic uint32_t turns; /* futex: starts and stops; a thread ends when it is not its own any more */
	_Atomic uint32_t tid;
	pthread_t thread;
	uint64_t max_bytes;
	unsigned interval_ms;
	memwatch_monitor_callback callback;
	void *ctx;
} monitor;

static void copy_stats(const struct shm_answer *answer, struct memwatch_stats *stats)
{
	const struct memwatch_stats all = {
		.size = stats->size,
		.live_bytes = answer->live_bytes,
		.live_blocks = answer->live_blocks,
		.allocated_bytes = answer->allocated_bytes,
		.freed_bytes = answer->freed_bytes,
		.allocations = answer->allocations,
		.frees = answer->frees,
		.failed_allocations = answer->failed_allocations,
		.peak_live_bytes = answer->peak_live_bytes,
		.inherited_live_bytes = answer->inherited_live_bytes,
		.inherited_live_blocks = answer->inherited_live_blocks,
		.pool_live_bytes = answer->piece_bytes,
		.pool_live_blocks = answer->piece_blocks,
	};

	memcpy(stats, &all, stats->size < sizeof(all) ? stats->size : sizeof(all));
}

bool mw_monitor_stats(struct memwatch_stats *stats, uint64_t sp)
{
	struct shm_answer answer;

	if (!mw_ask(SHM_ASK_STATS, sp, STATS_LIMIT_MS, &answer))
		return false;
	copy_stats(&answer, stats);
	return true;
}

/* Waits for the next look; false when it is to end. */
static bool wait_interval(uint32_t turn)
{
	uint64_t end_ns = sys_clock_ns(CLOCK_MONOTONIC) + monitor.interval_ms * UINT64_C(1000000), now_ns;

	while (atomic_load(&monitor.turns) == turn) {
		now_ns = sys_clock_ns(CLOCK_MONOTONIC);
		if (now_ns >= end_ns)
			return true;
		sys_futex_wait(&monitor.turns, turn, (int)((end_ns - now_ns) / 1000000) + 1);
	}
	return false;
}

static void *watch(void *arg)
{
	uint32_t turn = (uint32_t)(uintptr_t)arg;
	struct memwatch_stats stats = {.size = sizeof(stats)};
	bool above = false;

	atomic_store(&monitor.tid, (uint32_t)sys_gettid());
	do {
		if (!mw_monitor_stats(&stats, (uint64_t)(uintptr_t)__builtin_frame_address(0))) {
			if (!mw_is_on())
				break;
		} else if (!above && stats.live_bytes > monitor.max_bytes) {
			above = true;
			if (atomic_load(&monitor.turns) == turn)
				monitor.callback(&stats, monitor.ctx);
		} else if (stats.live_bytes <= monitor.max_bytes / 20 * 19) {
			above = false;
		}
	} while (wait_interval(turn));
	return NULL;
}

static bool make_thread(uint32_t turn)
{
	pthread_attr_t attributes;
	sys_sigset signals;
	bool made;

	if (pthread_attr_init(&attributes))
		return false;
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	signals = sys_block_signals(); /* for good, in the new thread */
	mw_tls.level += WRITER_MUTED;  /* what libc allocates for it is not the program's */
	made = pthread_create(&monitor.thread, &attributes, watch, (void *)(uintptr_t)turn) == 0;
	mw_tls.level -= WRITER_MUTED;
	sys_restore_signals(signals);
	pthread_attr_destroy(&attributes);
	return made;
}

/* Takes the right to change; in a fork child what the parent had is forgotten. */
static bool take(uint32_t state)
{
	uint32_t mine = (uint32_t)sys_getpid(), was = atomic_load(&monitor.pid);

	if (was != mine && atomic_compare_exchange_strong(&monitor.pid, &was, mine))
		atomic_store(&monitor.state, STATE_NONE);
	return atomic_compare_exchange_strong(&monitor.state, &state, STATE_CHANGING);
}

bool mw_monitor_start(uint64_t max_bytes, unsigned interval_ms, memwatch_monitor_callback callback, void *ctx)
{
	bool made;

	if (!callback || !take(STATE_NONE))
		return false;
	monitor.max_bytes = max_bytes;
	monitor.interval_ms = interval_ms > INTERVAL_MIN_MS ? interval_ms : INTERVAL_MIN_MS;
	monitor.callback = callback;
	monitor.ctx = ctx;
	made = make_thread(atomic_fetch_add(&monitor.turns, 1) + 1);
	atomic_store(&monitor.state, made ? STATE_RUNNING : STATE_NONE);
	return made;
}

bool mw_monitor_stop(void)
{
	if (!take(STATE_RUNNING))
		return false;
	atomic_fetch_add(&monitor.turns, 1);
	sys_futex_wake(&monitor.turns);
	if (atomic_load(&monitor.tid) == (uint32_t)sys_gettid())
		pthread_detach(monitor.thread); /* the callback stops itself */
	else
		pthread_join(monitor.thread, NULL);
	atomic_store(&monitor.state, STATE_NONE);
	return true;
}
