/* Watching processes that need not be our children: when they end, and how. */
#ifndef CLI_INGEST_PIDFD_H
#define CLI_INGEST_PIDFD_H

#include <stdbool.h>

/* A descriptor that becomes readable when the process has ended; -1 and errno (ESRCH: it is gone already). */
int pidfd_watch(int pid);

/* Whether it has ended. */
bool pidfd_ended(int pidfd);

/* The wait status of an ended process, from the kernel (Linux 6.15) if it was reaped, or from /proc while it is a
 * zombie. False if neither tells. */
bool pidfd_wait_status(int pidfd, int pid, int *wait_status);

#endif
