#include "cli/symbols/elf_code.h"

#include <criterion/criterion.h>
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

/* What the loader was told of this program. */
static int own_code(struct dl_phdr_info *info, size_t size, void *ctx)
{
	struct elf_code *code = ctx;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum && !code->n_bytes; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X)
			*code = (struct elf_code){info->dlpi_phdr[i].p_vaddr, info->dlpi_phdr[i].p_memsz,
						  info->dlpi_phdr[i].p_offset};
	return 1; /* the program is the first */
}

static size_t own_build_id(uint8_t *build_id)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	Elf *elf;
	const void *found;
	ssize_t n;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	n = dwelf_elf_gnu_build_id(elf, &found);
	if (n > 0)
		memcpy(build_id, found, (size_t)n);
	elf_end(elf);
	close(fd);
	return n > 0 ? (size_t)n : 0;
}

Test(elf_code, of_this_program)
{
	struct elf_code wanted = {0}, got = {0};
	uint8_t build_id[64] = {0};
	size_t n = own_build_id(build_id);

	dl_iterate_phdr(own_code, &wanted);
	cr_assert(elf_code_find("/proc/self/exe", build_id, n, &got));
	cr_assert_eq(got.vaddr, wanted.vaddr);
	cr_assert_eq(got.n_bytes, wanted.n_bytes);
	cr_assert_eq(got.file_offset, wanted.file_offset);
	build_id[0] ^= 1;
	cr_assert_not(elf_code_find("/proc/self/exe", build_id, n ? n : 20, &got));
}

Test(elf_code, of_what_is_no_object)
{
	struct elf_code code;

	cr_assert_not(elf_code_find("/nonexistent", NULL, 0, &code));
	cr_assert_not(elf_code_find("/proc/self/status", NULL, 0, &code));
	cr_assert_not(elf_code_find("/", NULL, 0, &code));
}
