#include "cli/ingest/folder.h"

#include "cli/ingest/pidns.h"

#include "common/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "memwatch-"
#define TEMPLATE PREFIX "XXXXXX"

const char *folder_place(size_t i)
{
	static const char *const variables[] = {NULL, "XDG_RUNTIME_DIR", "TMPDIR", NULL};
	static const char *const fixed[] = {"/dev/shm", NULL, NULL, "/tmp"};
	const char *place;

	if (i >= MW_ARRAY_LEN(fixed))
		return NULL;
	place = fixed[i] ? fixed[i] : getenv(variables[i]);
	return place ? place : "";
}

bool folder_is_named_so(const char *name)
{
	return strlen(name) == strlen(TEMPLATE) && !strncmp(name, PREFIX, strlen(PREFIX));
}

/* Leaves the path empty if that cannot be. */
static void make_in(struct folder *folder, const char *place)
{
	int n;

	if (place[0] != '/')
		return;
	n = snprintf(folder->path, sizeof(folder->path), "%s/" TEMPLATE, place);
	if (n < 0 || (size_t)n >= sizeof(folder->path) || !mkdtemp(folder->path))
		folder->path[0] = '\0';
}

/* How many seccomp filters there are already; the kernel tells it from 5.9 on. */
static uint32_t own_filters(void)
{
	FILE *file = fopen("/proc/self/status", "re");
	unsigned n = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Seccomp_filters: %u", &n) == 1)
			break;
	if (file)
		fclose(file);
	return n;
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
	session->n_filters = own_filters();
	session->pid_ns = pidns_own();
	atomic_thread_fence(memory_order_release); /* whoever sees the magic sees the pid: reporter_gone() */
	session->magic = SHM_SESSION_MAGIC;
	folder->session = session;
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

/* Whether a folder's session file is one of ours, and the reporter that it names is not there any more. */
static bool reporter_gone(int folder)
{
	int fd = openat(folder, SHM_SESSION_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct shm_session session;
	struct stat st;
	bool gone = false;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    io_read_some(fd, &session, sizeof(session)) == (int)sizeof(session) &&
	    session.magic == SHM_SESSION_MAGIC && session.version == SHM_VERSION && (int)session.reporter_pid > 0)
		gone = kill((int)session.reporter_pid, 0) < 0 && errno == ESRCH;
	close(fd);
	return gone;
}

/* One that lives holds a lock on it: in another pid namespace its pid would not be known here. */
void folder_remove_stale(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 077) == 0 && reporter_gone(fd) &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0) {
		remove_files(fd);
		unlinkat(parent, name, AT_REMOVEDIR);
	}
	close(fd);
}

/* Looks beside our own folder. */
static void remove_stale(const struct folder *folder)
{
	int fd = openat(folder->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir)))
		if (folder_is_named_so(entry->d_name))
			folder_remove_stale(fd, entry->d_name);
	closedir(dir);
}

int folder_make(struct folder *folder, uint32_t flags, uint32_t depth, struct err *err)
{
	*folder = (struct folder){.fd = -1};
	for (size_t i = 0; !folder->path[0] && folder_place(i); i++)
		make_in(folder, folder_place(i));
	if (!folder->path[0])
		return err_set_errno(err, errno, "cannot make a folder for the session in /dev/shm or /tmp");
	folder->fd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0 || make_session(folder, flags, depth) < 0) {
		err_set_errno(err, errno, "cannot set up the session in %s", folder->path);
		folder_remove(folder);
		return -1;
	}
	flock(folder->fd, LOCK_EX | LOCK_NB); /* for as long as we live; partner: folder_remove_stale() */
	remove_stale(folder);
	return 0;
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
