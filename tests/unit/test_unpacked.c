#include "cli/symbols/unpacked.h"
#include "tests/unit/build_folder.h"

#include <criterion/criterion.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Two builds of one source: a `packed` and a `plain` one with the same bytes in its sections. */
static void build(void)
{
	make_dir();
	cr_assert_eq(
		run("printf 'static struct s { long a, b; } v[9];\\nint f(int i)\\n{\\n\\treturn v[i].a;\\n}\\n' "
		    ">a.c &&"
		    "gcc -g3 -gz=zlib -shared -fPIC a.c -o packed && objcopy --decompress-debug-sections packed plain"),
		0);
}

TestSuite(unpacked, .init = build, .fini = remove_dir, .timeout = 60);

static Elf *open_elf(const char *file, int *fd)
{
	char path[128];
	Elf *elf;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	elf_version(EV_CURRENT);
	elf = elf_begin(*fd, ELF_C_READ_MMAP_PRIVATE, NULL);
	cr_assert_not_null(elf);
	return elf;
}

static Elf_Scn *find(Elf *elf, const char *wanted, GElf_Shdr *shdr)
{
	Elf_Scn *section = NULL;
	size_t names;

	cr_assert_eq(elf_getshdrstrndx(elf, &names), 0);
	while ((section = elf_nextscn(elf, section)) != NULL)
		if (gelf_getshdr(section, shdr) && strcmp(elf_strptr(elf, names, shdr->sh_name), wanted) == 0)
			break;
	cr_assert_not_null(section, "%s", wanted);
	return section;
}

static void expect_same(const char *name, const Elf_Data *a, const Elf_Data *b)
{
	cr_assert_eq(a->d_size, b->d_size, "%s", name);
	cr_expect_eq(memcmp(a->d_buf, b->d_buf, a->d_size), 0, "%s", name);
}

Test(unpacked, gives_the_same_bytes_both_ways)
{
	static const char *const names[] = {".debug_info", ".debug_abbrev", ".debug_line", ".debug_str",
					    ".debug_aranges"};
	struct unpacked unpacked = {0};
	int fds[2], n_packed = 0;
	Elf *packed = open_elf("packed", &fds[0]), *plain = open_elf("plain", &fds[1]);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		GElf_Shdr shdr;

		find(packed, names[i], &shdr);
		n_packed += (shdr.sh_flags & SHF_COMPRESSED) != 0;
	}
	cr_assert_gt(n_packed, 2);
	unpacked_add(&unpacked, packed);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		GElf_Shdr shdr, wanted_shdr;
		Elf_Scn *section = find(packed, names[i], &shdr), *wanted = find(plain, names[i], &wanted_shdr);

		cr_expect_not(shdr.sh_flags & SHF_COMPRESSED);
		cr_expect_eq(shdr.sh_size, wanted_shdr.sh_size);
		expect_same(names[i], elf_rawdata(section, NULL), elf_rawdata(wanted, NULL));
		expect_same(names[i], elf_getdata(section, NULL), elf_rawdata(wanted, NULL));
	}
	elf_end(packed);
	elf_end(plain);
	unpacked_release(&unpacked);
	close(fds[0]);
	close(fds[1]);
}

Test(unpacked, hides_what_nobody_reads)
{
	struct unpacked unpacked = {0};
	GElf_Shdr shdr;
	int fd;
	Elf *elf = open_elf("packed", &fd);
	Dwarf *dwarf;
	Dwarf_Off next;
	size_t head;

	find(elf, ".debug_macro", &shdr);
	cr_assert(shdr.sh_flags & SHF_COMPRESSED);
	unpacked_add(&unpacked, elf);
	find(elf, ".debug_macro", &shdr);
	cr_expect_eq(shdr.sh_type, SHT_NOBITS);
	dwarf = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	cr_assert_not_null(dwarf);
	cr_expect_eq(dwarf_nextcu(dwarf, 0, &next, &head, NULL, NULL, NULL), 0);
	dwarf_end(dwarf);
	elf_end(elf);
	unpacked_release(&unpacked);
	close(fd);
}

/* Overwrites `n` bytes of the section in the file, `at` bytes into it. */
static void damage(size_t at, const void *bytes, size_t n)
{
	char path[128];
	GElf_Shdr shdr;
	int fd;
	Elf *elf = open_elf("packed", &fd);

	find(elf, ".debug_info", &shdr);
	elf_end(elf);
	close(fd);
	snprintf(path, sizeof(path), "%s/packed", dir);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	cr_assert_eq(pwrite(fd, bytes, n, (off_t)(shdr.sh_offset + at)), (ssize_t)n);
	close(fd);
}

static void expect_left_alone(void)
{
	struct unpacked unpacked = {0};
	GElf_Shdr shdr;
	int fd;
	Elf *elf = open_elf("packed", &fd);
	Elf_Scn *section = find(elf, ".debug_info", &shdr);
	size_t n_bytes = shdr.sh_size;

	cr_assert(shdr.sh_flags & SHF_COMPRESSED);
	unpacked_add(&unpacked, elf);
	find(elf, ".debug_info", &shdr);
	cr_expect(shdr.sh_flags & SHF_COMPRESSED);
	cr_expect_eq(shdr.sh_size, n_bytes);
	cr_expect_eq(elf_rawdata(section, NULL)->d_size, n_bytes);
	find(elf, ".debug_line", &shdr);
	cr_expect_not(shdr.sh_flags & SHF_COMPRESSED);
	elf_end(elf);
	unpacked_release(&unpacked);
	close(fd);
}

Test(unpacked, leaves_damaged_bytes)
{
	damage(sizeof(Elf64_Chdr) + 8, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	expect_left_alone();
}

/* Of zstd, say. */
Test(unpacked, leaves_another_kind)
{
	damage(offsetof(Elf64_Chdr, ch_type), &(Elf64_Word){2}, sizeof(Elf64_Word));
	expect_left_alone();
}

Test(unpacked, leaves_an_impossible_alignment)
{
	damage(offsetof(Elf64_Chdr, ch_addralign), &(Elf64_Xword){3}, sizeof(Elf64_Xword));
	expect_left_alone();
}

Test(unpacked, leaves_impossible_sizes)
{
	static const Elf64_Xword sizes[] = {0, 1, UINT64_C(1) << 30, UINT64_C(1) << 62, UINT64_MAX};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		damage(offsetof(Elf64_Chdr, ch_size), &sizes[i], sizeof(sizes[i]));
		expect_left_alone();
	}
}
