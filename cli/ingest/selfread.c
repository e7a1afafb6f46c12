#include "cli/ingest/selfread.h"

#include "cli/base/xalloc.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_ROUNDS 100 /* of LOOK_NS: a process that waits answers at once */
#define LOOK_NS         20000000

/* One request; its pieces are in the slot. Number of bytes that are in the slot's file then. */
static size_t ask(struct slot *slot)
{
	struct shm_read *read = &slot->shm->read;
	const struct timespec look = {.tv_nsec = LOOK_NS};
	uint32_t number = atomic_load(&read->done) + 1;

	if (slot->unanswered)
		return 0;
	atomic_store(&slot->shm->scan_done, SHM_SCAN_READ | number);
	syscall(SYS_futex, &slot->shm->scan_done, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
	for (int i = 0; i < PATIENCE_ROUNDS; i++) {
		if (atomic_load(&read->done) == number)
			return read->n_bytes <= SHM_READ_BYTES ? read->n_bytes : 0;
		syscall(SYS_futex, &read->done, FUTEX_WAIT, number - 1, &look, NULL, 0);
	}
	slot->unanswered = true;
	return 0;
}

/* Puts as many pieces from `skip` bytes on into a request as it takes. Returns their bytes. */
static size_t put_pieces(struct shm_read *read, const struct iovec *pieces, size_t n_pieces, size_t skip)
{
	size_t wanted = 0;

	read->n_pieces = 0;
	for (size_t i = 0; i < n_pieces && read->n_pieces < SHM_READ_PIECES && wanted < SHM_READ_BYTES; i++) {
		uint64_t addr = (uint64_t)(uintptr_t)pieces[i].iov_base, n = pieces[i].iov_len;

		if (skip >= n) {
			skip -= n;
			continue;
		}
		addr += skip;
		n -= skip;
		skip = 0;
		if (n > SHM_READ_BYTES - wanted)
			n = SHM_READ_BYTES - wanted;
		read->pieces[read->n_pieces++] = (struct shm_piece){addr, n};
		wanted += n;
	}
	return wanted;
}

size_t selfread_memory(struct slot *slot, const struct iovec *pieces, size_t n_pieces, void *buf)
{
	int fd = slot_open_mem(slot);
	size_t done = 0, wanted, got;

	if (fd < 0)
		return 0;
	while ((wanted = put_pieces(&slot->shm->read, pieces, n_pieces, done))) {
		got = ask(slot);
		if (got > wanted || pread(fd, (char *)buf + done, got, (off_t)shm_read_offset()) != (ssize_t)got)
			break;
		done += got;
		if (got < wanted)
			break;
	}
	close(fd);
	return done;
}

char *selfread_maps(struct slot *slot)
{
	int fd = slot_open_mem(slot);
	char *text = NULL;
	size_t n;

	if (fd < 0)
		return NULL;
	slot->shm->read.n_pieces = 0;
	n = ask(slot);
	if (n) {
		text = xcalloc(n + 1, 1);
		if (pread(fd, text, n, (off_t)shm_read_offset()) != (ssize_t)n) {
			free(text);
			text = NULL;
		}
	}
	close(fd);
	return text;
}
