/* Processes in a PID namespace of their own (containers, sandboxes) know themselves by other numbers than we do. */
#ifndef CLI_INGEST_PIDNS_H
#define CLI_INGEST_PIDNS_H

#include <stdint.h>

/* The number of our own namespace; 0: not known, as without /proc. */
uint64_t pidns_own(void);

/* Our number of the process that has number `pid` in the namespace `ns`; -1: it is not there (any more). */
int pidns_find(uint64_t ns, int pid);

/* The parent of a process, in our numbers; 0: not known. */
int pidns_parent(int pid);

#endif
