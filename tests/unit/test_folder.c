#include "cli/ingest/folder.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void make(struct folder *folder)
{
	struct err err = {""};

	cr_assert_eq(folder_make(folder, 0, 256, &err), 0, "%s", err.text);
}

Test(folder, made_and_removed)
{
	struct folder folder;
	struct stat st;

	make(&folder);
	cr_assert_eq(stat(folder.path, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0700);
	cr_assert_eq(folder.session->magic, SHM_SESSION_MAGIC);
	cr_assert_eq(folder.session->reporter_pid, (uint32_t)getpid());
	folder_remove(&folder);
	cr_assert_eq(stat(folder.path, &st), -1);
	folder_remove(&folder);
}

/* The path of a folder whose reporter was killed. */
static char *leave_stale(int *pid)
{
	char *path = mmap(NULL, SHM_PATH_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct folder folder;

	*pid = fork();
	if (*pid == 0) {
		make(&folder);
		strcpy(path, folder.path);
		raise(SIGKILL);
	}
	waitpid(*pid, NULL, 0);
	return path;
}

/* A folder named like ours beside `stale`, whose session file is a link to a copy of the one there. */
static void make_linked(char *path, const char *stale, int number)
{
	char bytes[sizeof(struct shm_session)], name[SHM_PATH_MAX + 16];
	int from, to, dir;

	snprintf(name, sizeof(name), "%s/" SHM_SESSION_FILE, stale);
	from = open(name, O_RDONLY);
	strcpy(path, stale);
	snprintf(path + strlen(path) - 6, 7, "%06u", (unsigned)number % 1000000);
	cr_assert_eq(mkdir(path, 0700), 0);
	dir = open(path, O_RDONLY | O_DIRECTORY);
	to = openat(dir, "copy", O_WRONLY | O_CREAT, 0600);
	cr_assert_eq(read(from, bytes, sizeof(bytes)), sizeof(bytes));
	cr_assert_eq(write(to, bytes, sizeof(bytes)), sizeof(bytes));
	cr_assert_eq(symlinkat("copy", dir, SHM_SESSION_FILE), 0);
	close(from);
	close(to);
	close(dir);
}

static void remove_linked(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY);

	cr_assert(unlinkat(dir, "copy", 0) == 0 && unlinkat(dir, SHM_SESSION_FILE, 0) == 0);
	close(dir);
	cr_assert_eq(rmdir(path), 0);
}

Test(folder, those_of_killed_reporters_are_removed_and_nothing_else)
{
	struct folder first, second;
	char linked[SHM_PATH_MAX], *stale;
	int pid;

	make(&first);
	stale = leave_stale(&pid);
	cr_assert_eq(access(stale, F_OK), 0);
	make_linked(linked, stale, pid);
	make(&second);
	cr_assert_eq(access(stale, F_OK), -1);
	cr_assert_eq(access(first.path, F_OK), 0);
	remove_linked(linked); /* is what it was */
	folder_remove(&first);
	folder_remove(&second);
}

/* In another pid namespace the reporter's number means nothing here, or something else. */
Test(folder, what_is_in_use_stays_whatever_its_pid)
{
	struct folder used, other;
	int pid;

	make(&used);
	pid = fork();
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	used.session->reporter_pid = (uint32_t)pid;
	make(&other);
	cr_assert_eq(access(used.path, F_OK), 0);
	folder_remove(&other);
	folder_remove(&used);
}
