#include "cli/symbols/scope_tree.h"

#include "cli/base/xalloc.h"
#include "cli/symbols/range_map.h"

#include <dwarf.h>
#include <stdlib.h>

enum { DEPTH_MAX = 200, RANGES_MAX = 1 << 20 };

#define NO_PARENT UINT32_MAX

struct scope {
	Dwarf_Die die;
	uint32_t parent; /* index, or NO_PARENT: called by the function itself */
};

struct scope_tree {
	struct scope *items;
	size_t n, cap;
	size_t budget;           /* entries that may still be looked at */
	struct range_map ranges; /* value: index in items */
};

bool die_add_ranges(Dwarf_Die *die, struct range_map *map, uint32_t value)
{
	Dwarf_Addr base = 0, lo = 0, hi = 0;
	ptrdiff_t offset = 0;
	size_t n_before = map->n;

	for (int i = 0; i < RANGES_MAX && (offset = dwarf_ranges(die, offset, &base, &lo, &hi)) > 0; i++)
		if (lo != 0) /* 0: the linker has thrown this code away */
			range_map_add(map, lo, hi, value);
	return map->n != n_before;
}

size_t die_unit_budget(Dwarf_Die *die)
{
	Dwarf_Die unit;
	Dwarf_Off begin = 0, end = 0;
	uint8_t address_bytes, offset_bytes;

	if (!dwarf_diecu(die, &unit, &address_bytes, &offset_bytes))
		return 0;
	begin = dwarf_dieoffset(&unit) - dwarf_cuoffset(&unit);
	if (dwarf_nextcu(dwarf_cu_getdwarf(unit.cu), begin, &end, NULL, NULL, NULL, NULL) != 0 || end <= begin)
		return 1 << 20; /* a type unit or the like */
	return end - begin;     /* an entry takes at least a byte */
}

static uint32_t scope_tree_add(struct scope_tree *tree, Dwarf_Die *die, uint32_t parent)
{
	uint32_t index = (uint32_t)tree->n;

	if (!die_add_ranges(die, &tree->ranges, index))
		return parent;
	tree->items = xgrow(tree->items, &tree->cap, tree->n + 1, sizeof(*tree->items));
	tree->items[tree->n++] = (struct scope){.die = *die, .parent = parent};
	return index;
}

static void scope_tree_walk(struct scope_tree *tree, Dwarf_Die *die, uint32_t parent, int depth)
{
	Dwarf_Die child;
	int more = depth < DEPTH_MAX ? dwarf_child(die, &child) : 1;

	for (; more == 0 && tree->budget > 0; more = dwarf_siblingof(&child, &child)) {
		tree->budget--;
		switch (dwarf_tag(&child)) {
		case DW_TAG_inlined_subroutine:
			scope_tree_walk(tree, &child, scope_tree_add(tree, &child, parent), depth + 1);
			break;
		case DW_TAG_lexical_block:
		case DW_TAG_try_block:
		case DW_TAG_catch_block:
		case DW_TAG_with_stmt:
			scope_tree_walk(tree, &child, parent, depth + 1);
			break;
		default:
			break;
		}
	}
}

struct scope_tree *scope_tree_new(Dwarf_Die *function)
{
	struct scope_tree *tree = xcalloc(1, sizeof(*tree));

	tree->budget = die_unit_budget(function);
	scope_tree_walk(tree, function, NO_PARENT, 0);
	return tree;
}

size_t scope_tree_find(struct scope_tree *tree, uint64_t addr, Dwarf_Die **calls, size_t max)
{
	const struct range *r = range_map_find(&tree->ranges, addr);
	size_t n = 0;

	/* a parent has a smaller index: this ends */
	for (uint32_t i = r ? r->value : NO_PARENT; i != NO_PARENT && n < max; i = tree->items[i].parent)
		calls[n++] = &tree->items[i].die;
	return n;
}

void scope_tree_free(struct scope_tree *tree)
{
	if (!tree)
		return;
	range_map_release(&tree->ranges);
	free(tree->items);
	free(tree);
}
