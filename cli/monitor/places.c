#include "cli/monitor/places.h"

#include "cli/base/pagemap.h"
#include "cli/base/xalloc.h"
#include "cli/model/process.h"
#include "cli/monitor/procstat.h"

#include <ctype.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SMAPS_BYTES ((size_t)64 << 10) /* read at once */
#define ARENA_BYTES (UINT64_C(64) << 20)

struct place {
	uint64_t start, end, rss;
	bool data; /* private, writable, of no file */
	bool stack, heap;
};

struct list {
	struct place *items; /* by address */
	size_t n, cap;
	uint64_t least_bytes;
};

static FILE *open_of(int pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return fopen(path, "re");
}

/* ---- mappings */

/* The first line of a mapping; false if it is one of those that follow. */
static bool read_head(const char *line, struct place *place)
{
	char permissions[5];
	int at = 0;

	*place = (struct place){0};
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %*x %*s %*u %n", &place->start, &place->end, permissions, &at) <
	    3)
		return false;
	place->heap = at && !strncmp(line + at, "[heap]", 6);
	place->stack = at && !strncmp(line + at, "[stack]", 7);
	place->data = permissions[1] == 'w' && permissions[3] == 'p' &&
		      (place->heap || place->stack || !at || !line[at] || line[at] == '\n' ||
		       !strncmp(line + at, "[anon", 5));
	return true;
}

/* `name`: maps, or smaps, which tells how much of each is in memory. */
static bool read_places(struct list *list, int pid, const char *name)
{
	FILE *file = open_of(pid, name);
	struct place place;
	char *line = NULL;
	size_t cap = 0;
	uint64_t kib;

	if (!file)
		return false;
	setvbuf(file, NULL, _IOFBF, SMAPS_BYTES);
	while (getline(&line, &cap, file) > 0) {
		if (isupper((unsigned char)line[0])) {
			if (list->n && line[0] == 'R' && sscanf(line, "Rss: %" SCNu64, &kib) == 1)
				list->items[list->n - 1].rss = kib * 1024;
		} else if (read_head(line, &place)) {
			list->items = xgrow(list->items, &list->cap, list->n + 1, sizeof(*list->items));
			list->items[list->n++] = place;
		}
	}
	free(line);
	fclose(file);
	return list->n > 0;
}

static struct place *find(const struct list *list, uint64_t addr)
{
	size_t from = 0, to = list->n;

	while (from < to) {
		size_t middle = (from + to) / 2;

		if (list->items[middle].end <= addr)
			from = middle + 1;
		else
			to = middle;
	}
	return from < list->n && list->items[from].start <= addr ? &list->items[from] : NULL;
}

/* ---- stacks */

/* The kernel tells the stack pointer of a thread that waits; 0 if it runs. proc_pid_syscall(5). */
static uint64_t stack_pointer(int pid, int tid)
{
	uint64_t sp = 0, words[8];
	char name[48], text[256];
	FILE *file;

	snprintf(name, sizeof(name), "task/%d/syscall", tid);
	file = open_of(pid, name);
	if (!file)
		return 0;
	if (fgets(text, sizeof(text), file)) {
		int n = sscanf(text,
			       "%*d %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64,
			       &words[0], &words[1], &words[2], &words[3], &words[4], &words[5], &words[6]);

		if (n == 7)
			sp = words[6];
		else if (sscanf(text, "-1 %" SCNx64, &words[0]) == 1)
			sp = words[0]; /* stopped outside of a system call */
	}
	fclose(file);
	return sp;
}

static void find_stacks(struct list *list, int pid, struct places *places)
{
	char path[64];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		int tid = atoi(entry->d_name);
		struct place *place;

		if (tid <= 0)
			continue;
		places->n_threads++;
		if (tid == pid)
			continue; /* its stack has a name */
		place = find(list, stack_pointer(pid, tid));
		if (place && place->data && !place->heap)
			place->stack = true;
		else
			places->n_unknown++;
	}
	if (dir)
		closedir(dir);
}

/* ---- the heap */

static void mark_block(void *ctx, const struct process_block *block)
{
	const struct list *list = ctx;
	struct place *place;

	if (block->size_bytes < list->least_bytes)
		return;
	place = find(list, block->addr);
	if (place && place->data && !place->stack)
		place->heap = true;
}

/* Whether there is a block to mark by: most programs have few that are large, and a walk over all takes its time. */
static bool any_block(const struct process *process, uint64_t least_bytes)
{
	const struct process_size_class *sizes = process_sizes(process);
	bool any = process->totals.inherited_live_blocks > 0;

	for (unsigned i = 0; i < PROCESS_SIZE_CLASSES && !any; i++)
		any = UINT64_C(8) << i >= least_bytes && sizes[i].live_bytes > 0;
	return any || least_bytes == 0;
}

static void add_up(const struct list *list, int pagemap_fd, struct places *places)
{
	for (size_t i = 0; i < list->n; i++) {
		struct place *place = &list->items[i];

		if (pagemap_fd >= 0 && (place->stack || place->heap))
			pagemap_resident(pagemap_fd, place->start, place->end, &place->rss);
		if (place->stack) {
			places->stack_size_bytes += place->end - place->start;
			places->stack_rss_bytes += place->rss;
		} else if (place->heap) {
			places->heap_size_bytes += place->end - place->start;
			places->heap_rss_bytes += place->rss;
		}
	}
}

/* ---- the process as a whole */

static void read_status(int pid, struct places *places)
{
	uint64_t known = places->stack_rss_bytes + places->heap_rss_bytes, kib;
	FILE *file = open_of(pid, "status");
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "VmHWM: %" SCNu64, &kib) == 1)
			places->peak_rss_bytes = kib * 1024;
		else if (sscanf(line, "VmRSS: %" SCNu64, &kib) == 1)
			places->rss_bytes = kib * 1024;
	}
	if (places->rss_bytes < known)
		places->rss_bytes = known; /* the kernel's count may lag by some pages for each processor */
	if (file)
		fclose(file);
}

/* A descriptor to ask how much of a mapping is in memory; -1: that is not to be had in this way. */
static int ask_pagemap(int pid)
{
	int fd = pagemap_open(pid);
	uint64_t n_bytes;

	if (fd < 0 || pagemap_resident(fd, 0, 4096, &n_bytes))
		return fd;
	close(fd);
	return -1;
}

bool places_read(struct places *places, const struct process *process, uint64_t least_bytes)
{
	struct list list = {.least_bytes = least_bytes};
	int pagemap_fd = ask_pagemap(process->pid);
	bool read = read_places(&list, process->pid, pagemap_fd >= 0 ? "maps" : "smaps");
	struct procstat stat;

	*places = (struct places){0};
	if (read) {
		for (size_t i = 0; i < list.n; i++)
			list.items[i].heap |= list.items[i].data && list.items[i].start % ARENA_BYTES == 0;
		find_stacks(&list, process->pid, places);
		if (any_block(process, least_bytes))
			process_each_block(process, mark_block, &list);
		add_up(&list, pagemap_fd, places);
		read_status(process->pid, places);
		if (procstat_read(process->pid, &stat))
			places->cpu_seconds = stat.cpu_seconds;
	}
	if (pagemap_fd >= 0)
		close(pagemap_fd);
	free(list.items);
	return read;
}
