#include "cli/scan/stop.h"

#include "cli/base/xalloc.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_NS  UINT64_C(1000000000) /* for all threads to stop */
#define LOOK_NS      UINT64_C(10000000)   /* after which it is asked whether one has ended */
#define SPINS        200
#define ROUNDS_MAX   1000   /* of listing the threads */
#define VECTOR_BYTES 16384u /* more than any XSAVE area, AMX included */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static FILE *open_proc(int pid, int tid, const char *name)
{
	char path[80];

	if (tid)
		snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", pid, tid, name);
	else
		snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return fopen(path, "re");
}

/* A thread that has ended has an entry as long as nobody has asked for its end. */
static bool has_ended(int pid, int tid)
{
	FILE *file = open_proc(pid, tid, "stat");
	char line[512] = "", *state;

	if (!file)
		return true;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	state = strrchr(line, ')');
	return !state || state[1] != ' ' || state[2] == 'Z' || state[2] == 'X';
}

/* Calls for each thread in /proc/PID/task. */
static void each_thread(int pid, void (*visit)(void *ctx, int tid), void *ctx)
{
	char path[64];
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	folder = opendir(path);
	while (folder && (entry = readdir(folder)))
		if (atoi(entry->d_name) > 0)
			visit(ctx, atoi(entry->d_name));
	if (folder)
		closedir(folder);
}

struct count {
	int pid, last;
	size_t n;
};

static void count_thread(void *ctx, int tid)
{
	struct count *count = ctx;

	if (has_ended(count->pid, tid))
		return;
	count->n++;
	count->last = tid;
}

size_t stop_count_threads(int pid, int *tid)
{
	struct count count = {.pid = pid};

	each_thread(pid, count_thread, &count);
	*tid = count.last;
	return count.n;
}

/* A number from /proc/PID/status, whose line begins with `label`; 0 when it is not there. */
static int status_number(int pid, const char *label)
{
	FILE *file = open_proc(pid, 0, "status");
	char line[256];
	int number = 0;

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, label, strlen(label)) == 0)
			number = atoi(line + strlen(label));
	if (file)
		fclose(file);
	return number;
}

int stop_tracer_of(int pid)
{
	return status_number(pid, "TracerPid:");
}

bool stop_is_sandboxed(int pid)
{
	/* the number of filters came with Linux 5.9; they are inherited and never removed */
	return status_number(pid, "Seccomp:") != status_number(getpid(), "Seccomp:") ||
	       status_number(pid, "Seccomp_filters:") != status_number(getpid(), "Seccomp_filters:");
}

/* Where a thread that sleeps in the kernel has its stack: /proc/PID/task/TID/syscall ends in the stack pointer and the
 * program counter. */
static uint64_t sleeping_sp(int pid, int tid)
{
	FILE *file = open_proc(pid, tid, "syscall");
	char line[512] = "", *space;
	uint64_t sp = 0;

	if (!file)
		return 0;
	if (fgets(line, sizeof(line), file) && (space = strrchr(line, ' '))) {
		*space = '\0';
		space = strrchr(line, ' ');
		if (!space || sscanf(space, " %" SCNx64, &sp) != 1)
			sp = 0;
	}
	fclose(file);
	return sp;
}

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
		if (errno != ESRCH && !has_ended(stop->pid, tid))
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
	uint64_t look = now_ns() + LOOK_NS, now;

	for (unsigned n = 0; !thread->stopped && !thread->gone; n++) {
		look_at(thread);
		if (thread->stopped || thread->gone)
			return;
		if (n < SPINS) {
			sched_yield();
			continue;
		}
		now = now_ns();
		if (now >= look && has_ended(stop->pid, thread->tid))
			thread->gone = true;
		if (now >= deadline)
			return;
		nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
	}
}

static void stop_threads(struct stop *stop)
{
	uint64_t deadline = now_ns() + PATIENCE_NS;

	for (int round = 0; round < ROUNDS_MAX; round++) {
		size_t n_before = stop->n_threads;

		each_thread(stop->pid, seize_thread, stop);
		if (stop->error || stop->n_threads == n_before)
			break;
		for (size_t i = n_before; i < stop->n_threads; i++)
			wait_for(stop, &stop->threads[i], deadline);
	}
	for (size_t i = 0; i < stop->n_threads; i++)
		if (!stop->threads[i].stopped && !stop->threads[i].gone)
			stop->threads[i].sp = sleeping_sp(stop->pid, stop->threads[i].tid);
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
	sigset_t all, before;
	int error;

	*stop = (struct stop){.pid = pid};
	sem_init(&stop->ready, 0, 0);
	sem_init(&stop->release, 0, 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* the new thread's: signals are the reporter's business */
	error = pthread_create(&stop->tracer, NULL, trace, stop); /* from here on `stop` is the thread's */
	pthread_sigmask(SIG_SETMASK, &before, NULL);
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
