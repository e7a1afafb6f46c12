/*
 * What an executable file is, from its first headers, read with bounds: a damaged or hostile file gives ELF_BROKEN,
 * never a crash. Layouts: elf(5).
 */
#ifndef CLI_START_ELFCHECK_H
#define CLI_START_ELFCHECK_H

#include <limits.h>
#include <stdint.h>

enum elf_verdict {
	ELF_DYNAMIC,     /* x86-64 with a program interpreter, in `interpreter` */
	ELF_STATIC,      /* x86-64 without one */
	ELF_FOREIGN,     /* another architecture, word size or byte order; `machine` names it */
	ELF_NOT_PROGRAM, /* an object file or a core */
	ELF_BROKEN,
	ELF_NONE, /* not an ELF file */
};

struct elf_info {
	enum elf_verdict verdict;
	const char *machine;   /* "32-bit x86", "ARM 64-bit", … */
	const char *sanitizer; /* whose runtime must come first (common/elf_sanitizer.h), or NULL */
	char interpreter[PATH_MAX];
};

void elfcheck_read(int fd, struct elf_info *info);

#endif
