#include "cli/monitor/limit.h"

#include "cli/base/xalloc.h"
#include "common/compiler.h"
#include "common/io.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define V1_NO_LIMIT UINT64_C(0x7ffffffffffff000) /* LONG_MAX rounded down to pages: what the kernel shows for none */

static void lower(struct limit *limit, uint64_t bytes, const char *source, enum limit_measure measure)
{
	if (!limit->source || bytes < limit->bytes)
		*limit = (struct limit){bytes, source, measure};
}

/* A number at the begin of `text`; false for "max", "unlimited" and what is no number. */
static bool read_number(const char *text, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	return end != text && *text != '-' && !errno;
}

static FILE *open_file(const char *root, const char *path)
{
	char *full = xasprintf("%s%s", root, path);
	FILE *file = fopen(full, "re");

	free(full);
	return file;
}

/* ---- control groups */

struct cgroup_file {
	const char *name, *source;
};
static const struct cgroup_file v1_files[] = {{"memory.limit_in_bytes", "cgroup v1 memory.limit_in_bytes"},
					      {NULL, NULL}};
static const struct cgroup_file v2_files[] = {
	{"memory.max", "cgroup v2 memory.max"}, {"memory.high", "cgroup v2 memory.high"}, {NULL, NULL}};

/* The limits that the files of one folder say. */
static void read_folder(const char *root, const char *folder, const struct cgroup_file *files, struct limit *limit)
{
	for (; files->name; files++) {
		char *path = xasprintf("%s/%s", folder, files->name);
		FILE *file = open_file(root, path);
		char line[64];
		uint64_t bytes;

		free(path);
		if (!file)
			continue;
		if (fgets(line, sizeof(line), file) && read_number(line, &bytes) && bytes < V1_NO_LIMIT)
			lower(limit, bytes, files->source, LIMIT_OF_RESIDENT);
		fclose(file);
	}
}

/* From the group's folder up to the mount point: a group is also held to the limits of those above it. */
static void walk_up(const char *root, const char *mount, const char *group, const struct cgroup_file *files,
		    struct limit *limit)
{
	char *folder = xasprintf("%s%s", mount, group);
	size_t least = strlen(mount);

	for (;;) {
		size_t n = strlen(folder);

		while (n > least && folder[n - 1] == '/')
			folder[--n] = '\0';
		read_folder(root, folder, files, limit);
		if (n <= least)
			break;
		while (n > least && folder[n - 1] != '/')
			folder[--n] = '\0';
	}
	free(folder);
}

/* Undoes \040 and its like, in place. */
static void unescape(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (text[0] == '\\' && strspn(text + 1, "01234567") >= 3) {
			*to++ = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0'));
			text += 3;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* A mounted hierarchy: the part of it that is mounted, and where. */
struct mount {
	char root[PATH_MAX], point[PATH_MAX];
};

/* A line of mountinfo: ID PARENT DEVICE ROOT POINT OPTIONS [TAGS] - TYPE SOURCE SUPER-OPTIONS. False unless it is of a
 * memory hierarchy of this version. */
static bool read_mount(char *line, bool v2, struct mount *mount)
{
	char *dash = strstr(line, " - "), type[32], options[1024];

	if (!dash || sscanf(dash, " - %31s %*s %1023s", type, options) != 2)
		return false;
	if (strcmp(type, v2 ? "cgroup2" : "cgroup"))
		return false;
	if (!v2) {
		bool has_memory = false;
		char *save = NULL;

		for (char *o = strtok_r(options, ",", &save); o; o = strtok_r(NULL, ",", &save))
			has_memory |= !strcmp(o, "memory");
		if (!has_memory)
			return false;
	}
	if (sscanf(line, "%*s %*s %*s %4095s %4095s", mount->root, mount->point) != 2)
		return false;
	unescape(mount->root);
	unescape(mount->point);
	return true;
}

/* The group's path below the mount point; "" when it lies outside of what is mounted, as in a container. */
static const char *below(const char *group, const char *mounted)
{
	size_t n = strlen(mounted);

	if (!strncmp(group, "/..", 3))
		return "";
	if (!strcmp(mounted, "/"))
		return group;
	if (!strncmp(group, mounted, n) && (group[n] == '/' || !group[n]))
		return group + n;
	return "";
}

static void read_hierarchy(const char *root, const char *group, bool v2, struct limit *limit)
{
	FILE *file = open_file(root, "/proc/self/mountinfo");
	struct mount mount;
	char *line = NULL;
	size_t cap = 0;

	while (file && getline(&line, &cap, file) > 0)
		if (read_mount(line, v2, &mount))
			walk_up(root, mount.point, below(group, mount.root), v2 ? v2_files : v1_files, limit);
	free(line);
	if (file)
		fclose(file);
}

/* A line of /proc/PID/cgroup: ID:CONTROLLERS:PATH; v2 has id 0 and no controllers. */
static void read_groups(const char *root, int pid, struct limit *limit)
{
	char *path = xasprintf("/proc/%d/cgroup", pid), *line = NULL;
	FILE *file = open_file(root, path);
	size_t cap = 0;

	while (file && getline(&line, &cap, file) > 0) {
		char *controllers = strchr(line, ':'), *group, *save = NULL;
		bool v2 = !strncmp(line, "0::", 3), memory = v2;

		line[strcspn(line, "\n")] = '\0';
		group = controllers ? strchr(++controllers, ':') : NULL;
		if (!group)
			continue;
		*group++ = '\0';
		for (char *c = strtok_r(controllers, ",", &save); c; c = strtok_r(NULL, ",", &save))
			memory |= !strcmp(c, "memory");
		if (memory)
			read_hierarchy(root, group, v2, limit);
	}
	free(line);
	free(path);
	if (file)
		fclose(file);
}

/* ---- resource limits, and the machine */

static void read_rlimits(const char *root, int pid, struct limit *limit)
{
	static const struct {
		const char *begin, *source;
		enum limit_measure measure;
	} kinds[] = {{"Max address space ", "RLIMIT_AS", LIMIT_OF_ADDRESS_SPACE},
		     {"Max data size ", "RLIMIT_DATA", LIMIT_OF_DATA}};
	char *path = xasprintf("/proc/%d/limits", pid), line[256];
	FILE *file = open_file(root, path);
	uint64_t bytes;

	while (file && fgets(line, sizeof(line), file))
		for (size_t i = 0; i < MW_ARRAY_LEN(kinds); i++) {
			size_t n = strlen(kinds[i].begin);

			if (!strncmp(line, kinds[i].begin, n) && read_number(line + n + strspn(line + n, " "), &bytes))
				lower(limit, bytes, kinds[i].source, kinds[i].measure);
		}
	free(path);
	if (file)
		fclose(file);
}

static void read_machine(const char *root, struct limit *limit)
{
	FILE *file = open_file(root, "/proc/meminfo");
	char line[128];
	uint64_t kib;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemTotal: %" SCNu64 " kB", &kib) == 1)
			lower(limit, kib * 1024, "RAM", LIMIT_OF_RESIDENT);
	if (file)
		fclose(file);
}

struct limit limit_find(const char *root, int pid)
{
	struct limit limit = {0};

	read_groups(root, pid, &limit);
	read_rlimits(root, pid, &limit);
	read_machine(root, &limit);
	return limit;
}

/* ---- use */

struct limit_use limit_use_of(int pid)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), size, resident, data;
	char path[64], text[256];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return (struct limit_use){0};
	n = io_read_some(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	if (sscanf(text, "%" SCNu64 " %" SCNu64 " %*u %*u %*u %" SCNu64, &size, &resident, &data) != 3)
		return (struct limit_use){0};
	return (struct limit_use){.rss = resident * page, .address_space = size * page, .data = data * page};
}

uint64_t limit_used(const struct limit *limit, uint64_t live_bytes, const struct limit_use *use)
{
	switch (limit->measure) {
	case LIMIT_OF_RESIDENT:
		return use->rss > live_bytes ? use->rss : live_bytes;
	case LIMIT_OF_ADDRESS_SPACE:
		return use->address_space;
	case LIMIT_OF_DATA:
		return use->data;
	case LIMIT_OF_LIVE:
		break;
	}
	return live_bytes;
}
