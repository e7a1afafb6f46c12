/*
 * Has a process that waits at its end read its own memory, where the reporter may not (common/shm.h): the process is
 * not dumpable, or ptrace is forbidden on this machine.
 */
#ifndef CLI_INGEST_SELFREAD_H
#define CLI_INGEST_SELFREAD_H

#include "cli/ingest/slot.h"

#include <sys/uio.h>

/* Copies the pieces (addresses in the process), one after the other, to `buf`. Returns the number of bytes up to the
 * first that cannot be read; 0 when there is no answer. */
size_t selfread_memory(struct slot *slot, const struct iovec *pieces, size_t n_pieces, void *buf);

/* Its /proc/self/maps, NUL-terminated, for free(); NULL when there is no answer. */
char *selfread_maps(struct slot *slot);

#endif
