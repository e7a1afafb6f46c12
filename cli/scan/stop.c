#include "cli/scan/stop.h"

#include "cli/base/clock.h"
#include "cli/base/thread.h"
#include "cli/base/xalloc.h"
#include "cli/scan/tasks.h"
#include "cli/scan/unstopped.h"

#include <elf.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#define PATIENCE_NS  UINT64_C(1000000000) /* for all threads to stop */
#define LOOK_NS      UINT64_C(10000000)   /* after which it is asked whether one has ended */
#define SPINS        200
#define ROUNDS_MAX   1000   /* of listing the threads */
#define VECTOR_BYTES 16384u /* more than any XSAVE area, AMX included */

/* ---- in the tracing thread */

static void seize_thread(void *ctx, int tid)
{
	struct stop *stop = ctx;
	struct stop_thread *thread;

	for (size_t i = 0; i < stop->n_threads; i++)
		if (stop->threads[i].tid == tid)
			return;
	if (stop->error)
		return;
	if (ptrace(PTRACE_SEIZE, tid, NULL, NULL)) {
		if (errno != ESRCH && !tasks_has_ended(stop->pid, tid))
			stop->error = EPERM;
		return;
	}
	ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
	stop->threads = xgrow(stop->threads, &stop->cap_threads, stop->n_threads + 1, sizeof(*stop->threads));
	thread = &stop->threads[stop->n_threads++];
	*thread = (struct stop_thread){.tid = tid};
}

static void read_registers(struct stop_thread *thread)
{
	struct iovec general = {&thread->regs, sizeof(thread->regs)}, vector = {xmalloc(VECTOR_BYTES), VECTOR_BYTES};

	thread->stopped = ptrace(PTRACE_GETREGSET, thread->tid, NT_PRSTATUS, &general) == 0;
	thread->gone = !thread->stopped;
	if (ptrace(PTRACE_GETREGSET, thread->tid, NT_X86_XSTATE, &vector) == 0) {
		thread->vector = vector.iov_base;
		thread->n_vector_bytes = vector.iov_len;
	} else {
		free(vector.iov_base);
	}
}

/* Takes the thread's stop if there is one. Its end is left to those whom it concerns. */
static void look_at(struct stop_thread *thread)
{
	siginfo_t info = {0};

	if (waitid(P_PID, (id_t)thread->tid, &info, WSTOPPED | WNOHANG | __WALL)) {
		thread->gone = errno == ECHILD;
		return;
	}
	if (info.si_pid == 0)
		return;
	/* The status of a stop for a signal that is about to be delivered is its number alone. */
	if (info.si_status >> 8 == 0)
		thread->signal = info.si_status & 0x7f;
	read_registers(thread);
}

static void wait_for(const struct stop *stop, struct stop_thread *thread, uint64_t deadline)
{
	uint64_t look = clock_now_ns() + LOOK_NS, now;

	for (unsigned n = 0; !thread->stopped && !thread->gone; n++) {
		look_at(thread);
		if (thread->stopped || thread->gone)
			return;
		if (n < SPINS) {
			sched_yield();
			continue;
		}
		now = clock_now_ns();
		if (now >= look && tasks_has_ended(stop->pid, thread->tid))
			thread->gone = true;
		if (now >= deadline)
			return;
		nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
	}
}

static void stop_threads(struct stop *stop)
{
	uint64_t deadline = clock_now_ns() + PATIENCE_NS;

	for (int round = 0; round < ROUNDS_MAX; round++) {
		size_t n_before = stop->n_threads;

		tasks_each(stop->pid, seize_thread, stop);
		if (stop->error || stop->n_threads == n_before)
			break;
		for (size_t i = n_before; i < stop->n_threads; i++)
			wait_for(stop, &stop->threads[i], deadline);
	}
	for (size_t i = 0; i < stop->n_threads; i++)
		if (!stop->threads[i].stopped && !stop->threads[i].gone)
			unstopped_look_at(stop->pid, &stop->threads[i]);
}

static void wait_semaphore(sem_t *semaphore)
{
	while (sem_wait(semaphore))
		;
}

static void *trace(void *ctx)
{
	struct stop *stop = ctx;

	stop_threads(stop);
	if (!stop->error) {
		sem_post(&stop->ready);
		wait_semaphore(&stop->release);
	}
	for (size_t i = 0; i < stop->n_threads; i++)
		if (stop->threads[i].stopped)
			ptrace(PTRACE_DETACH, stop->threads[i].tid, NULL, (void *)(uintptr_t)stop->threads[i].signal);
	if (stop->error)
		sem_post(&stop->ready);
	return NULL;
}

/* ---- in the caller's thread */

int stop_begin(struct stop *stop, int pid)
{
	int error;

	*stop = (struct stop){.pid = pid};
	sem_init(&stop->ready, 0, 0);
	sem_init(&stop->release, 0, 0);
	error = thread_start(&stop->tracer, NULL, trace, stop); /* from here on `stop` is the thread's */
	if (error) {
		stop->error = error;
		return -1;
	}
	stop->running = true;
	wait_semaphore(&stop->ready);
	return stop->error ? -1 : 0;
}

void stop_resume(struct stop *stop)
{
	if (!stop->running)
		return;
	sem_post(&stop->release);
	pthread_join(stop->tracer, NULL);
	stop->running = false;
}

void stop_end(struct stop *stop)
{
	stop_resume(stop);
	for (size_t i = 0; i < stop->n_threads; i++)
		free(stop->threads[i].vector);
	free(stop->threads);
	sem_destroy(&stop->ready);
	sem_destroy(&stop->release);
}
