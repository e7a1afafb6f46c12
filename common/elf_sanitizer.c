/* The names in DT_NEEDED, read with bounds: elf(5). */
#include "common/elf_sanitizer.h"

#include "common/compiler.h"

#include <string.h>

#define PHDRS_MAX   64
#define DYNAMIC_MAX 4096 /* entries */
#define PREFIX_MAX  32   /* longer than the longest of `runtimes` */

static const struct {
	const char *prefix, *name;
} runtimes[] = {
	{"libasan.so", "AddressSanitizer"},     {"libclang_rt.asan", "AddressSanitizer"},
	{"libhwasan.so", "HWAddressSanitizer"}, {"libclang_rt.hwasan", "HWAddressSanitizer"},
	{"libtsan.so", "ThreadSanitizer"},      {"libclang_rt.tsan", "ThreadSanitizer"},
};

struct file {
	elf_read *read;
	void *ctx;
	unsigned n_phdrs;
	Elf64_Phdr phdrs[PHDRS_MAX];
};

static bool read_phdrs(struct file *file, const Elf64_Ehdr *eh)
{
	file->n_phdrs = eh->e_phnum < PHDRS_MAX ? eh->e_phnum : PHDRS_MAX;
	return eh->e_phentsize == sizeof(Elf64_Phdr) &&
	       file->read(file->ctx, file->phdrs, file->n_phdrs * sizeof(Elf64_Phdr), eh->e_phoff);
}

static const Elf64_Phdr *find_phdr(const struct file *file, uint32_t type, uint64_t vaddr)
{
	for (unsigned i = 0; i < file->n_phdrs; i++) {
		const Elf64_Phdr *ph = &file->phdrs[i];

		if (ph->p_type == type && (type != PT_LOAD || vaddr - ph->p_vaddr < ph->p_filesz))
			return ph;
	}
	return NULL;
}

/* Entry `i` of the dynamic section; false at its end. */
static bool read_dynamic(const struct file *file, const Elf64_Phdr *dynamic, uint64_t i, Elf64_Dyn *dyn)
{
	return i < DYNAMIC_MAX && i < dynamic->p_filesz / sizeof(*dyn) &&
	       file->read(file->ctx, dyn, sizeof(*dyn), dynamic->p_offset + i * sizeof(*dyn)) && dyn->d_tag != DT_NULL;
}

static const char *runtime_at(const struct file *file, uint64_t offset)
{
	char name[PREFIX_MAX];

	if (!file->read(file->ctx, name, sizeof(name), offset))
		return NULL;
	for (size_t i = 0; i < MW_ARRAY_LEN(runtimes); i++)
		if (strncmp(name, runtimes[i].prefix, strlen(runtimes[i].prefix)) == 0)
			return runtimes[i].name;
	return NULL;
}

const char *elf_sanitizer(elf_read *read, void *ctx, const Elf64_Ehdr *eh)
{
	struct file file = {.read = read, .ctx = ctx};
	const Elf64_Phdr *dynamic, *load = NULL;
	const char *found = NULL;
	uint64_t strings = 0;
	Elf64_Dyn dyn;

	if (!read_phdrs(&file, eh))
		return NULL;
	dynamic = find_phdr(&file, PT_DYNAMIC, 0);
	if (!dynamic)
		return NULL;
	for (uint64_t i = 0; !load && read_dynamic(&file, dynamic, i, &dyn); i++) {
		if (dyn.d_tag != DT_STRTAB)
			continue;
		load = find_phdr(&file, PT_LOAD, dyn.d_un.d_ptr);
		if (load)
			strings = dyn.d_un.d_ptr - load->p_vaddr + load->p_offset;
	}
	for (uint64_t i = 0; load && !found && read_dynamic(&file, dynamic, i, &dyn); i++)
		if (dyn.d_tag == DT_NEEDED)
			found = runtime_at(&file, strings + dyn.d_un.d_val);
	return found;
}
