/* Dynamic symbol tables are searched as the ELF gABI and the GNU hash section have it. Nothing here is writable. */
#include "shim/next.h"

#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef ElfW(Addr) elf_addr;
typedef ElfW(Sym) elf_sym;
typedef ElfW(Dyn) elf_dyn;

#define BLOOM_BITS     (8 * sizeof(elf_addr))
#define VERSION_HIDDEN 0x8000u

struct table {
	const elf_sym *symbols;
	const char *strings;
	const uint16_t *versions; /* NULL: none */
	const uint32_t *gnu_hash; /* NULL: none */
	const uint32_t *hash;
};

struct search {
	const struct next_symbol *symbols;
	size_t n;
	const char *library; /* NULL: any behind us */
	bool behind;
};

/* The loader has made these addresses absolute, except in what it may not write to (the vDSO). */
static const void *pointer(const struct dl_phdr_info *object, elf_addr value)
{
	return (const void *)(value < object->dlpi_addr ? value + object->dlpi_addr : value);
}

static bool table_read(struct table *table, const struct dl_phdr_info *object)
{
	const elf_dyn *dyn = NULL;

	for (unsigned i = 0; i < object->dlpi_phnum; i++)
		if (object->dlpi_phdr[i].p_type == PT_DYNAMIC)
			dyn = (const elf_dyn *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr);
	*table = (struct table){0};
	for (; dyn && dyn->d_tag != DT_NULL; dyn++) {
		const void *at = pointer(object, dyn->d_un.d_ptr);

		if (dyn->d_tag == DT_SYMTAB)
			table->symbols = at;
		else if (dyn->d_tag == DT_STRTAB)
			table->strings = at;
		else if (dyn->d_tag == DT_VERSYM)
			table->versions = at;
		else if (dyn->d_tag == DT_GNU_HASH)
			table->gnu_hash = at;
		else if (dyn->d_tag == DT_HASH)
			table->hash = at;
	}
	return table->symbols && table->strings && (table->gnu_hash || table->hash);
}

/* Whether the symbol is a definition of `name` that a program linked today would get. */
static bool defines(const struct table *table, uint32_t index, const char *name)
{
	const elf_sym *symbol = &table->symbols[index];

	return symbol->st_shndx != SHN_UNDEF && symbol->st_value &&
	       !(table->versions && table->versions[index] & VERSION_HIDDEN) &&
	       strcmp(table->strings + symbol->st_name, name) == 0;
}

/* nbuckets, index of the first symbol, words of the Bloom filter, its shift; the filter, the buckets, the chains. */
static const elf_sym *find_gnu(const struct table *table, const char *name)
{
	const uint32_t *head = table->gnu_hash;
	uint32_t n_buckets = head[0], first = head[1], n_bloom = head[2], shift = head[3], hash = 5381, index;
	const elf_addr *bloom = (const elf_addr *)(const void *)(head + 4);
	const uint32_t *buckets = (const uint32_t *)(const void *)(bloom + n_bloom), *chain = buckets + n_buckets;
	elf_addr word;

	if (n_buckets == 0 || n_bloom == 0)
		return NULL;
	for (const char *c = name; *c; c++)
		hash = hash * 33 + (uint8_t)*c;
	word = bloom[hash / BLOOM_BITS % n_bloom];
	if (!(word >> hash % BLOOM_BITS & word >> (hash >> shift) % BLOOM_BITS & 1))
		return NULL;
	index = buckets[hash % n_buckets];
	if (index < first)
		return NULL;
	for (;; index++) {
		uint32_t other = chain[index - first];

		if ((other | 1) == (hash | 1) && defines(table, index, name))
			return &table->symbols[index];
		if (other & 1)
			return NULL;
	}
}

/* nbuckets, nchain, the buckets, the chains. */
static const elf_sym *find_sysv(const struct table *table, const char *name)
{
	uint32_t n_buckets = table->hash[0], hash = 0;
	const uint32_t *buckets = table->hash + 2, *chain = buckets + n_buckets;

	for (const char *c = name; *c; c++) {
		hash = (hash << 4) + (uint8_t)*c;
		hash ^= (hash & 0xf0000000) >> 24;
		hash &= 0x0fffffff;
	}
	if (n_buckets == 0)
		return NULL;
	for (uint32_t index = buckets[hash % n_buckets]; index != STN_UNDEF; index = chain[index])
		if (defines(table, index, name))
			return &table->symbols[index];
	return NULL;
}

static void *address(const struct dl_phdr_info *object, const elf_sym *symbol)
{
	elf_addr at = object->dlpi_addr + symbol->st_value;

	if (ELF64_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC)
		at = ((elf_addr(*)(void))at)();
	return (void *)at;
}

static bool is_ours(const struct dl_phdr_info *object)
{
	elf_addr at = (elf_addr)(uintptr_t)&mw_next_find - object->dlpi_addr;

	for (unsigned i = 0; i < object->dlpi_phnum; i++)
		if (object->dlpi_phdr[i].p_type == PT_LOAD &&
		    at - object->dlpi_phdr[i].p_vaddr < object->dlpi_phdr[i].p_memsz)
			return true;
	return false;
}

static bool is_wanted(struct search *search, const struct dl_phdr_info *object)
{
	const char *slash = strrchr(object->dlpi_name, '/');

	if (search->library)
		return strcmp(slash ? slash + 1 : object->dlpi_name, search->library) == 0;
	if (search->behind)
		return true;
	search->behind = is_ours(object);
	return false;
}

/* The loader goes through the objects in the order in which it has loaded them: its global scope. */
static int visit(struct dl_phdr_info *object, size_t size, void *ctx)
{
	struct search *search = ctx;
	struct table table;

	(void)size;
	if (!is_wanted(search, object) || !table_read(&table, object))
		return 0;
	for (size_t i = 0; i < search->n; i++) {
		const struct next_symbol *wanted = &search->symbols[i];
		const elf_sym *symbol = NULL;

		if (*wanted->to)
			continue;
		symbol = table.gnu_hash ? find_gnu(&table, wanted->name) : find_sysv(&table, wanted->name);
		if (symbol)
			*wanted->to = address(object, symbol);
	}
	return 0;
}

void mw_next_find(const struct next_symbol *symbols, size_t n)
{
	struct search search = {.symbols = symbols, .n = n};

	dl_iterate_phdr(visit, &search);
}

void mw_next_find_in(const char *library, const struct next_symbol *symbols, size_t n)
{
	struct search search = {.symbols = symbols, .n = n, .library = library};

	dl_iterate_phdr(visit, &search);
}
