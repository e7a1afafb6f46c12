#include "cli/scan/tasks.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

FILE *tasks_open(int pid, int tid, const char *name)
{
	char path[80];

	if (tid)
		snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", pid, tid, name);
	else
		snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return fopen(path, "re");
}

bool tasks_has_ended(int pid, int tid)
{
	FILE *file = tasks_open(pid, tid, "stat");
	char line[512] = "", *state;

	if (!file)
		return true;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	state = strrchr(line, ')');
	return !state || state[1] != ' ' || state[2] == 'Z' || state[2] == 'X';
}

void tasks_each(int pid, void (*visit)(void *ctx, int tid), void *ctx)
{
	char path[64];
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	folder = opendir(path);
	while (folder && (entry = readdir(folder)))
		if (atoi(entry->d_name) > 0)
			visit(ctx, atoi(entry->d_name));
	if (folder)
		closedir(folder);
}

struct count {
	int pid, last;
	size_t n;
};

static void count_thread(void *ctx, int tid)
{
	struct count *count = ctx;

	if (tasks_has_ended(count->pid, tid))
		return;
	count->n++;
	count->last = tid;
}

size_t tasks_count(int pid, int *tid)
{
	struct count count = {.pid = pid};

	tasks_each(pid, count_thread, &count);
	*tid = count.last;
	return count.n;
}

static bool has_memory(int pid, int tid)
{
	FILE *file = tasks_open(pid, tid, "statm");
	unsigned long n_pages = 0;

	if (!file)
		return false;
	if (fscanf(file, "%lu", &n_pages) != 1)
		n_pages = 0;
	fclose(file);
	return n_pages > 0;
}

static void find_memory(void *ctx, int tid)
{
	struct count *found = ctx;

	if (found->n == 0 && has_memory(found->pid, tid)) {
		found->last = tid;
		found->n = 1;
	}
}

int tasks_with_memory(int pid)
{
	struct count found = {.pid = pid};

	find_memory(&found, pid);
	if (found.n == 0)
		tasks_each(pid, find_memory, &found);
	return found.n ? found.last : pid;
}

/* A number from /proc/PID/status, whose line begins with `label`; 0 when it is not there. */
static int status_number(int pid, const char *label)
{
	FILE *file = tasks_open(pid, 0, "status");
	char line[256];
	int number = 0;

	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, label, strlen(label)) == 0)
			number = atoi(line + strlen(label));
	if (file)
		fclose(file);
	return number;
}

int tasks_tracer_of(int pid)
{
	return status_number(pid, "TracerPid:");
}

bool tasks_is_sandboxed(int pid)
{
	/* the number of filters came with Linux 5.9; they are inherited and never removed */
	return status_number(pid, "Seccomp:") != status_number(getpid(), "Seccomp:") ||
	       status_number(pid, "Seccomp_filters:") != status_number(getpid(), "Seccomp_filters:");
}
