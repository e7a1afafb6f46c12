/* read and write that mind EINTR and short counts. Any thread; async-signal-safe; errno is left as the last call set
 * it. */
#ifndef COMMON_IO_H
#define COMMON_IO_H

#include <stddef.h>
#include <sys/types.h>

/* Writes all of `n` bytes; 0 or -errno (what was written before the error is not told). */
int io_write_all(int fd, const void *buf, size_t n);

/* Reads up to `n` bytes; the count, 0 at the end, or -errno. */
ssize_t io_read_some(int fd, void *buf, size_t n);

#endif
