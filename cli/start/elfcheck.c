#include "cli/start/elfcheck.h"

#include "common/elf_sanitizer.h"

#include <elf.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* The kernel reads no more program headers than fit 64 KiB. */
#define PHDRS_MAX (65536 / sizeof(Elf64_Phdr))

static int read_at(int fd, void *buf, size_t n, uint64_t offset)
{
	if (offset > INT64_MAX - n)
		return -1;
	return pread(fd, buf, n, (off_t)offset) == (ssize_t)n ? 0 : -1;
}

static bool read_file(void *ctx, void *buf, size_t n_bytes, uint64_t offset)
{
	return read_at(*(const int *)ctx, buf, n_bytes, offset) == 0;
}

static const char *machine_name(unsigned machine)
{
	static const struct {
		unsigned machine;
		const char *name;
	} names[] = {
		{EM_386, "32-bit x86 (i386)"},
		{EM_X86_64, "x86-64 with 32-bit pointers (x32)"},
		{EM_ARM, "32-bit ARM"},
		{EM_AARCH64, "64-bit ARM (aarch64)"},
		{EM_RISCV, "RISC-V"},
		{EM_PPC64, "64-bit PowerPC"},
		{EM_PPC, "32-bit PowerPC"},
		{EM_S390, "IBM S/390"},
		{EM_MIPS, "MIPS"},
		{EM_SPARCV9, "SPARC"},
		{EM_BPF, "BPF"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].machine == machine)
			return names[i].name;
	}
	return "an unknown architecture";
}

/* The path in PT_INTERP; the kernel's own limits (fs/binfmt_elf.c). */
static enum elf_verdict read_interpreter(int fd, const Elf64_Phdr *phdr, struct elf_info *info)
{
	if (phdr->p_filesz < 2 || phdr->p_filesz > sizeof(info->interpreter))
		return ELF_BROKEN;
	if (read_at(fd, info->interpreter, phdr->p_filesz, phdr->p_offset))
		return ELF_BROKEN;
	return info->interpreter[phdr->p_filesz - 1] == '\0' ? ELF_DYNAMIC : ELF_BROKEN;
}

static enum elf_verdict read_segments(int fd, const Elf64_Ehdr *ehdr, struct elf_info *info)
{
	if (ehdr->e_phentsize != sizeof(Elf64_Phdr) || ehdr->e_phnum == 0 || ehdr->e_phnum > PHDRS_MAX)
		return ELF_BROKEN;
	for (unsigned i = 0; i < ehdr->e_phnum; i++) {
		Elf64_Phdr phdr;

		if (ehdr->e_phoff > INT64_MAX / 2 || read_at(fd, &phdr, sizeof(phdr), ehdr->e_phoff + i * sizeof(phdr)))
			return ELF_BROKEN;
		if (phdr.p_type == PT_INTERP)
			return read_interpreter(fd, &phdr, info);
	}
	return ELF_STATIC; /* a static-pie has PT_DYNAMIC, but nobody who would preload */
}

static enum elf_verdict read_header(int fd, struct elf_info *info)
{
	Elf64_Ehdr ehdr;

	if (read_at(fd, ehdr.e_ident, SELFMAG, 0) || memcmp(ehdr.e_ident, ELFMAG, SELFMAG))
		return ELF_NONE;
	/* e_type and e_machine are at the same place in 32-bit files, which may be shorter */
	if (read_at(fd, &ehdr, offsetof(Elf64_Ehdr, e_version), 0))
		return ELF_BROKEN;
	if (ehdr.e_ident[EI_DATA] == ELFDATA2MSB)
		ehdr.e_machine = __builtin_bswap16(ehdr.e_machine);
	info->machine = machine_name(ehdr.e_machine);
	if (ehdr.e_machine != EM_X86_64 || ehdr.e_ident[EI_CLASS] != ELFCLASS64 || ehdr.e_ident[EI_DATA] != ELFDATA2LSB)
		return ELF_FOREIGN;
	info->machine = "x86-64";
	if (ehdr.e_type != ET_EXEC && ehdr.e_type != ET_DYN)
		return ELF_NOT_PROGRAM;
	if (read_at(fd, &ehdr, sizeof(ehdr), 0))
		return ELF_BROKEN;
	info->sanitizer = elf_sanitizer(read_file, &fd, &ehdr);
	return read_segments(fd, &ehdr, info);
}

void elfcheck_read(int fd, struct elf_info *info)
{
	info->machine = info->sanitizer = NULL;
	info->interpreter[0] = '\0';
	info->verdict = read_header(fd, info);
}
