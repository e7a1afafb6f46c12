#include "cli/symbols/object_file.h"

#include "cli/base/xalloc.h"

#include <elfutils/libdwelf.h>

#include <gelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool debuginfod_is_wanted(void)
{
	const char *urls = getenv("DEBUGINFOD_URLS");

	return urls && *urls;
}

/* Whether one of the places where libdwfl looks for a debug link has something: whether that fits, it will see. */
static bool debug_link_exists(const char *file_name, const char *link)
{
	const char *slash = file_name ? strrchr(file_name, '/') : NULL;
	bool exists = false;
	int n_dir;

	if (!slash || !link)
		return false;
	if (strchr(link, '/'))
		return true; /* dwz's common file */
	n_dir = (int)(slash - file_name);
	for (int i = 0; i < 3 && !exists; i++) {
		static const char *const before[] = {"", "", "/usr/lib/debug"};
		static const char *const after[] = {"", "/.debug", ""};
		char *path = xasprintf("%s%.*s%s/%s", before[i], n_dir, file_name, after[i], link);

		exists = access(path, F_OK) == 0;
		free(path);
	}
	return exists;
}

/*
 * Last of all libdwfl asks debuginfod. It loads that client, with libcurl and twenty libraries more, to find out that
 * there is no server to ask, which takes longer than all else here: so this decides first whether to look that far.
 */
static int find_debuginfo(Dwfl_Module *module, void **user_data, const char *name, Dwarf_Addr base,
			  const char *file_name, const char *link, GElf_Word crc, char **found)
{
	if (debuginfod_is_wanted() || debug_link_exists(file_name, link))
		return dwfl_standard_find_debuginfo(module, user_data, name, base, file_name, link, crc, found);
	return dwfl_build_id_find_debuginfo(module, user_data, name, base, file_name, link, crc, found);
}

static const Dwfl_Callbacks callbacks = {
	/* only for modules that are known by nothing but their build id */
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

static int object_file_finish(struct object_file *file, const uint8_t *build_id, size_t n_bytes)
{
	GElf_Ehdr ehdr;
	GElf_Addr bias = 0;
	const void *found = NULL;
	Elf *elf;

	if (!file->module || dwfl_report_end(file->dwfl, NULL, NULL) != 0)
		goto fail;
	elf = dwfl_module_getelf(file->module, &bias);
	if (!elf || !gelf_getehdr(elf, &ehdr) || (ehdr.e_type != ET_EXEC && ehdr.e_type != ET_DYN))
		goto fail;
	if (n_bytes) {
		ssize_t n = dwelf_elf_gnu_build_id(elf, &found);

		if (n < 0 || (size_t)n != n_bytes || memcmp(found, build_id, n_bytes) != 0)
			goto fail;
	}
	file->bias = bias;
	return 0;
fail:
	object_file_release(file);
	return -1;
}

static int object_file_open_path(struct object_file *file, const char *path, const uint8_t *build_id, size_t n_bytes)
{
	struct stat st;

	/* opening a FIFO would wait, and a device can do anything */
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	file->dwfl = dwfl_begin(&callbacks);
	if (!file->dwfl)
		return -1;
	dwfl_report_begin(file->dwfl);
	file->module = dwfl_report_elf(file->dwfl, path, path, -1, 0, true);
	return object_file_finish(file, build_id, n_bytes);
}

/* The file is gone or replaced, but its debug information is installed: that has the symbols and addresses too. */
static int object_file_open_debug(struct object_file *file, const uint8_t *build_id, size_t n_bytes)
{
	static const char dir[] = "/usr/lib/debug/.build-id/";
	char path[sizeof(dir) + 2 * 64 + sizeof("/.debug")];
	char *p = stpcpy(path, dir);

	if (n_bytes < 2 || n_bytes > 64)
		return -1;
	for (size_t i = 0; i < n_bytes; i++) {
		*p++ = "0123456789abcdef"[build_id[i] >> 4];
		*p++ = "0123456789abcdef"[build_id[i] & 15];
		if (i == 0)
			*p++ = '/';
	}
	strcpy(p, ".debug");
	return object_file_open_path(file, path, build_id, n_bytes);
}

static int object_file_open_server(struct object_file *file, const char *path, const uint8_t *build_id, size_t n_bytes)
{
	if (!debuginfod_is_wanted())
		return -1;
	file->dwfl = dwfl_begin(&callbacks);
	if (!file->dwfl)
		return -1;
	dwfl_report_begin(file->dwfl);
	file->module = dwfl_report_module(file->dwfl, path, 0, UINT64_MAX);
	if (file->module && dwfl_module_report_build_id(file->module, build_id, n_bytes, 0) != 0)
		file->module = NULL;
	return object_file_finish(file, build_id, n_bytes);
}

int object_file_open(struct object_file *file, const char *path, const uint8_t *build_id, size_t n_bytes)
{
	*file = (struct object_file){0};
	elf_version(EV_CURRENT);
	if (!build_id)
		n_bytes = 0;
	if (object_file_open_path(file, path, build_id, n_bytes) == 0)
		return 0;
	if (n_bytes == 0)
		return -1;
	if (object_file_open_debug(file, build_id, n_bytes) == 0)
		return 0;
	return object_file_open_server(file, path, build_id, n_bytes);
}

void object_file_release(struct object_file *file)
{
	if (file->dwfl)
		dwfl_end(file->dwfl);
	unpacked_release(&file->unpacked);
	*file = (struct object_file){0};
}

/* The file that the symbol table is in is the one with the debug information too, if both are not in the file itself.
 */
static void object_file_unpack(struct object_file *file)
{
	GElf_Addr bias;
	Elf *own = dwfl_module_getelf(file->module, &bias), *other = NULL;
	GElf_Sym sym;

	if (own)
		unpacked_add(&file->unpacked, own);
	if (dwfl_module_getsymtab(file->module) > 1 &&
	    dwfl_module_getsym_info(file->module, 1, &sym, &bias, NULL, &other, NULL) && other && other != own)
		unpacked_add(&file->unpacked, other);
}

Dwarf *object_file_dwarf(struct object_file *file, uint64_t *bias)
{
	Dwarf_Addr dwarf_bias = 0;
	Dwarf *dwarf;

	object_file_unpack(file);
	dwarf = dwfl_module_getdwarf(file->module, &dwarf_bias);
	*bias = dwarf_bias;
	return dwarf;
}
