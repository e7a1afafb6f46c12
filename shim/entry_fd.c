/*
 * Functions that take descriptors away by number. Ours must not be closed or replaced by a program that clears all it
 * did not open, and to such a program it is not there: closing it is EBADF, as it would be without us.
 */
#include "shim/entry.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

MW_EXPORT int close(int fd)
{
	if (fd >= 0 && fd == mw_pipe_fd()) {
		errno = EBADF;
		return -1;
	}
	return mw_real_ready() ? mw_real.close(fd) : sys_close(fd);
}

MW_EXPORT int close_range(unsigned first, unsigned last, int flags)
{
	unsigned ours = (unsigned)mw_pipe_fd();
	int rc = 0;

	if (!mw_real_ready() || !mw_real.close_range) {
		errno = ENOSYS;
		return -1;
	}
	/* CLOEXEC has it already */
	if (ours < first || ours > last || first > last || flags & 4 /* CLOSE_RANGE_CLOEXEC */)
		return mw_real.close_range(first, last, flags);
	if (first < ours)
		rc = mw_real.close_range(first, ours - 1, flags);
	if (rc == 0 && ours < last)
		rc = mw_real.close_range(ours + 1, last, flags);
	return rc;
}

MW_EXPORT void closefrom(int first)
{
	int ours = mw_pipe_fd();

	if (!mw_real_ready() || !mw_real.closefrom)
		return;
	if (ours < 0 || first > ours) {
		mw_real.closefrom(first);
		return;
	}
	if (first < 0)
		first = 0;
	while (first < ours)
		sys_close(first++);
	mw_real.closefrom(ours + 1);
}

MW_EXPORT int dup2(int from, int to)
{
	if (to >= 0 && to == mw_pipe_fd())
		mw_process_vacate_fd(to);
	if (from >= 0 && from == mw_pipe_fd()) {
		errno = EBADF;
		return -1;
	}
	return mw_real_ready() ? mw_real.dup2(from, to) : -1;
}

MW_EXPORT int dup3(int from, int to, int flags)
{
	if (to >= 0 && to == mw_pipe_fd())
		mw_process_vacate_fd(to);
	if (from >= 0 && from == mw_pipe_fd()) {
		errno = EBADF;
		return -1;
	}
	return mw_real_ready() ? mw_real.dup3(from, to, flags) : -1;
}
