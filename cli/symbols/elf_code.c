#include "cli/symbols/elf_code.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>

static bool has_build_id(Elf *elf, const uint8_t *build_id, size_t n_id)
{
	const void *found;
	ssize_t n = dwelf_elf_gnu_build_id(elf, &found);

	return (n > 0 ? (size_t)n : 0) == n_id && (n_id == 0 || memcmp(found, build_id, n_id) == 0);
}

static bool find_segment(Elf *elf, struct elf_code *code)
{
	size_t n_headers;

	if (elf_getphdrnum(elf, &n_headers))
		return false;
	for (size_t i = 0; i < n_headers; i++) {
		GElf_Phdr header;

		if (!gelf_getphdr(elf, (int)i, &header) || header.p_type != PT_LOAD || !(header.p_flags & PF_X))
			continue;
		*code = (struct elf_code){header.p_vaddr, header.p_memsz, header.p_offset};
		return true;
	}
	return false;
}

bool elf_code_find(const char *path, const uint8_t *build_id, size_t n_id, struct elf_code *code)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool found;
	Elf *elf;

	if (fd < 0)
		return false;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	found = elf && has_build_id(elf, build_id, n_id) && find_segment(elf, code);
	elf_end(elf);
	close(fd);
	return found;
}
