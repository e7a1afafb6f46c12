/* A process that takes a slot of the session wakes its reporter. */
#include "cli/ingest/takers.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 20000

static struct shm_session *session;
static struct takers takers;

static void begin(void)
{
	session = mmap(NULL, sizeof(*session), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(session, MAP_FAILED);
	takers_start(&takers, session);
}

static void end(void)
{
	takers_stop(&takers);
	munmap(session, sizeof(*session));
}

TestSuite(takers, .init = begin, .fini = end);

/* As the shim does it, in another process. */
static void take(int n)
{
	pid_t pid = fork();

	cr_assert_geq(pid, 0);
	if (pid == 0) {
		for (int i = 0; i < n; i++) {
			atomic_fetch_add(&session->takers, 1);
			syscall(SYS_futex, &session->takers, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
		}
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
}

static int readable(int patience_ms)
{
	struct pollfd fd = {.fd = takers.fd, .events = POLLIN};

	return poll(&fd, 1, patience_ms);
}

Test(takers, each_wakes)
{
	eventfd_t n;

	cr_assert_eq(readable(0), 0);
	for (int i = 0; i < 5; i++) {
		take(1);
		cr_assert_eq(readable(PATIENCE_MS), 1);
		cr_assert_eq(eventfd_read(takers.fd, &n), 0);
		cr_assert_eq(readable(0), 0);
	}
	take(100);
	cr_assert_eq(readable(PATIENCE_MS), 1);
}

Test(takers, stops_at_once_and_twice)
{
	takers_stop(&takers);
	cr_assert_eq(takers.fd, -1);
	takers_stop(&takers);
}

Test(takers, none_without_a_descriptor)
{
	struct rlimit before, none;
	struct takers other;

	getrlimit(RLIMIT_NOFILE, &before);
	none = (struct rlimit){0, before.rlim_max};
	setrlimit(RLIMIT_NOFILE, &none);
	takers_start(&other, session);
	setrlimit(RLIMIT_NOFILE, &before);
	cr_assert_eq(other.fd, -1);
	takers_stop(&other);
}
