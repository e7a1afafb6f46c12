#include "cli/base/spool.h"

#include "cli/base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#define LEVEL 1 /* it is read once, and soon */

struct spool {
	char *folder;
	int fd;     /* -1: not made */
	int errnum; /* of the first failure */
	uint64_t end;
	size_t cap;
	uint8_t *packed;
};

struct spool *spool_new(const char *folder)
{
	struct spool *spool = xcalloc(1, sizeof(*spool));

	spool->folder = folder ? xstrdup(folder) : NULL;
	spool->fd = -1;
	spool->cap = ZSTD_compressBound(SPOOL_PIECE_MAX);
	spool->packed = xmalloc(spool->cap);
	return spool;
}

void spool_free(struct spool *spool)
{
	if (!spool)
		return;
	if (spool->fd >= 0)
		close(spool->fd);
	free(spool->folder);
	free(spool->packed);
	free(spool);
}

/* Some file systems have no files without a name. */
static int make_file(const char *folder)
{
	char path[4096];
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (size_t)snprintf(path, sizeof(path), "%s/memwatch-XXXXXX", folder) >= sizeof(path))
		return fd;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

static bool open_file(struct spool *spool)
{
	const char *folders[] = {spool->folder, getenv("TMPDIR"), "/var/tmp", "/tmp"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders) && spool->fd < 0; i++)
		if (folders[i] && folders[i][0])
			spool->fd = make_file(folders[i]);
	if (spool->fd < 0)
		spool->errnum = errno;
	return spool->fd >= 0;
}

static void write_all(struct spool *spool, const uint8_t *bytes, size_t n)
{
	uint64_t at = spool->end;

	while (n && !spool->errnum) {
		ssize_t done = pwrite(spool->fd, bytes, n, (off_t)at);

		if (done >= 0) {
			bytes += done;
			n -= (size_t)done;
			at += (size_t)done;
		} else if (errno != EINTR) {
			spool->errnum = errno;
		}
	}
}

struct spool_piece spool_put(struct spool *spool, const void *bytes, size_t n)
{
	struct spool_piece piece = {.at = spool->end, .n_bytes = (uint32_t)n};
	size_t packed;

	if (spool->errnum || (spool->fd < 0 && !open_file(spool)))
		return piece;
	packed = ZSTD_compress(spool->packed, spool->cap, bytes, n, LEVEL);
	if (ZSTD_isError(packed)) {
		spool->errnum = ENOMEM;
		return piece;
	}
	piece.packed_bytes = (uint32_t)packed;
	write_all(spool, spool->packed, packed);
	spool->end += packed;
	return piece;
}

int spool_take(const struct spool *spool, const struct spool_piece *piece, void *to)
{
	size_t done = 0;

	if (spool->errnum)
		return spool->errnum;
	while (done < piece->packed_bytes) {
		ssize_t n =
			pread(spool->fd, spool->packed + done, piece->packed_bytes - done, (off_t)(piece->at + done));

		if (n == 0 || (n < 0 && errno != EINTR))
			return n ? errno : EIO;
		done += n > 0 ? (size_t)n : 0;
	}
	return ZSTD_decompress(to, SPOOL_PIECE_MAX, spool->packed, done) == piece->n_bytes ? 0 : EIO;
}
