#include "cli/symbols/elf_symbols.h"

#include "cli/base/xalloc.h"
#include "cli/symbols/range_map.h"

#include <gelf.h>
#include <stdlib.h>
#include <string.h>

struct elf_symbol {
	const char *name;
	uint64_t addr;
	uint64_t end;  /* of its section; only for one without a size */
	unsigned rank; /* of two that cover an address, the higher counts */
};

struct elf_symbols {
	struct elf_symbol *items;
	size_t n, cap;
	struct range_map ranges; /* value: index in items */
	struct elf_names names;
};

struct unsized {
	uint64_t addr;
	uint64_t next; /* where the next symbol begins */
	uint32_t symbol;
};

enum { RANK_SIZED = 4, RANK_FUNCTION = 2, RANK_EXPORTED = 1 };

bool elf_names_hold(struct elf_names *names, Elf *elf, const char *name)
{
	if (names->elf != elf) {
		size_t n = 0;

		names->elf = elf;
		names->first = elf_rawfile(elf, &n);
		names->last_nul = names->first ? memrchr(names->first, '\0', n) : NULL;
	}
	return names->last_nul && name >= names->first && name <= names->last_nul;
}

/* Marks of assemblers ($x, .L1) are no functions. */
static bool name_is_function(const char *name)
{
	return name[0] && name[0] != '$' && name[0] != '.';
}

/* The end of the section with code that the symbol is in; 0: it is in no such section. */
static uint64_t section_end(Elf *elf, GElf_Word index)
{
	GElf_Shdr shdr;
	Elf_Scn *section = elf_getscn(elf, index);

	if (!section || !gelf_getshdr(section, &shdr) || !(shdr.sh_flags & SHF_EXECINSTR))
		return 0;
	return shdr.sh_addr + shdr.sh_size;
}

static unsigned symbol_rank(const GElf_Sym *sym)
{
	unsigned rank = sym->st_size ? RANK_SIZED : 0;

	if (GELF_ST_TYPE(sym->st_info) != STT_NOTYPE)
		rank |= RANK_FUNCTION;
	/* a weak name is as good as a global one: strdup is, __strdup beside it is not */
	if (GELF_ST_BIND(sym->st_info) != STB_LOCAL)
		rank |= RANK_EXPORTED;
	return rank;
}

static void elf_symbols_add(struct elf_symbols *symbols, Dwfl_Module *module, int index)
{
	GElf_Sym sym;
	GElf_Addr addr = 0, bias = 0;
	GElf_Word section = 0;
	Elf *elf = NULL;
	uint64_t end = 0;
	const char *name = dwfl_module_getsym_info(module, index, &sym, &addr, &section, &elf, &bias);
	int type = name ? GELF_ST_TYPE(sym.st_info) : STT_FILE;

	if (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE)
		return;
	if (section == SHN_UNDEF || addr == 0 || !elf || !elf_names_hold(&symbols->names, elf, name))
		return;
	if (sym.st_size == 0 && !name_is_function(name))
		return;
	if (type == STT_NOTYPE || sym.st_size == 0) {
		end = section_end(elf, section) + bias;
		if (end <= addr)
			return;
	}
	symbols->items = xgrow(symbols->items, &symbols->cap, symbols->n + 1, sizeof(*symbols->items));
	symbols->items[symbols->n++] =
		(struct elf_symbol){.name = name, .addr = addr, .end = end, .rank = symbol_rank(&sym)};
	if (sym.st_size)
		range_map_add(&symbols->ranges, addr, addr + sym.st_size, (uint32_t)(symbols->n - 1));
}

static int unsized_compare(const void *a, const void *b)
{
	const struct unsized *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

/* Tells the last of these that begin before `symbol` where that begins. */
static void unsized_bound(struct unsized *unsized, size_t n, const struct elf_symbol *symbol)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (unsized[mid].addr < symbol->addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo > 0 && symbol->addr < unsized[lo - 1].next && name_is_function(symbol->name))
		unsized[lo - 1].next = symbol->addr;
}

/* A symbol without a size, as assembler sources make them, ends where the next one begins. There are few. */
static void elf_symbols_add_unsized(struct elf_symbols *symbols)
{
	struct unsized *unsized = NULL;
	size_t n = 0, cap = 0;
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < symbols->n; i++) {
		if (symbols->items[i].rank & RANK_SIZED)
			continue;
		unsized = xgrow(unsized, &cap, n + 1, sizeof(*unsized));
		unsized[n++] = (struct unsized){symbols->items[i].addr, UINT64_MAX, (uint32_t)i};
	}
	if (n > 1)
		qsort(unsized, n, sizeof(*unsized), unsized_compare);
	for (size_t i = 0; n && i < symbols->n; i++)
		unsized_bound(unsized, n, &symbols->items[i]);
	for (size_t i = n; i-- > 0;) {
		const struct elf_symbol *s = &symbols->items[unsized[i].symbol];

		/* of several at one place only the last was told */
		if (i + 1 == n || unsized[i + 1].addr != unsized[i].addr)
			next = unsized[i].next;
		range_map_add(&symbols->ranges, s->addr, next < s->end ? next : s->end, unsized[i].symbol);
	}
	free(unsized);
}

struct elf_symbols *elf_symbols_new(Dwfl_Module *module)
{
	struct elf_symbols *symbols = xcalloc(1, sizeof(*symbols));
	int n = dwfl_module_getsymtab(module);

	for (int i = 1; i < n; i++)
		elf_symbols_add(symbols, module, i);
	elf_symbols_add_unsized(symbols);
	return symbols;
}

/* Of names for one address: the one meant for users (malloc, not __libc_malloc), always the same one. */
static bool name_is_better(const char *name, const char *than)
{
	size_t underscores = strspn(name, "_"), than_underscores = strspn(than, "_");
	size_t n = strlen(name), than_n = strlen(than);

	if (underscores != than_underscores)
		return underscores < than_underscores;
	if (n != than_n)
		return n < than_n;
	return strcmp(name, than) < 0;
}

static bool symbol_is_better(const struct elf_symbol *s, const struct elf_symbol *than)
{
	unsigned size_and_type = RANK_SIZED | RANK_FUNCTION;

	if ((s->rank & size_and_type) != (than->rank & size_and_type))
		return s->rank > than->rank;
	if (s->addr != than->addr)
		return s->addr > than->addr;
	if (s->rank != than->rank)
		return s->rank > than->rank;
	return name_is_better(s->name, than->name);
}

char *elf_symbols_name(struct elf_symbols *symbols, uint64_t addr)
{
	size_t cursor = RANGE_MAP_START;
	const struct elf_symbol *best = NULL;
	const struct range *r;

	while ((r = range_map_next(&symbols->ranges, addr, &cursor)) != NULL) {
		const struct elf_symbol *s = &symbols->items[r->value];

		if (name_is_function(s->name) && (!best || symbol_is_better(s, best)))
			best = s;
	}
	if (!best)
		return NULL;
	/* "memcpy@@GLIBC_2.14"; but "@" may begin a name */
	return xstrndup(best->name, 1 + strcspn(best->name + 1, "@"));
}

void elf_symbols_free(struct elf_symbols *symbols)
{
	if (!symbols)
		return;
	range_map_release(&symbols->ranges);
	free(symbols->items);
	free(symbols);
}
