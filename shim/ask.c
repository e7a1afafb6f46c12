#include "shim/ask.h"

#include "shim/process.h"
#include "shim/stamp.h"
#include "shim/writer.h"

static bool ask(struct writer *w, enum shm_ask what, uint64_t sp, uint32_t limit_ms, struct shm_answer *answer)
{
	struct shm_question *question = &mw_proc->shm->question;
	uint32_t serial = ++mw_proc->ask_serial & 0xffffff;

	question->sp = sp;
	question->fs_base = (uint64_t)(uintptr_t)__builtin_thread_pointer();
	atomic_store(&question->tid, (uint32_t)sys_gettid());
	atomic_store(&question->asked, serial << 8 | what);
	mw_stamp(w);
	mw_put_ext(w, WIRE_ASK, serial, "", 0);
	mw_writer_flush(w);
	if (!mw_is_on() || !mw_process_await(&question->answered, serial, limit_ms, NULL))
		return false;
	*answer = question->answer;
	return true;
}

bool mw_ask(enum shm_ask what, uint64_t sp, uint32_t limit_ms, struct shm_answer *answer)
{
	struct tls *t = &mw_tls;
	struct writer *w = mw_enter(t, sp);
	sys_sigset signals;
	bool answered;

	if (!w)
		return false;
	signals = mw_lock(&mw_proc->ask_lock);
	answered = ask(w, what, sp, limit_ms, answer);
	mw_unlock(&mw_proc->ask_lock, signals);
	mw_leave(t);
	return answered;
}
