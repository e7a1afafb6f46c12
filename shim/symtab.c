#include "shim/symtab.h"

#include "shim/libc_glibc.h"
#include "shim/sys.h"

#include <elf.h>
#include <stdbool.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>

struct file {
	const char *bytes;
	size_t n_bytes;
};

/* `n_bytes` of the file; NULL if it has not so many there. */
static const void *part(const struct file *file, uint64_t offset, uint64_t n_bytes)
{
	return offset <= file->n_bytes && n_bytes <= file->n_bytes - offset ? file->bytes + offset : NULL;
}

static bool map_executable(struct file *file)
{
	struct stat st;
	long p = -1;
	int fd = sys_open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (sys_fstat(fd, &st) == 0 && st.st_size > (off_t)sizeof(Elf64_Ehdr))
		p = SYS6(SYS_mmap, 0, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	sys_close(fd);
	if (p < 0)
		return false;
	*file = (struct file){(const char *)(uintptr_t)p, (size_t)st.st_size};
	return true;
}

/* Found in the file and in memory. */
static bool is_function(const Elf64_Sym *symbol, uint64_t addr)
{
	struct libc_object object;

	return ELF64_ST_TYPE(symbol->st_info) == STT_FUNC && symbol->st_shndx != SHN_UNDEF &&
	       libc_find_object(addr, &object);
}

static void search(const struct file *file, const Elf64_Shdr *table, const Elf64_Shdr *strings, uint64_t bias,
		   const char *prefix, const char *const *names, uint64_t *addrs, size_t n)
{
	const Elf64_Sym *symbols = part(file, table->sh_offset, table->sh_size);
	const char *text = part(file, strings->sh_offset, strings->sh_size);

	/* Few programs have any: then the names alone are looked through. */
	if (!symbols || !text || strings->sh_size == 0 || text[strings->sh_size - 1] ||
	    !memmem(text, strings->sh_size, prefix, strlen(prefix)))
		return;
	for (size_t i = 0; i < table->sh_size / sizeof(*symbols); i++) {
		const char *name = symbols[i].st_name < strings->sh_size ? text + symbols[i].st_name : "";

		if (strncmp(name, prefix, strlen(prefix)) != 0)
			continue;
		for (size_t k = 0; k < n; k++)
			if (strcmp(name, names[k]) == 0 && is_function(&symbols[i], bias + symbols[i].st_value))
				addrs[k] = bias + symbols[i].st_value;
	}
}

void mw_symtab_find(const char *prefix, const char *const *names, uint64_t *addrs, size_t n)
{
	const Elf64_Ehdr *elf;
	const Elf64_Shdr *sections;
	struct file file;

	memset(addrs, 0, n * sizeof(*addrs));
	if (!map_executable(&file))
		return;
	elf = (const Elf64_Ehdr *)(const void *)file.bytes;
	sections = part(&file, elf->e_shoff, (uint64_t)elf->e_shnum * sizeof(*sections));
	if (memcmp(elf->e_ident, ELFMAG, SELFMAG) == 0 && elf->e_shentsize == sizeof(*sections) && sections)
		for (size_t i = 0; i < elf->e_shnum; i++)
			if (sections[i].sh_type == SHT_SYMTAB && sections[i].sh_link < elf->e_shnum)
				search(&file, &sections[i], &sections[sections[i].sh_link],
				       getauxval(AT_ENTRY) - elf->e_entry, prefix, names, addrs, n);
	sys_unmap((void *)(uintptr_t)file.bytes, file.n_bytes);
}
