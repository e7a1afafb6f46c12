/* Both numbers of a process: NSpid in /proc/PID/status (Linux 4.1), namespaces: /proc/PID/ns (namespaces(7)). */
#include "cli/ingest/pidns.h"

#include "common/io.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t namespace_of(const char *process)
{
	char path[300];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%s/ns/pid", process);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

uint64_t pidns_own(void)
{
	return namespace_of("self");
}

/* The last number in a line of /proc/PROCESS/status; -1: it is not there. */
static int status_number(const char *process, const char *name)
{
	char path[300], text[4096], *line, *end, *last;
	int fd, n;

	snprintf(path, sizeof(path), "/proc/%s/status", process);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = io_read_some(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	line = strstr(text, name);
	end = line ? strchr(line + 1, '\n') : NULL;
	if (!end)
		return -1;
	*end = '\0';
	last = strrchr(line, '\t');
	return last ? atoi(last + 1) : -1;
}

int pidns_find(uint64_t ns, int pid)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	int found = -1;

	if (!dir)
		return -1;
	while (found < 0 && (entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && namespace_of(entry->d_name) == ns &&
		    status_number(entry->d_name, "\nNSpid:") == pid)
			found = atoi(entry->d_name);
	closedir(dir);
	return found;
}

int pidns_parent(int pid)
{
	char process[16];
	int parent;

	snprintf(process, sizeof(process), "%d", pid);
	parent = status_number(process, "\nPPid:");
	return parent > 0 ? parent : 0;
}
