#include "cli/symbols/image.h"

#include "cli/base/xalloc.h"
#include "cli/symbols/elf_data.h"
#include "cli/symbols/elf_symbols.h"
#include "cli/symbols/object_file.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct image {
	_Atomic uint32_t whose; /* enum image_whose */
	char *path;
	uint8_t *build_id;
	size_t build_id_bytes;
	struct stat at_path; /* st_mode 0: nothing was there */
	bool sought;
	bool usable; /* there is a file */
	struct object_file file;
	bool dwarf_sought;
	uint64_t dwarf_bias;       /* address in the debug information = ELF virtual address − dwarf_bias */
	struct dwarf_index *dwarf; /* NULL: none, or not yet sought */
	struct elf_symbols *elf;   /* NULL until asked */
	struct elf_data *data;     /* NULL until asked */
	uint64_t function_vaddr;   /* what was asked of `elf` last: of an address three times in a row */
	char *function;            /* … and its answer */
};

static struct stat stat_path(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st : (struct stat){0};
}

struct image *image_new(const struct symbols_object *object)
{
	struct image *image = xcalloc(1, sizeof(*image));

	image->path = xstrdup(object->path);
	image->at_path = stat_path(object->path);
	if (object->build_id && object->build_id_bytes) {
		image->build_id_bytes = object->build_id_bytes;
		image->build_id = memcpy(xmalloc(object->build_id_bytes), object->build_id, object->build_id_bytes);
	}
	return image;
}

void image_free(struct image *image)
{
	if (!image)
		return;
	dwarf_index_free(image->dwarf);
	elf_symbols_free(image->elf);
	elf_data_free(image->data);
	object_file_release(&image->file);
	free(image->path);
	free(image->build_id);
	free(image->function);
	free(image);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_mode && a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

bool image_serves(const struct image *image, const struct symbols_object *object)
{
	size_t n_id = object->build_id ? object->build_id_bytes : 0;
	struct stat st;

	if (n_id && (n_id != image->build_id_bytes || memcmp(object->build_id, image->build_id, n_id) != 0))
		return false;
	st = stat_path(object->path);
	return is_same_file(&st, &image->at_path);
}

bool image_take(struct image *image, enum image_whose whose)
{
	uint32_t nobodys = IMAGE_NOBODYS;

	return atomic_compare_exchange_strong(&image->whose, &nobodys, whose);
}

void image_give_back(struct image *image)
{
	atomic_store(&image->whose, IMAGE_NOBODYS);
}

enum image_whose image_whose(const struct image *image)
{
	return atomic_load(&image->whose);
}

bool image_usable(struct image *image)
{
	if (!image->sought) {
		image->sought = true;
		image->usable =
			object_file_open(&image->file, image->path, image->build_id, image->build_id_bytes) == 0;
	}
	return image->usable;
}

const char *image_function(struct image *image, uint64_t vaddr)
{
	if (!image_usable(image))
		return NULL;
	if (!image->elf)
		image->elf = elf_symbols_new(image->file.module);
	else if (image->function_vaddr == vaddr)
		return image->function;
	free(image->function);
	image->function = elf_symbols_name(image->elf, vaddr + image->file.bias);
	image->function_vaddr = vaddr;
	return image->function;
}

static struct dwarf_index *image_dwarf(struct image *image)
{
	Dwarf *dwarf;

	if (image->dwarf_sought || !image_usable(image))
		return image->dwarf;
	image->dwarf_sought = true;
	dwarf = object_file_dwarf(&image->file, &image->dwarf_bias);
	image->dwarf_bias -= image->file.bias;
	if (dwarf)
		image->dwarf = dwarf_index_new(dwarf);
	return image->dwarf;
}

size_t image_frames(struct image *image, uint64_t vaddr, struct dwarf_frame *frames, size_t max)
{
	struct dwarf_index *dwarf = image_dwarf(image);

	return dwarf ? dwarf_index_find(dwarf, vaddr - image->dwarf_bias, frames, max) : 0;
}

const char *image_variable(struct image *image, uint64_t vaddr, uint64_t *offset)
{
	if (!image_usable(image))
		return NULL;
	if (!image->data)
		image->data = elf_data_new(image->file.module);
	return elf_data_name(image->data, vaddr + image->file.bias, offset);
}

void image_read(struct image *image, bool lines)
{
	uint64_t offset;

	image_function(image, 0);
	image_variable(image, 0, &offset);
	if (lines)
		image_dwarf(image);
}

bool image_is_read(const struct image *image, bool lines)
{
	return (image->elf && image->data && (!lines || image->dwarf_sought)) || (image->sought && !image->usable);
}
