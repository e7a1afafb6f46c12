/*
 * What can be known of threads that cannot be stopped: another tracer (gdb, strace) has the process, or ptrace is not
 * permitted.
 *	stack pointer	of a thread that sleeps in the kernel or that another tracer has stopped:
 * /proc/PID/task/TID/syscall; with the arguments of its system call, which may be all that holds a block thread pointer
 *by what must be there: a word that holds its own address, again two words on (tcbhead_t of the ABI for thread-local
 *storage and of glibc), and soon after it the thread's number whether it ran	by its time of CPU, before and after Of
 *other registers nothing is known, nor where the live part of a running thread's stack begins.
 */
#ifndef CLI_SCAN_UNSTOPPED_H
#define CLI_SCAN_UNSTOPPED_H

#include "cli/scan/maps.h"
#include "cli/scan/memory.h"
#include "cli/scan/stop.h"

/* Takes note of the thread's stack pointer and arguments. */
void unstopped_look_at(int pid, struct stop_thread *thread);

/* Takes the threads that there are, as not stopped. `stop` is filled in; stop_end() it. */
void unstopped_begin(struct stop *stop, int pid);

/* Finds the thread pointers of those that are not stopped. */
void unstopped_find_records(struct stop *stop, const struct maps *maps, const struct scan_memory *memory);

/* How many threads have run since, `except` this one, or are new. */
size_t unstopped_ran(const struct stop *stop, int except);

#endif
