/*
 * What was inlined where in one function: its DW_TAG_inlined_subroutine entries by address. Built when the first
 * address in the function is asked for.
 */
#ifndef CLI_SYMBOLS_SCOPE_TREE_H
#define CLI_SYMBOLS_SCOPE_TREE_H

#include <elfutils/libdw.h>

#include <stdbool.h>
#include <stdint.h>

struct scope_tree;
struct range_map;

/* `function` is a subprogram. Bounded by the size of its unit, also when the entries are garbage. */
struct scope_tree *scope_tree_new(Dwarf_Die *function);
void scope_tree_free(struct scope_tree *tree);

/*
 * The inlined calls that `addr` (in the debug information's terms) is in, innermost first. At most `max` entries,
 * owned by the tree; returns how many.
 */
size_t scope_tree_find(struct scope_tree *tree, uint64_t addr, Dwarf_Die **calls, size_t max);

/* Adds the code of `die`, as `value`, to `map`; says whether there is any. */
bool die_add_ranges(Dwarf_Die *die, struct range_map *map, uint32_t value);

/* How many entries a walk over the unit of `die` can see at most. */
size_t die_unit_budget(Dwarf_Die *die);

#endif
