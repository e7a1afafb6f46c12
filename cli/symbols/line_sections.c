#include "cli/symbols/line_sections.h"

#include <gelf.h>
#include <string.h>

static struct dwarf_bytes section_bytes(Elf_Scn *section, const GElf_Shdr *shdr)
{
	/* libdw has put the uncompressed bytes in the place of compressed ones */
	Elf_Data *data = shdr->sh_flags & SHF_COMPRESSED ? NULL : elf_rawdata(section, NULL);

	if (!data || !data->d_buf)
		return (struct dwarf_bytes){0};
	return (struct dwarf_bytes){.p = data->d_buf, .end = (const uint8_t *)data->d_buf + data->d_size};
}

struct line_sections line_sections_find(Dwarf *dwarf)
{
	struct line_sections sections = {0};
	const struct {
		const char *name, *old_name; /* the old one is of a section that was compressed */
		struct dwarf_bytes *bytes;
	} wanted[] = {
		{".debug_line", ".zdebug_line", &sections.line},
		{".debug_line_str", ".zdebug_line_str", &sections.line_str},
		{".debug_str", ".zdebug_str", &sections.str},
	};
	Elf *elf = dwarf_getelf(dwarf);
	GElf_Ehdr ehdr;
	GElf_Shdr shdr;
	Elf_Scn *section = NULL;
	size_t names = 0;

	if (!gelf_getehdr(elf, &ehdr) || ehdr.e_ident[EI_DATA] != ELFDATA2LSB || elf_getshdrstrndx(elf, &names) != 0)
		return sections;
	while ((section = elf_nextscn(elf, section)) != NULL) {
		const char *name = gelf_getshdr(section, &shdr) ? elf_strptr(elf, names, shdr.sh_name) : NULL;

		for (size_t i = 0; name && i < sizeof(wanted) / sizeof(wanted[0]); i++)
			if (strcmp(name, wanted[i].name) == 0 || strcmp(name, wanted[i].old_name) == 0)
				*wanted[i].bytes = section_bytes(section, &shdr);
	}
	return sections;
}
