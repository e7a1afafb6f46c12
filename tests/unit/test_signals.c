#include "cli/start/signals.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(signals, .timeout = 10);

static bool is_forwarded(int sig, int code, uint32_t sender)
{
	const struct signalfd_siginfo info = {.ssi_signo = (uint32_t)sig, .ssi_code = code, .ssi_pid = sender};

	return signals_is_forwarded(&info, 100);
}

Test(signals, the_terminals_have_arrived_already)
{
	cr_expect_not(is_forwarded(SIGINT, SI_KERNEL, 0));
	cr_expect_not(is_forwarded(SIGQUIT, SI_KERNEL, 0));
	cr_expect_not(is_forwarded(SIGHUP, SI_KERNEL, 0));
	cr_expect(is_forwarded(SIGINT, SI_USER, 5));
	cr_expect(is_forwarded(SIGTERM, SI_USER, 5));
	cr_expect(is_forwarded(SIGALRM, SI_KERNEL, 0), "an alarm() that was set before memwatch's exec");
}

Test(signals, what_the_program_sends_is_not_for_itself)
{
	cr_expect_not(is_forwarded(SIGUSR1, SI_USER, 100));
	cr_expect_not(is_forwarded(SIGCHLD, SI_USER, 5));
}

Test(signals, taken_read_forwarded_and_given_back)
{
	struct signalfd_siginfo info;
	struct signals signals;
	struct sigaction action;
	struct err err = {0};
	sigset_t mask;

	signal(SIGCHLD, SIG_IGN);
	cr_assert_eq(signals_take(&signals, &err), 0);
	kill(getpid(), SIGTERM);
	cr_expect(signals_next(&signals, &info));
	cr_expect_eq(info.ssi_signo, SIGTERM);
	cr_expect_eq(info.ssi_pid, (uint32_t)getpid());
	cr_expect_not(signals_next(&signals, &info));
	signals_give_back(&signals);
	sigaction(SIGCHLD, NULL, &action);
	cr_expect_eq(action.sa_handler, SIG_IGN);
	sigaction(SIGPIPE, NULL, &action);
	cr_expect_eq(action.sa_handler, SIG_DFL);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	cr_expect_not(sigismember(&mask, SIGTERM));
	signals_release(&signals);
}

Test(signals, a_queued_value_is_passed_on)
{
	const struct signalfd_siginfo sent = {.ssi_signo = (uint32_t)SIGUSR1, .ssi_code = SI_QUEUE, .ssi_ptr = 77};
	struct signalfd_siginfo info;
	struct signals signals;
	struct err err = {0};

	cr_assert_eq(signals_take(&signals, &err), 0);
	signals_forward(&sent, getpid());
	cr_expect(signals_next(&signals, &info));
	cr_expect_eq(info.ssi_ptr, 77);
	signals_release(&signals);
}

Test(signals, die_ends_by_the_signal_though_it_was_blocked)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct signals signals;
		struct err err = {0};

		signals_take(&signals, &err);
		signals_die(SIGTERM);
		_exit(1);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect(WIFSIGNALED(status));
	cr_expect_eq(WTERMSIG(status), SIGTERM);
}

/* A child that has told that it is ready, with a handler, ignored, blocked or by default. */
static pid_t child_with(void (*handler)(int), bool blocked)
{
	int ready[2];
	char byte;
	pid_t pid;

	cr_assert_eq(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		sigset_t set;

		signal(SIGTERM, handler);
		sigemptyset(&set);
		sigaddset(&set, SIGTERM);
		if (blocked)
			sigprocmask(SIG_BLOCK, &set, NULL);
		if (write(ready[1], "", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	cr_assert_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void handle(int sig)
{
	(void)sig;
}

static bool kills(void (*handler)(int), bool blocked, int sig)
{
	pid_t pid = child_with(handler, blocked);
	bool answer = signals_kills(sig, pid);

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return answer;
}

Test(signals, kills_only_whom_nothing_protects)
{
	cr_expect(kills(SIG_DFL, false, SIGTERM));
	cr_expect(kills(handle, false, SIGHUP));
	cr_expect_not(kills(SIG_DFL, false, SIGWINCH));
	cr_expect_not(kills(handle, false, SIGTERM));
	cr_expect_not(kills(SIG_IGN, false, SIGTERM));
	cr_expect_not(kills(SIG_DFL, true, SIGTERM));
}
