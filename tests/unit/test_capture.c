/* The capture with real processes that play the shim's part. Waits for conditions, never for time. */
#include "tests/unit/capture_fixture.h"

#include <dirent.h>
#include <signal.h>
#include <sys/stat.h>

TestSuite(capture, .init = setup, .fini = teardown, .timeout = 30);

static size_t files_in_folder(void)
{
	DIR *dir = opendir(capture_folder(capture));
	size_t n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

Test(capture, folder_is_private)
{
	struct stat st;

	cr_assert_eq(stat(capture_folder(capture), &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0700);
	cr_assert_eq(capture_active(capture), 0);
	cr_assert_lt(strlen(capture_folder(capture)), SHM_PATH_MAX);
}

Test(capture, nothing_sent_all_in_place)
{
	int pid = start(body_exit);

	run_until_ended(1);
	cr_assert_eq(n_started, 1);
	cr_assert_eq(seen[0].pid, pid);
	cr_assert_eq(seen[0].origin, PROCESS_RUN);
	cr_assert_eq(seen[0].exit.kind, PROCESS_EXITED);
	cr_assert_eq(seen[0].exit.code, 3);
	cr_assert_eq(seen[0].totals.live_bytes, 20);
	cr_assert(seen[0].complete);
	cr_assert_eq(capture_active(capture), 0);
	reap(pid);
}

Test(capture, reaped_before_it_was_seen)
{
	int pid = start(body_exit);

	capture_set_exit(capture, pid, reap(pid));
	run_until_ended(1);
	cr_assert_eq(seen[0].exit.code, 3);
	cr_assert_eq(seen[0].totals.live_bytes, 20);
}

/* 20,000 records in some frames; killed in the middle of the write of the last. */
static void body_killed(const char *folder)
{
	struct fake_shim shim;

	fake_take(&shim, folder, false);
	fake_hello(&shim, WIRE_START_EXEC, SHM_NO_SLOT, 0);
	for (uint64_t i = 1; i <= 20000; i++) {
		add_alloc(&b, i << 8, 1, 1);
		fake_put(&shim, 0, &b);
	}
	fake_send(&shim, 0, 1000);
	raise(SIGKILL);
}

Test(capture, killed_in_the_middle_of_a_write)
{
	int pid = start(body_killed);

	run_until_ended(1);
	cr_assert_eq(seen[0].exit.kind, PROCESS_SIGNALED);
	cr_assert_eq(seen[0].exit.signal, SIGKILL);
	cr_assert_eq(seen[0].totals.allocations, 20000);
	cr_assert(seen[0].complete, "%s", seen[0].reason);
	reap(pid);
}

static void body_polled(const char *folder)
{
	struct fake_shim shim;

	fake_take(&shim, folder, true);
	fake_hello(&shim, WIRE_START_EXEC, SHM_NO_SLOT, 0);
	for (uint64_t i = 1; i <= 20000; i++) {
		add_alloc(&b, i << 8, 1, 1);
		fake_put(&shim, 0, &b);
	}
	_exit(0);
}

Test(capture, polled)
{
	int pid = start(body_polled);

	run_until_ended(1);
	cr_assert_eq(seen[0].totals.allocations, 20000);
	cr_assert(seen[0].complete, "%s", seen[0].reason);
	reap(pid);
}

static void child_of_fork(const struct fake_shim *parent, uint32_t serial)
{
	struct fake_shim shim;

	b.n = 0;
	fake_take(&shim, parent->folder, false);
	fake_hello(&shim, WIRE_START_FORK, parent->index, serial);
	add_free(&b, 0x1000);
	add_alloc(&b, 0x9000, 5, 1);
	add_ext(&b, WIRE_EXIT, 4, "", 0); /* its parent may reap it before anybody else has noticed it */
	fake_put(&shim, 0, &b);
	_exit(4);
}

static void body_forks(const char *folder)
{
	struct fake_shim shim;
	int pid;

	fake_take(&shim, folder, false);
	fake_hello(&shim, WIRE_START_EXEC, SHM_NO_SLOT, 0);
	add_alloc(&b, 0x1000, 10, 1);
	add_alloc(&b, 0x2000, 20, 1);
	add_ext(&b, WIRE_FORK, 1, "", 0);
	fake_put(&shim, 0, &b);
	pid = fork();
	if (pid == 0)
		child_of_fork(&shim, 1);
	add_free(&b, 0x2000);
	fake_put(&shim, 0, &b);
	waitpid(pid, NULL, 0);
	_exit(0);
}

Test(capture, fork_inherits)
{
	int pid = start(body_forks);
	const struct seen *child;

	run_until_ended(2);
	child = seen[0].pid == pid ? &seen[1] : &seen[0];
	cr_assert_eq(child->origin, PROCESS_FORK);
	cr_assert_eq(child->exit.kind, PROCESS_EXITED);
	cr_assert_eq(child->exit.code, 4, "a grandchild's status: %d", child->exit.code);
	cr_assert_eq(child->totals.inherited_blocks, 2);
	cr_assert_eq(child->totals.inherited_live_bytes, 20);
	cr_assert_eq(child->totals.live_bytes, 5);
	cr_assert_eq(child->unknown_frees, 0);
	cr_assert(seen[0].complete && seen[1].complete);
	reap(pid);
}

/* Ended and reaped before the capture has looked at all: the kernel does not tell how any more. */
Test(capture, status_from_the_exit_record)
{
	int pid = start(body_forks), status = reap(pid);
	const struct seen *child;

	capture_set_exit(capture, pid, status);
	run_until_ended(2);
	child = seen[0].pid == pid ? &seen[1] : &seen[0];
	cr_assert_eq(child->exit.kind, PROCESS_EXITED);
	cr_assert_eq(child->exit.code, 4);
	cr_assert_eq(child->totals.inherited_blocks, 2);
}

static void body_orphan(const char *folder)
{
	struct fake_shim shim;

	fake_take(&shim, folder, false);
	fake_hello(&shim, WIRE_START_FORK, 1234, 1); /* of a parent that is not there */
	add_alloc(&b, 0x1000, 10, 1);
	fake_put(&shim, 0, &b);
	_exit(0);
}

Test(capture, fork_without_its_parent)
{
	int pid = start(body_orphan);

	run_until_ended(1);
	cr_assert_eq(seen[0].totals.live_bytes, 10);
	cr_assert(!seen[0].complete);
	reap(pid);
}

static void body_execs(const char *folder)
{
	struct fake_shim shim, next;

	fake_take(&shim, folder, false);
	fake_hello(&shim, WIRE_START_EXEC, SHM_NO_SLOT, 0);
	add_alloc(&b, 0x1000, 10, 1);
	add_ext(&b, WIRE_EXEC, 0, "", 0);
	add_ext(&b, WIRE_EXEC_FAILED, 2, "", 0);
	add_alloc(&b, 0x2000, 10, 1);
	add_ext(&b, WIRE_EXEC, 0, "", 0);
	fake_put(&shim, 0, &b);
	close(shim.pipe_fd);
	fake_take(&next, folder, false);
	fake_hello(&next, WIRE_START_EXEC, SHM_NO_SLOT, 0);
	add_alloc(&b, 0x1000, 7, 1);
	fake_put(&next, 0, &b);
	_exit(5);
}

Test(capture, exec_begins_another)
{
	int pid = start(body_execs);

	run_until_ended(2);
	cr_assert_eq(seen[0].exit.kind, PROCESS_EXECED);
	cr_assert_eq(seen[0].totals.live_bytes, 20);
	cr_assert_eq(seen[1].origin, PROCESS_EXEC);
	cr_assert_eq(seen[1].totals.live_bytes, 7);
	cr_assert_eq(seen[1].exit.kind, PROCESS_EXITED);
	cr_assert_eq(seen[1].exit.code, 5);
	cr_assert_eq(seen[0].pid, seen[1].pid);
	reap(pid);
}

/* Two streams hand one address to and fro; only the stamps tell the order. Sent when full, at different times. */
static void body_streams(const char *folder)
{
	static struct builder streams[2];
	struct fake_shim shim;
	uint64_t zero;

	fake_take(&shim, folder, false);
	zero = fake_hello(&shim, WIRE_START_EXEC, SHM_NO_SLOT, 0);
	fake_stream(&shim, 1);
	for (unsigned k = 0; k < 20000; k++) { /* one allocates, two frees, two allocates, one frees */
		unsigned i = (k ^ k >> 1) & 1;

		atomic_store(&shim.slot->streams[i].inflight, tsc_loose());
		add_stamp(&streams[i], tsc_ordered() - zero + 1);
		if (k & 1)
			add_free(&streams[i], 0x1000);
		else
			add_alloc(&streams[i], 0x1000, 1 + k, 1);
		fake_put(&shim, i, &streams[i]);
		atomic_store(&shim.slot->streams[i].inflight, 0);
	}
	_exit(0);
}

Test(capture, order_across_streams)
{
	int pid = start(body_streams);

	run_until_ended(1);
	cr_assert_eq(seen[0].totals.allocations, 10000);
	cr_assert_eq(seen[0].totals.frees, 10000);
	cr_assert_eq(seen[0].unknown_frees, 0);
	cr_assert_eq(seen[0].totals.peak_live_bytes, 19999);
	cr_assert(seen[0].complete, "%s", seen[0].reason);
	reap(pid);
}

static int has_put[2]; /* a pipe: body_waits() says that its record can be read */

static void body_waits(const char *folder)
{
	struct fake_shim shim;

	fake_take(&shim, folder, false);
	fake_hello(&shim, WIRE_START_EXEC, SHM_NO_SLOT, 0);
	add_alloc(&b, 0x1000, 10, 1);
	fake_put(&shim, 0, &b);
	fake_require(write(has_put[1], "x", 1) == 1, "write");
	for (;;)
		pause();
}

Test(capture, stop_ends_as_running)
{
	char c;
	int pid;

	cr_assert_eq(pipe(has_put), 0);
	pid = start(body_waits);
	while (n_started < 1)
		event_base_loop(base, EVLOOP_ONCE);
	cr_assert_eq(capture_active(capture), 1);
	cr_assert_eq(read(has_put[0], &c, 1), 1);
	capture_sync(capture);
	capture_stop(capture);
	cr_assert_eq(n_ended, 1);
	cr_assert_eq(seen[0].exit.kind, PROCESS_RUNNING);
	cr_assert_eq(seen[0].totals.live_bytes, 10);
	cr_assert_eq(capture_active(capture), 0);
	kill(pid, SIGKILL);
	reap(pid);
}

static void body_silent(const char *folder)
{
	struct fake_shim shim;

	fake_take(&shim, folder, false);
	raise(SIGKILL);
}

static void body_nonsense(const char *folder)
{
	struct fake_shim shim;

	fake_take(&shim, folder, false);
	memset(shim.slot->streams, 0xff, 4096);
	atomic_store(&shim.slot->n_streams, UINT32_MAX);
	fake_require(write(shim.pipe_fd, folder, strlen(folder)) > 0, "write");
	_exit(0);
}

Test(capture, no_hello_is_no_process)
{
	int silent = start(body_silent), nonsense = start(body_nonsense), pid;

	reap(silent);
	reap(nonsense);
	pid = start(body_exit);
	run_until_ended(1);
	cr_assert_eq(seen[0].pid, pid);
	capture_sync(capture);
	cr_assert_eq(capture_active(capture), 0);
	reap(pid);
}

static void body_many(const char *folder)
{
	for (int i = 0; i < 300; i++) {
		int pid = fork();

		if (pid == 0)
			body_exit(folder);
		if (i % 10 == 9)
			while (waitpid(-1, NULL, 0) > 0)
				;
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
	_exit(0);
}

Test(capture, many_processes)
{
	int pid = start(body_many);

	run_until_ended(300);
	for (size_t i = 0; i < 300; i++) {
		cr_assert_eq(seen[i].totals.live_bytes, 20);
		cr_assert_eq(seen[i].exit.kind, PROCESS_EXITED);
	}
	reap(pid);
	cr_assert_lt(files_in_folder(), 160, "the files of ended processes are removed");
}
