#include "cli/symbols/elf_data.h"

#include "cli/base/xalloc.h"
#include "cli/symbols/elf_symbols.h"

#include <gelf.h>
#include <stdlib.h>
#include <string.h>

struct variable {
	const char *name;
	uint64_t start, end;
};

struct elf_data {
	struct variable *items; /* by start */
	size_t n, cap;
};

static int variable_compare(const void *a, const void *b)
{
	const struct variable *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return strcmp(x->name, y->name);
}

struct elf_data *elf_data_new(Dwfl_Module *module)
{
	struct elf_data *data = xcalloc(1, sizeof(*data));
	struct elf_names names = {0};
	int n = dwfl_module_getsymtab(module);

	for (int i = 1; i < n; i++) {
		GElf_Word section = 0;
		GElf_Addr addr = 0;
		GElf_Sym sym;
		Elf *elf = NULL;
		const char *name = dwfl_module_getsym_info(module, i, &sym, &addr, &section, &elf, NULL);

		if (!name || GELF_ST_TYPE(sym.st_info) != STT_OBJECT || section == SHN_UNDEF || !elf ||
		    sym.st_size == 0 || !elf_names_hold(&names, elf, name))
			continue;
		data->items = xgrow(data->items, &data->cap, data->n + 1, sizeof(*data->items));
		data->items[data->n++] = (struct variable){name, addr, addr + sym.st_size};
	}
	if (data->n > 1)
		qsort(data->items, data->n, sizeof(*data->items), variable_compare);
	return data;
}

void elf_data_free(struct elf_data *data)
{
	if (!data)
		return;
	free(data->items);
	free(data);
}

const char *elf_data_name(const struct elf_data *data, uint64_t addr, uint64_t *offset)
{
	size_t lo = 0, hi = data->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (data->items[mid].start <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	/* variables of other names at the same place come last; one that is not long enough is not it */
	while (lo-- > 0 && addr - data->items[lo].start < (1u << 20)) {
		if (addr < data->items[lo].end && data->items[lo].name[0]) {
			*offset = addr - data->items[lo].start;
			return data->items[lo].name;
		}
	}
	return NULL;
}
