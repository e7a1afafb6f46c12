#include "cli/ingest/drain.h"

#include "common/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

void drain_open(struct drain *drain, size_t n_bytes)
{
	int fds[2];

	*drain = (struct drain){-1, -1};
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return;
	*drain = (struct drain){.in = fds[1], .out = fds[0]};
	fcntl(drain->in, F_SETPIPE_SZ, (int)n_bytes); /* a smaller one takes more turns */
}

void drain_close(struct drain *drain)
{
	if (drain->in < 0)
		return;
	close(drain->in);
	close(drain->out);
}

/* Moves what is there, up to `n_bytes`, and copies it: as much as the second pipe has room for, which is less than
 * `n_bytes` when pages are not full. The bytes, 0 = no writer, or -errno. */
static ssize_t move(const struct drain *drain, int fd, void *buf, size_t n_bytes)
{
	size_t n_read = 0, n_moved;
	ssize_t n;

	do
		n = splice(fd, NULL, drain->in, NULL, n_bytes, SPLICE_F_NONBLOCK);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno != EAGAIN)
		return io_read_some(fd, buf, n_bytes); /* it is no pipe, or that call is forbidden here */
	if (n <= 0)
		return n < 0 ? -EAGAIN : 0;
	n_moved = (size_t)n;
	while (n_read < n_moved) {
		n = io_read_some(drain->out, (uint8_t *)buf + n_read, n_moved - n_read);
		if (n <= 0)
			return n < 0 ? n : -EIO; /* cannot be: it is there */
		n_read += (size_t)n;
	}
	return (ssize_t)n_read;
}

ssize_t drain_read(const struct drain *drain, int fd, void *buf, size_t n_bytes)
{
	size_t n_read = 0;
	ssize_t n;

	if (drain->in < 0)
		return io_read_some(fd, buf, n_bytes);
	do {
		n = move(drain, fd, (uint8_t *)buf + n_read, n_bytes - n_read);
		n_read += n > 0 ? (size_t)n : 0;
	} while (n > 0 && n_read < n_bytes);
	return n_read ? (ssize_t)n_read : n;
}
