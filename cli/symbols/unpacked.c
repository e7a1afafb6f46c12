#include "cli/symbols/unpacked.h"

#include "cli/base/xalloc.h"

#include <gelf.h>
#include <libdeflate.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define RATIO_MAX 1032 /* of deflate: a section that claims more is damaged */

static const struct {
	const char *name;
	bool hidden; /* from libdw, which would unpack it, and nobody reads it */
} known_sections[] = {
	{".debug_info", false},        {".debug_types", false},    {".debug_abbrev", false},  {".debug_line", false},
	{".debug_line_str", false},    {".debug_str", false},      {".debug_addr", false},    {".debug_ranges", false},
	{".debug_str_offsets", false}, {".debug_rnglists", false}, {".debug_aranges", false}, {".debug_frame", true},
	{".debug_loc", true},          {".debug_loclists", true},  {".debug_macinfo", true},  {".debug_macro", true},
	{".debug_pubnames", true},
};

enum { N_KNOWN = sizeof(known_sections) / sizeof(known_sections[0]) };

static void hide(Elf_Scn *section, GElf_Shdr *shdr)
{
	shdr->sh_type = SHT_NOBITS;
	gelf_update_shdr(section, shdr);
}

/* For free(); of many megabytes by large pages: to touch a page for the first time costs as much as to fill it. */
static void *new_buffer(size_t n_bytes)
{
	void *buffer;

	if (n_bytes < 2 * HUGE_BYTES || n_bytes > SIZE_MAX - HUGE_BYTES)
		return n_bytes ? malloc(n_bytes) : NULL;
	buffer = aligned_alloc(HUGE_BYTES, (n_bytes + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES);
	if (buffer)
		madvise(buffer, n_bytes, MADV_HUGEPAGE);
	return buffer;
}

/* What `packed`, of zlib's format, holds; for free(). NULL: cannot be had, or it holds something else too. */
static void *inflate_bytes(struct libdeflate_decompressor *decompressor, const uint8_t *packed, size_t n_packed,
			   size_t n_bytes)
{
	void *buffer = n_bytes / RATIO_MAX <= n_packed ? new_buffer(n_bytes) : NULL;
	size_t n_read = 0;

	if (buffer && (libdeflate_zlib_decompress_ex(decompressor, packed, n_packed, buffer, n_bytes, &n_read, NULL) !=
			       LIBDEFLATE_SUCCESS ||
		       n_read != n_packed)) {
		free(buffer);
		return NULL;
	}
	return buffer;
}

static void replace(Elf_Data *data, void *buffer, const GElf_Chdr *head)
{
	data->d_buf = buffer;
	data->d_size = head->ch_size;
	data->d_align = head->ch_addralign;
	data->d_type = ELF_T_BYTE;
}

/* libdw asks for a section's data in both ways, as the case may be. */
static void unpack(struct unpacked *unpacked, struct libdeflate_decompressor *decompressor, Elf *elf, Elf_Scn *section,
		   GElf_Shdr *shdr)
{
	size_t head_bytes = gelf_fsize(elf, ELF_T_CHDR, 1, EV_CURRENT);
	Elf_Data *raw = elf_rawdata(section, NULL), *data = elf_getdata(section, NULL);
	GElf_Chdr head;
	void *buffer;

	if (!raw || !data || !raw->d_buf || raw->d_size <= head_bytes || !gelf_getchdr(section, &head) ||
	    head.ch_type != ELFCOMPRESS_ZLIB || head.ch_addralign & (head.ch_addralign - 1))
		return;
	buffer = inflate_bytes(decompressor, (const uint8_t *)raw->d_buf + head_bytes, raw->d_size - head_bytes,
			       head.ch_size);
	if (!buffer)
		return;
	unpacked->buffers = xgrow(unpacked->buffers, &unpacked->cap, unpacked->n + 1, sizeof(*unpacked->buffers));
	unpacked->buffers[unpacked->n++] = buffer;
	shdr->sh_flags &= ~(GElf_Xword)SHF_COMPRESSED;
	shdr->sh_size = head.ch_size;
	shdr->sh_addralign = head.ch_addralign;
	gelf_update_shdr(section, shdr);
	replace(raw, buffer, &head);
	replace(data, buffer, &head);
}

void unpacked_add(struct unpacked *unpacked, Elf *elf)
{
	struct libdeflate_decompressor *decompressor = NULL;
	bool seen[N_KNOWN] = {0}; /* libdw takes the first of a name, too */
	Elf_Scn *section = NULL;
	size_t names;

	if (elf_getshdrstrndx(elf, &names) != 0)
		return;
	while ((section = elf_nextscn(elf, section)) != NULL) {
		GElf_Shdr shdr;
		const char *name;

		if (!gelf_getshdr(section, &shdr) || !(shdr.sh_flags & SHF_COMPRESSED))
			continue;
		name = elf_strptr(elf, names, shdr.sh_name);
		for (size_t i = 0; name && i < N_KNOWN; i++) {
			if (seen[i] || strcmp(name, known_sections[i].name) != 0)
				continue;
			seen[i] = true;
			if (known_sections[i].hidden)
				hide(section, &shdr);
			else if (decompressor || (decompressor = libdeflate_alloc_decompressor()) != NULL)
				unpack(unpacked, decompressor, elf, section, &shdr);
		}
	}
	libdeflate_free_decompressor(decompressor);
}

void unpacked_release(struct unpacked *unpacked)
{
	for (size_t i = 0; i < unpacked->n; i++)
		free(unpacked->buffers[i]);
	free(unpacked->buffers);
	*unpacked = (struct unpacked){0};
}
