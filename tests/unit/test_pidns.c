#include "cli/ingest/pidns.h"

#include <criterion/criterion.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

Test(pidns, our_own_numbers)
{
	uint64_t own = pidns_own();
	pid_t child = fork();
	int status;

	if (child == 0) {
		pause();
		_exit(0);
	}
	cr_assert_gt(child, 0);
	cr_expect_neq(own, 0);
	cr_expect_eq(pidns_find(own, getpid()), getpid());
	cr_expect_eq(pidns_find(own, child), child);
	cr_expect_eq(pidns_parent(child), getpid());
	cr_expect_eq(pidns_find(own + 1, child), -1, "another namespace");
	kill(child, SIGKILL);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(pidns_find(own, child), -1, "it has gone");
	cr_expect_eq(pidns_parent(child), 0);
}
