#include "cli/answers/find.h"

#include "cli/ingest/folder.h"
#include "cli/scan/tasks.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Private to its owner, who is this user; or we are root. */
static bool is_safe(int folder_fd)
{
	struct stat st;

	return fstat(folder_fd, &st) == 0 && (st.st_mode & 077) == 0 && (st.st_uid == geteuid() || geteuid() == 0);
}

static bool visit_folder(int place_fd, const char *name, find_visit *visit, void *ctx)
{
	int fd = openat(place_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool more = true;

	if (fd < 0)
		return true;
	if (is_safe(fd))
		more = visit(ctx, fd);
	close(fd);
	return more;
}

/* The folder of a mapped file "…/memwatch-XXXXXX/N.mem": cuts the path there; NULL if it is none. */
static char *folder_of(char *path)
{
	char *name, *file = strrchr(path, '/');

	if (!file || !strstr(file, SHM_SLOT_MEM_SUFFIX))
		return NULL;
	*file = '\0';
	name = strrchr(path, '/');
	return name && folder_is_named_so(name + 1) ? path : NULL;
}

void find_of_process(int pid, find_visit *visit, void *ctx)
{
	char line[PATH_MAX + 128], *folder = NULL;
	FILE *maps;

	maps = tasks_open(tasks_with_memory(pid), 0, "maps");
	if (!maps)
		return;
	while (!folder && fgets(line, sizeof(line), maps)) {
		char *mapped = strchr(line, '/');

		folder = mapped ? folder_of(mapped) : NULL;
	}
	fclose(maps);
	if (folder)
		visit_folder(AT_FDCWD, folder, visit, ctx);
}

static bool visit_place(const char *place, find_visit *visit, void *ctx)
{
	DIR *dir = place[0] == '/' ? opendir(place) : NULL;
	const struct dirent *entry;
	bool more = true;

	if (!dir)
		return true;
	while (more && (entry = readdir(dir))) {
		if (!folder_is_named_so(entry->d_name))
			continue;
		folder_remove_stale(dirfd(dir), entry->d_name);
		more = visit_folder(dirfd(dir), entry->d_name, visit, ctx);
	}
	closedir(dir);
	return more;
}

void find_all(find_visit *visit, void *ctx)
{
	for (size_t i = 0; folder_place(i); i++) {
		bool again = false;

		for (size_t before = 0; before < i; before++)
			again |= strcmp(folder_place(before), folder_place(i)) == 0;
		if (!again && !visit_place(folder_place(i), visit, ctx))
			return;
	}
}
