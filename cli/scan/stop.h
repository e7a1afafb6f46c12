/*
 * Stops all threads of a process, by ptrace, and reads their registers.
 *
 * A thread of ours does it: when that ends, the kernel lets go whatever it still traced, even a thread that did
 * not stop in time and will do so later. Nothing is ever reaped here, and a signal that was on its way to
 * a thread is delivered when it goes on.
 */
#ifndef CLI_SCAN_STOP_H
#define CLI_SCAN_STOP_H

#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/user.h>

struct stop_thread {
	int tid;
	bool stopped; /* and its registers are known */
	bool gone;    /* has ended */
	int signal;   /* to be delivered, 0 = none */
	struct user_regs_struct regs;
	uint8_t *vector; /* XSAVE area; NULL = not known */
	size_t n_vector_bytes;
	/* Of one that is not stopped: cli/scan/unstopped.h; 0 = not known. */
	uint64_t sp, fs_base;
	uint64_t cpu_ns; /* that it had run */
	bool running;    /* just then */
	bool has_args;   /* `regs` has those of its system call */
};

struct stop {
	int pid;
	struct stop_thread *threads;
	size_t n_threads, cap_threads;
	int error;        /* errno: threads cannot be traced */
	bool running;     /* the tracing thread exists */
	bool unstoppable; /* there is none: the threads go on */
	pthread_t tracer;
	sem_t ready, release;
};

/* Returns when all threads stand still, or would not within a second. -1 with `error` set if tracing is not permitted;
 * then nothing is stopped. stop_end() is needed in any case. */
int stop_begin(struct stop *stop, int pid);

/* Lets all threads go on; what is known of them stays. May be called again. */
void stop_resume(struct stop *stop);
void stop_end(struct stop *stop);

#endif
