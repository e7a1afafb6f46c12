#include "cli/scan/maps.h"

#include "cli/base/xalloc.h"
#include "common/compiler.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE          UINT64_C(4096)
#define MAX_HEADERS   64 /* program headers of an object file */
#define SHIM_NAME     "libmemwatch.so"
#define LOADER_PREFIX "ld-"

static bool parse_line(struct map *map, char *line)
{
	unsigned major, minor;
	char perms[5];
	int n = 0;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %n", &map->start, &map->end, perms,
		   &map->offset, &major, &minor, &map->inode, &n) != 7 ||
	    strlen(perms) != 4 || map->start >= map->end)
		return false;
	map->device = (uint64_t)major << 32 | minor;
	map->readable = perms[0] == 'r';
	map->writable = perms[1] == 'w';
	map->executable = perms[2] == 'x';
	map->shared = perms[3] == 's';
	map->path = line + n;
	return true;
}

void maps_parse(struct maps *maps, char *text)
{
	char *line, *rest = text;

	*maps = (struct maps){.text = text};
	while ((line = strsep(&rest, "\n"))) {
		struct map map;

		if (!parse_line(&map, line) || (maps->n && map.start < maps->items[maps->n - 1].end))
			continue;
		maps->items = xgrow(maps->items, &maps->cap, maps->n + 1, sizeof(*maps->items));
		maps->items[maps->n++] = map;
	}
}

int maps_read(struct maps *maps, pid_t pid, struct err *err)
{
	char path[64], *text = NULL;
	size_t n = 0, cap = 0;
	ssize_t got;
	int fd;

	*maps = (struct maps){0};
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set_errno(err, errno, "cannot open %s", path);
	do {
		text = xgrow(text, &cap, n + 65537, 1);
		got = read(fd, text + n, 65536);
		n += got > 0 ? (size_t)got : 0;
	} while (got > 0 || (got < 0 && errno == EINTR));
	text[n] = '\0';
	close(fd);
	maps_parse(maps, text);
	return maps->n ? 0 : err_set(err, "%s cannot be read", path);
}

void maps_clear(struct maps *maps)
{
	free(maps->items);
	free(maps->objects);
	free(maps->text);
	*maps = (struct maps){0};
}

const struct map *maps_find(const struct maps *maps, uint64_t addr)
{
	size_t low = 0, high = maps->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (maps->items[mid].end <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low < maps->n && maps->items[low].start <= addr ? &maps->items[low] : NULL;
}

const struct object *maps_object(const struct maps *maps, uint64_t addr)
{
	for (size_t i = 0; i < maps->n_objects; i++)
		if (addr >= maps->objects[i].start && addr < maps->objects[i].end)
			return &maps->objects[i];
	return NULL;
}

static enum object_role role_of(const char *path)
{
	static const char *const allocators[] = {"jemalloc", "tcmalloc", "mimalloc", "tbbmalloc",
						 "snmalloc", "rpmalloc", "hoard"};
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	if (strncmp(name, SHIM_NAME, strlen(SHIM_NAME)) == 0)
		return OBJECT_SHIM;
	if (strncmp(name, "libc.so", 7) == 0 || strncmp(name, "libc-2.", 7) == 0)
		return OBJECT_LIBC;
	if (strncmp(name, LOADER_PREFIX, strlen(LOADER_PREFIX)) == 0 && strstr(name, ".so"))
		return OBJECT_LOADER;
	for (size_t i = 0; strncmp(name, "lib", 3) == 0 && i < MW_ARRAY_LEN(allocators); i++)
		if (strstr(name, allocators[i]))
			return OBJECT_ALLOCATOR;
	return OBJECT_PLAIN;
}

/* Whether this segment is mapped there, so that the header is that of a loaded object and not of a file mapped as data.
 */
static bool is_loaded(const struct maps *maps, const struct map *first, const Elf64_Phdr *header, uint64_t bias)
{
	uint64_t addr = (bias + header->p_vaddr) & ~(PAGE - 1);
	const struct map *map = maps_find(maps, addr);

	return map && map->device == first->device && map->inode == first->inode &&
	       map->offset + (addr - map->start) == (header->p_offset & ~(PAGE - 1));
}

static bool add_header(const struct maps *maps, struct object *object, const struct map *first,
		       const Elf64_Phdr *header)
{
	uint64_t start = object->bias + header->p_vaddr, end = start + header->p_memsz;

	if (header->p_type == PT_TLS) {
		object->tls_bytes = header->p_memsz;
		object->tls_align = header->p_align ? header->p_align : 1;
	}
	if (header->p_type != PT_LOAD || header->p_memsz == 0)
		return true;
	if (end < start || (header->p_filesz && !is_loaded(maps, first, header, object->bias)))
		return false;
	if (end > object->end)
		object->end = end;
	if (header->p_flags & PF_W && object->n_writable < OBJECT_SEGMENTS)
		object->writable[object->n_writable++] = (struct object_segment){start, end};
	return true;
}

/* The object whose file begins in this mapping, if it is one. */
static bool read_object(const struct maps *maps, const struct scan_memory *memory, const struct map *map,
			struct object *object)
{
	Elf64_Phdr headers[MAX_HEADERS], *load = NULL;
	Elf64_Ehdr elf;

	if (memory_read_at(memory, map->start, &elf, sizeof(elf)) || memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 ||
	    elf.e_ident[EI_CLASS] != ELFCLASS64 || (elf.e_type != ET_DYN && elf.e_type != ET_EXEC) ||
	    elf.e_phentsize != sizeof(*headers) || elf.e_phnum == 0 || elf.e_phnum > MAX_HEADERS ||
	    elf.e_phoff > map->end - map->start ||
	    memory_read_at(memory, map->start + elf.e_phoff, headers, elf.e_phnum * sizeof(*headers)))
		return false;
	for (size_t i = elf.e_phnum; i-- > 0;)
		if (headers[i].p_type == PT_LOAD)
			load = &headers[i];
	if (!load || load->p_offset >= PAGE)
		return false;
	*object = (struct object){.path = map->path,
				  .role = role_of(map->path),
				  .start = map->start,
				  .end = map->end,
				  .bias = map->start - (load->p_vaddr & ~(PAGE - 1))};
	for (size_t i = 0; i < elf.e_phnum; i++)
		if (!add_header(maps, object, map, &headers[i]))
			return false;
	return true;
}

void maps_find_objects(struct maps *maps, const struct scan_memory *memory, uint64_t malloc_addr)
{
	for (size_t i = 0; i < maps->n; i++) {
		const struct map *map = &maps->items[i];
		struct object object;

		/* the loader's are private; to look into what is shared might make a page be there */
		if (map->inode == 0 || map->shared || map->offset != 0 || !map->readable ||
		    !read_object(maps, memory, map, &object))
			continue;
		if (object.role == OBJECT_PLAIN && malloc_addr >= object.start && malloc_addr < object.end)
			object.role = OBJECT_ALLOCATOR;
		maps->objects = xgrow(maps->objects, &maps->cap_objects, maps->n_objects + 1, sizeof(*maps->objects));
		maps->objects[maps->n_objects++] = object;
	}
}
