/* The threads of a process as /proc/PID tells of them; nothing needs the right to trace it. */
#ifndef CLI_SCAN_TASKS_H
#define CLI_SCAN_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* /proc/PID/NAME, of a thread if `tid` is not 0. NULL if it cannot be opened. */
FILE *tasks_open(int pid, int tid, const char *name);

/* Calls for each thread in /proc/PID/task, also those that have ended and whose end nobody has asked for. */
void tasks_each(int pid, void (*visit)(void *ctx, int tid), void *ctx);

bool tasks_has_ended(int pid, int tid);

/* Threads that the process has now that have not ended; *tid: one of them. */
size_t tasks_count(int pid, int *tid);

/* A thread whose number stands for the process where the kernel is asked for its memory: its first one, which has none
 * any more when main has called pthread_exit(), or else another. */
int tasks_with_memory(int pid);

/* Whether it has filters on its system calls (seccomp) that we do not have. */
bool tasks_is_sandboxed(int pid);

/* Who traces the process; 0 = nobody. */
int tasks_tracer_of(int pid);

#endif
