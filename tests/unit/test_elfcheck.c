#include "cli/start/elfcheck.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

TestSuite(elfcheck, .timeout = 30);

/* A small program: header, one segment, the interpreter's path. */
struct image {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr;
	char interpreter[32];
};

static struct image make_image(void)
{
	struct image image = {
		.ehdr = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
			 .e_type = ET_DYN,
			 .e_machine = EM_X86_64,
			 .e_phoff = sizeof(Elf64_Ehdr),
			 .e_phentsize = sizeof(Elf64_Phdr),
			 .e_phnum = 1},
		.phdr = {.p_type = PT_INTERP, .p_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr), .p_filesz = 32},
		.interpreter = "/lib64/ld-linux-x86-64.so.2",
	};

	return image;
}

static enum elf_verdict check_bytes(const void *bytes, size_t n, struct elf_info *info)
{
	int fd = memfd_create("elf", MFD_CLOEXEC);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, bytes, n), (ssize_t)n);
	elfcheck_read(fd, info);
	close(fd);
	return info->verdict;
}

Test(elfcheck, kinds_of_files)
{
	static struct elf_info info;
	struct image image = make_image();

	cr_expect_eq(check_bytes(&image, sizeof(image), &info), ELF_DYNAMIC);
	cr_expect_str_eq(info.interpreter, "/lib64/ld-linux-x86-64.so.2");
	image.phdr.p_type = PT_LOAD;
	cr_expect_eq(check_bytes(&image, sizeof(image), &info), ELF_STATIC);
	image.ehdr.e_type = ET_REL;
	cr_expect_eq(check_bytes(&image, sizeof(image), &info), ELF_NOT_PROGRAM);
	image.ehdr.e_machine = EM_AARCH64;
	cr_expect_eq(check_bytes(&image, sizeof(image), &info), ELF_FOREIGN);
	cr_expect_str_eq(info.machine, "64-bit ARM (aarch64)");
	image.ehdr.e_machine = EM_386;
	image.ehdr.e_ident[EI_CLASS] = ELFCLASS32;
	cr_expect_eq(check_bytes(&image, 52, &info), ELF_FOREIGN);
	cr_expect_eq(check_bytes("#!/bin/sh\n", 10, &info), ELF_NONE);
	cr_expect_eq(check_bytes("", 0, &info), ELF_NONE);
}

Test(elfcheck, big_endian_machine_is_named)
{
	static struct elf_info info;
	struct image image = make_image();

	image.ehdr.e_ident[EI_DATA] = ELFDATA2MSB;
	image.ehdr.e_machine = __builtin_bswap16(EM_S390);
	cr_expect_eq(check_bytes(&image, sizeof(image), &info), ELF_FOREIGN);
	cr_expect_str_eq(info.machine, "IBM S/390");
}

Test(elfcheck, hostile_fields)
{
	static struct elf_info info;
	struct image image = make_image();

	image.ehdr.e_phoff = UINT64_MAX - 8;
	cr_expect_eq(check_bytes(&image, sizeof(image), &info), ELF_BROKEN);
	image = make_image();
	image.ehdr.e_phnum = 65535;
	image.phdr.p_type = PT_LOAD;
	cr_expect_eq(check_bytes(&image, sizeof(image), &info), ELF_BROKEN);
	image = make_image();
	image.phdr.p_filesz = UINT64_MAX;
	cr_expect_eq(check_bytes(&image, sizeof(image), &info), ELF_BROKEN);
	image = make_image();
	image.phdr.p_offset = INT64_MAX;
	cr_expect_eq(check_bytes(&image, sizeof(image), &info), ELF_BROKEN);
	image = make_image();
	memset(image.interpreter, 'x', sizeof(image.interpreter));
	cr_expect_eq(check_bytes(&image, sizeof(image), &info), ELF_BROKEN);
}

Test(elfcheck, each_truncation_is_told)
{
	static struct elf_info info;
	struct image image = make_image();

	for (size_t n = 0; n < sizeof(image); n++) {
		enum elf_verdict verdict = check_bytes(&image, n, &info);

		cr_expect(verdict == ELF_BROKEN || verdict == ELF_NONE, "%zu bytes are taken for a program", n);
	}
}

Test(elfcheck, each_changed_byte_is_survived)
{
	static struct elf_info info;

	for (size_t i = 0; i < sizeof(struct image); i++) {
		struct image image = make_image();

		((unsigned char *)&image)[i] ^= 0xff;
		check_bytes(&image, sizeof(image), &info);
		cr_expect(memchr(info.interpreter, '\0', sizeof(info.interpreter)));
	}
}
