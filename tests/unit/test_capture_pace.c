/* Processes that write faster than we read, or stall in the middle of a record. */
#include "tests/unit/capture_fixture.h"

#include <signal.h>
#include <sys/mman.h>

TestSuite(capture_pace, .init = setup, .fini = teardown, .timeout = 30);

/* In memory that the processes share with the test. */
static atomic_bool *enough;

/* One stream that always has something new to be read in place, and one that sends as fast as the pipe takes it. */
static void body_hot(const char *folder)
{
	struct fake_shim shim;

	fake_take(&shim, folder, false);
	fake_hello(&shim, WIRE_START_EXEC, SHM_NO_SLOT, 0);
	fake_stream(&shim, 1);
	add_stamp(&b, 1);
	while (b.n + 3 < BUILDER_WORDS) {
		add_alloc(&b, 0x1000, 1, 1);
		add_free(&b, 0x1000);
	}
	fake_put(&shim, 1, &b);
	while (!*enough) {
		uint64_t published = atomic_load(&shim.slot->streams[1].published);

		fake_send(&shim, 1, SIZE_MAX);
		atomic_store(&shim.slot->streams[1].published, published + (UINT64_C(1) << 32));
		add_stamp(&b, 1);
		fake_put(&shim, 0, &b);
	}
	_exit(0);
}

static int start_hot(void)
{
	int pid;

	enough = mmap(NULL, sizeof(*enough), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid = start(body_hot);
	while (n_started < 1)
		event_base_loop(base, EVLOOP_ONCE);
	return pid;
}

Test(capture_pace, a_hot_pipe_does_not_keep_others_waiting)
{
	int hot = start_hot(), pid = start(body_exit);

	run_until_ended(1);
	cr_assert_eq(seen[0].pid, pid);
	*enough = true;
	run_until_ended(2);
	cr_assert_eq(seen[1].totals.live_blocks, 0);
	cr_assert(seen[1].complete, "%s", seen[1].reason);
	reap(hot);
	reap(pid);
}

Test(capture_pace, stop_of_a_hot_process)
{
	int pid = start_hot();

	capture_stop(capture);
	cr_assert_eq(n_ended, 1);
	cr_assert_eq(seen[0].exit.kind, PROCESS_RUNNING);
	cr_assert_eq(seen[0].unknown_frees, 0);
	cr_assert(seen[0].complete, "%s", seen[0].reason);
	kill(pid, SIGKILL);
	reap(pid);
}

/* A thread that was ended in the middle of a stamp holds up the others for a moment, not for good. */
static void body_stuck(const char *folder)
{
	struct fake_shim shim;

	fake_take(&shim, folder, false);
	fake_hello(&shim, WIRE_START_EXEC, SHM_NO_SLOT, 0);
	atomic_store(&fake_stream(&shim, 1)->inflight, tsc_loose());
	for (uint64_t i = 1; i <= 3000000; i++) { /* 69 MiB */
		add_stamp(&b, i << 20);
		add_alloc(&b, i << 4, 1, 1);
		if (b.n + 3 > BUILDER_WORDS || i == 3000000)
			fake_put(&shim, 0, &b);
	}
	_exit(0);
}

Test(capture_pace, a_stamp_that_is_never_taken)
{
	int pid = start(body_stuck);

	run_until_ended(1);
	cr_assert_eq(seen[0].totals.allocations, 3000000);
	cr_assert(seen[0].complete, "%s", seen[0].reason);
	reap(pid);
}
