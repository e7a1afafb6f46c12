#include "cli/ingest/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TEMPLATE "/memwatch-XXXXXX"

static bool make_in(struct folder *folder, const char *parent)
{
	int n;

	if (!parent || parent[0] != '/')
		return false;
	n = snprintf(folder->path, sizeof(folder->path), "%s" TEMPLATE, parent);
	if (n < 0 || (size_t)n >= sizeof(folder->path) || !mkdtemp(folder->path)) {
		folder->path[0] = '\0';
		return false;
	}
	return true;
}

static int make_session(struct folder *folder, uint32_t flags, uint32_t depth)
{
	int fd = openat(folder->fd, SHM_SESSION_FILE, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct shm_session *session = MAP_FAILED;

	if (fd < 0)
		return -1;
	if (ftruncate(fd, sizeof(*session)) == 0)
		session = mmap(NULL, sizeof(*session), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (session == MAP_FAILED)
		return -1;
	session->version = SHM_VERSION;
	session->reporter_pid = (uint32_t)getpid();
	session->flags = flags;
	session->depth = depth;
	session->magic = SHM_SESSION_MAGIC;
	folder->session = session;
	return 0;
}

int folder_make(struct folder *folder, uint32_t flags, uint32_t depth, struct err *err)
{
	*folder = (struct folder){.fd = -1};
	if (!make_in(folder, "/dev/shm") && !make_in(folder, getenv("XDG_RUNTIME_DIR")) &&
	    !make_in(folder, getenv("TMPDIR")) && !make_in(folder, "/tmp"))
		return err_set_errno(err, errno, "cannot make a folder for the session in /dev/shm or /tmp");
	folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0 || make_session(folder, flags, depth) < 0) {
		err_set_errno(err, errno, "cannot set up the session in %s", folder->path);
		folder_remove(folder);
		return -1;
	}
	return 0;
}

static void remove_files(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (!dir) {
		if (copy >= 0)
			close(copy);
		return;
	}
	rewinddir(dir); /* the copy shares the position */
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(fd, entry->d_name, 0);
	closedir(dir);
}

void folder_remove(struct folder *folder)
{
	if (folder->session)
		munmap(folder->session, sizeof(*folder->session));
	folder->session = NULL;
	if (folder->path[0] == '\0')
		return;
	if (folder->fd >= 0) {
		remove_files(folder->fd);
		close(folder->fd);
	}
	folder->fd = -1;
	rmdir(folder->path);
	folder->path[0] = '\0';
}
