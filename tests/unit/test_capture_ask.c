/* Questions of watched processes: children that play the shim ask, and exit with what they were told. */
#include "tests/unit/capture_fixture.h"

#include <limits.h>

TestSuite(capture_ask, .init = setup, .fini = teardown, .timeout = 30);

static struct shm_answer ask(struct fake_shim *shim, uint32_t serial, enum shm_ask what, bool with_record)
{
	struct shm_question *question = &shim->slot->question;
	uint32_t answered;

	question->sp = 77;
	atomic_store(&question->asked, serial << 8 | what);
	if (with_record) {
		add_ext(&b, WIRE_ASK, serial, "", 0);
		fake_put(shim, 0, &b);
	}
	if (shim->pipe_fd >= 0)
		fake_send(shim, 0, SIZE_MAX);
	while ((answered = atomic_load(&question->answered)) != serial)
		syscall(SYS_futex, &question->answered, FUTEX_WAIT, answered, NULL, NULL, 0);
	return question->answer;
}

static void ask_twice(const char *folder, bool polled)
{
	struct fake_shim shim;
	struct shm_answer answer;

	fake_take(&shim, folder, polled);
	fake_hello(&shim, WIRE_START_EXEC, SHM_NO_SLOT, 0);
	add_alloc(&b, 0x1000, 10, 1);
	answer = ask(&shim, 1, SHM_ASK_STATS, true);
	if (answer.live_bytes != 10 || answer.definite_blocks != SHM_ASK_STATS || answer.definite_bytes != 77)
		_exit(1);
	add_alloc(&b, 0x2000, 20, 1);
	answer = ask(&shim, 2, SHM_ASK_LEAKS, true);
	_exit(answer.live_bytes == 30 && answer.definite_blocks == SHM_ASK_LEAKS ? 0 : 2);
}

static void body_pipe(const char *folder)
{
	ask_twice(folder, false);
}

static void body_polled(const char *folder)
{
	ask_twice(folder, true);
}

static void body_lost(const char *folder)
{
	struct fake_shim shim;
	struct shm_answer answer;

	fake_take(&shim, folder, false);
	fake_hello(&shim, WIRE_START_EXEC, SHM_NO_SLOT, 0);
	add_alloc(&b, 0x1000, 10, 1);
	fake_put(&shim, 0, &b);
	answer = ask(&shim, 1, SHM_ASK_STATS, false);
	_exit(answer.live_bytes == 10 ? 0 : 1);
}

static int status_of(void (*body)(const char *folder))
{
	int pid = start(body), status;

	while (waitpid(pid, &status, WNOHANG) == 0)
		event_base_loop(base, EVLOOP_NONBLOCK);
	capture_set_exit(capture, pid, status);
	run_until_ended(1);
	return status;
}

Test(capture_ask, answers_have_all_that_came_before)
{
	cr_assert_eq(status_of(body_pipe), 0);
}

Test(capture_ask, without_a_pipe)
{
	cr_assert_eq(status_of(body_polled), 0);
}

Test(capture_ask, a_question_whose_record_is_lost_is_answered_after_all)
{
	cr_assert_eq(status_of(body_lost), 0);
}
