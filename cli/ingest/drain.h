/*
 * Reads from a pipe by way of a second one, of our own. While a read copies, it holds the pipe's lock, and a process
 * that has a chunk to write waits for it; to move the pages over takes a small part of that time, and what is copied
 * then is nobody else's.
 */
#ifndef CLI_INGEST_DRAIN_H
#define CLI_INGEST_DRAIN_H

#include <stddef.h>
#include <sys/types.h>

struct drain {
	int in, out; /* of the second pipe; -1: there is none, and what is read is read as it is */
};

/* For reads of at most `n_bytes`. */
void drain_open(struct drain *drain, size_t n_bytes);
void drain_close(struct drain *drain);

/* Of a pipe that does not block: all that is there, up to `n_bytes`: less means that the pipe was empty then. The bytes
 * read, 0 = no writer has it open, -EAGAIN = nothing now, another -errno. */
ssize_t drain_read(const struct drain *drain, int fd, void *buf, size_t n_bytes);

#endif
