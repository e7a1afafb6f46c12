#include "cli/symbols/jit_map.h"

#include "cli/base/xalloc.h"
#include "cli/symbols/range_map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct jit_map {
	char *text;              /* the file; each name ends in NUL */
	struct range_map ranges; /* value: offset of the name in `text` */
};

/* The file's bytes and a NUL, or NULL. */
static char *jit_read_file(const char *path, size_t *n_bytes)
{
	struct stat st;
	char *text = NULL;
	size_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > JIT_MAP_BYTES_MAX)
		goto out;
	if (st.st_uid != geteuid() && st.st_uid != 0)
		goto out;
	text = xmalloc((size_t)st.st_size + 1);
	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, text + n, (size_t)st.st_size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	text[n] = '\0';
	*n_bytes = n;
out:
	close(fd);
	return text;
}

/* One line without its newline. A line that is not of the form is passed over. */
static void jit_map_line(struct jit_map *map, char *line)
{
	char *end;
	uint64_t start, size;

	start = strtoull(line, &end, 16);
	if (end == line || *end != ' ')
		return;
	line = end + 1;
	size = strtoull(line, &end, 16);
	if (end == line || *end != ' ' || !end[1] || start + size < start)
		return;
	range_map_add(&map->ranges, start, start + size, (uint32_t)(end + 1 - map->text));
}

struct jit_map *jit_map_read(const char *path)
{
	struct jit_map *map = xcalloc(1, sizeof(*map));
	size_t n = 0;
	char *p, *end;

	map->text = jit_read_file(path, &n);
	if (!map->text)
		return map;
	end = map->text + n;
	for (p = map->text; p < end;) {
		char *newline = memchr(p, '\n', (size_t)(end - p));

		if (!newline)
			newline = end;
		*newline = '\0';
		jit_map_line(map, p);
		p = newline + 1;
	}
	return map;
}

const char *jit_map_name(struct jit_map *map, uint64_t addr)
{
	size_t cursor = RANGE_MAP_START;
	const struct range *r, *last = NULL;

	/* code memory is used again: the line written last is the true one */
	while ((r = range_map_next(&map->ranges, addr, &cursor)) != NULL)
		if (!last || r->value > last->value)
			last = r;
	return last ? map->text + last->value : NULL;
}

void jit_map_free(struct jit_map *map)
{
	if (!map)
		return;
	range_map_release(&map->ranges);
	free(map->text);
	free(map);
}
