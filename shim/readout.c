/*
 * The bytes go to the slot's file by write(2), which fails where reading them would fault: a range may have been
 * unmapped by another thread. Nothing of the program's is touched, and no memory is needed.
 */
#include "shim/readout.h"

#include "shim/paths.h"
#include "shim/process.h"
#include "shim/sys.h"

#include <unistd.h>

/* Returns how many bytes were written. */
static uint64_t put(int fd, uint64_t addr, uint64_t n_bytes, uint64_t at)
{
	uint64_t done = 0;

	while (done < n_bytes) {
		long n = SYS4(SYS_pwrite64, fd, addr + done, n_bytes - done, shm_read_offset() + at + done);

		if (n <= 0)
			break;
		done += (uint64_t)n;
	}
	return done;
}

static uint64_t put_pieces(int fd, const struct shm_read *read)
{
	uint64_t done = 0;

	for (uint32_t i = 0; i < read->n_pieces && i < SHM_READ_PIECES; i++) {
		uint64_t n = put(fd, read->pieces[i].addr, read->pieces[i].n_bytes, done);

		done += n;
		if (n < read->pieces[i].n_bytes)
			break;
	}
	return done;
}

static uint64_t put_maps(int fd)
{
	int maps = sys_open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	uint64_t done = 0;
	char text[1024];
	long n;

	if (maps < 0)
		return 0;
	while (done + sizeof(text) <= SHM_READ_BYTES && (n = sys_read(maps, text, sizeof(text))) > 0) {
		if (put(fd, (uint64_t)(uintptr_t)text, (uint64_t)n, done) < (uint64_t)n)
			break;
		done += (uint64_t)n;
	}
	sys_close(maps);
	return done;
}

void mw_readout(uint32_t scan_done)
{
	struct shm_read *read = &mw_proc->shm->read;
	char path[SHM_PATH_MAX + 32];
	uint64_t n_bytes = 0;
	int fd;

	if (!(scan_done & SHM_SCAN_READ) || atomic_load(&read->done) == (scan_done & ~SHM_SCAN_READ))
		return;
	mw_path_format(path, sizeof(path), mw_session_path(), mw_proc->slot, SHM_SLOT_MEM_SUFFIX);
	fd = sys_open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		n_bytes = read->n_pieces ? put_pieces(fd, read) : put_maps(fd);
		sys_close(fd);
	}
	read->n_bytes = n_bytes;
	atomic_store(&read->done, scan_done & ~SHM_SCAN_READ);
	sys_futex_wake(&read->done);
}
