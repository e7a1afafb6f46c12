#include "cli/ingest/pidfd.h"

#include "common/io.h"

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As in <linux/pidfd.h> of Linux 6.15, which Debian 12's headers do not have. */
struct pidfd_exit_info {
	uint64_t mask;
	uint64_t cgroupid;
	uint32_t pid, tgid, ppid;
	uint32_t ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	int32_t exit_code;
};
_Static_assert(sizeof(struct pidfd_exit_info) == 64, "PIDFD_INFO_SIZE_VER0");

#define GET_INFO _IOWR(0xFF, 11, struct pidfd_exit_info)
#define INFO_EXIT (UINT64_C(1) << 3)

int pidfd_watch(int pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0); /* close-on-exec by itself */
}

bool pidfd_ended(int pidfd)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	return poll(&p, 1, 0) > 0 && p.revents & (POLLIN | POLLHUP);
}

static bool reaped_status(int pidfd, int *wait_status)
{
	struct pidfd_exit_info info = {.mask = INFO_EXIT};

	if (ioctl(pidfd, GET_INFO, &info) < 0 || !(info.mask & INFO_EXIT))
		return false;
	*wait_status = info.exit_code;
	return true;
}

/* The last field of /proc/PID/stat; only of a zombie is it the status. */
static bool zombie_status(int pid, int *wait_status)
{
	char path[32], text[1024], state;
	ssize_t n;
	char *p;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = io_read_some(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	p = strrchr(text, ')');
	if (!p || sscanf(p + 1, " %c", &state) != 1 || state != 'Z')
		return false;
	p = strrchr(text, ' ');
	*wait_status = atoi(p + 1);
	return true;
}

bool pidfd_wait_status(int pidfd, int pid, int *wait_status)
{
	int status;

	if (reaped_status(pidfd, wait_status))
		return true;
	if (!zombie_status(pid, &status))
		return reaped_status(pidfd, wait_status);
	/* Had it been reaped meanwhile, the number might be another process's by now. */
	if (reaped_status(pidfd, wait_status))
		return true;
	*wait_status = status;
	return true;
}
