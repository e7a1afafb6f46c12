#include "cli/symbols/dwarf_index.h"

#include "cli/base/xalloc.h"
#include "cli/symbols/line_program.h"
#include "cli/symbols/line_sections.h"
#include "cli/symbols/range_map.h"
#include "cli/symbols/scope_tree.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 200, CALLS_MAX = 255 };

enum unit_state {
	UNIT_UNREAD,
	UNIT_QUICK, /* functions in the unit itself and in its namespaces are known: nearly always all */
	UNIT_DEEP,  /* functions in types and in other functions too */
};

struct function {
	Dwarf_Die die;
	struct scope_tree *scopes; /* NULL until asked */
};

struct unit {
	Dwarf_Die die;  /* has the line table; a skeleton if the rest is in a .dwo file */
	Dwarf_Die full; /* has the functions */
	enum unit_state state;
	const char *dir; /* where the compiler ran, or NULL */
	bool has_ranges;
	bool c_like;
	struct function *functions;
	size_t n_functions, functions_cap;
	bool lines_read; /* whether the next two are filled, which stay then */
	struct line_rows rows;
	struct line_files files;
	size_t budget;           /* entries that may still be looked at by the walk under way */
	struct range_map ranges; /* value: index in functions */
};

struct dwarf_index {
	struct unit *units; /* by offset */
	size_t n, cap;
	struct range_map ranges;       /* value: index in units */
	struct line_sections sections; /* of the Dwarf */
};

static struct unit *unit_by_offset(struct dwarf_index *index, Dwarf_Off offset)
{
	size_t lo = 0, hi = index->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (dwarf_dieoffset(&index->units[mid].die) < offset)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < index->n && dwarf_dieoffset(&index->units[lo].die) == offset ? &index->units[lo] : NULL;
}

/* .debug_aranges, for units that do not say themselves where their code is. */
static void dwarf_index_add_aranges(struct dwarf_index *index, Dwarf *dwarf)
{
	Dwarf_Aranges *aranges = NULL;
	size_t n = 0;

	if (dwarf_getaranges(dwarf, &aranges, &n) != 0)
		return;
	for (size_t i = 0; i < n; i++) {
		Dwarf_Addr start = 0;
		Dwarf_Word length = 0;
		Dwarf_Off offset = 0;
		struct unit *unit;

		if (dwarf_getarangeinfo(dwarf_onearange(aranges, i), &start, &length, &offset) != 0 || start == 0)
			continue;
		unit = unit_by_offset(index, offset);
		if (unit && !unit->has_ranges)
			range_map_add(&index->ranges, start, start + length, (uint32_t)(unit - index->units));
	}
}

struct dwarf_index *dwarf_index_new(Dwarf *dwarf)
{
	struct dwarf_index *index = xcalloc(1, sizeof(*index));
	Dwarf_CU *cu = NULL;
	Dwarf_Die die;
	uint8_t type = 0;
	bool all_have_ranges = true;

	index->sections = line_sections_find(dwarf);
	while (dwarf_get_units(dwarf, cu, &cu, NULL, &type, &die, NULL) == 0) {
		struct unit *unit;

		if ((type != DW_UT_compile && type != DW_UT_skeleton) || dwarf_tag(&die) == DW_TAG_partial_unit)
			continue;
		index->units = xgrow(index->units, &index->cap, index->n + 1, sizeof(*index->units));
		unit = &index->units[index->n];
		*unit = (struct unit){.die = die, .full = die};
		unit->has_ranges = die_add_ranges(&die, &index->ranges, (uint32_t)index->n);
		all_have_ranges = all_have_ranges && unit->has_ranges;
		index->n++;
	}
	if (!all_have_ranges)
		dwarf_index_add_aranges(index, dwarf);
	return index;
}

static void unit_add_function(struct unit *unit, Dwarf_Die *die)
{
	if (!die_add_ranges(die, &unit->ranges, (uint32_t)unit->n_functions))
		return;
	unit->functions = xgrow(unit->functions, &unit->functions_cap, unit->n_functions + 1, sizeof(*unit->functions));
	unit->functions[unit->n_functions++] = (struct function){.die = *die};
}

static void unit_walk(struct unit *unit, Dwarf_Die *die, bool deep, int depth)
{
	Dwarf_Die child;
	int more = depth < DEPTH_MAX ? dwarf_child(die, &child) : 1;

	for (; more == 0 && unit->budget > 0; more = dwarf_siblingof(&child, &child)) {
		int tag = dwarf_tag(&child);

		unit->budget--;
		if (tag == DW_TAG_subprogram)
			unit_add_function(unit, &child);
		if (deep || tag == DW_TAG_namespace || tag == DW_TAG_module)
			unit_walk(unit, &child, deep, depth + 1);
	}
}

static bool language_is_c_like(int language)
{
	switch (language) {
	case DW_LANG_C:
	case DW_LANG_C89:
	case DW_LANG_C99:
	case DW_LANG_C11:
	case DW_LANG_Mips_Assembler:
		return true;
	default:
		return false;
	}
}

static void unit_forget_functions(struct unit *unit)
{
	for (size_t i = 0; i < unit->n_functions; i++)
		scope_tree_free(unit->functions[i].scopes);
	free(unit->functions);
	unit->functions = NULL;
	unit->n_functions = unit->functions_cap = 0;
	range_map_release(&unit->ranges);
}

static void unit_read(struct unit *unit, enum unit_state state)
{
	if (unit->state == UNIT_UNREAD) {
		Dwarf_Attribute attr;
		Dwarf_Die split;
		uint8_t type = 0;

		if (dwarf_cu_info(unit->die.cu, NULL, &type, NULL, &split, NULL, NULL, NULL) == 0 &&
		    type == DW_UT_skeleton && split.addr)
			unit->full = split;
		unit->dir = dwarf_formstring(dwarf_attr(&unit->die, DW_AT_comp_dir, &attr));
		unit->c_like = language_is_c_like(dwarf_srclang(&unit->full));
	}
	unit_forget_functions(unit);
	unit->budget = die_unit_budget(&unit->full);
	unit_walk(unit, &unit->full, state == UNIT_DEEP, 0);
	unit->state = state;
}

static struct function *unit_function(struct unit *unit, uint64_t addr)
{
	const struct range *r;

	if (unit->state == UNIT_UNREAD)
		unit_read(unit, UNIT_QUICK);
	r = range_map_find(&unit->ranges, addr);
	if (!r && unit->state == UNIT_QUICK) {
		unit_read(unit, UNIT_DEEP);
		r = range_map_find(&unit->ranges, addr);
	}
	return r ? &unit->functions[r->value] : NULL;
}

static void unit_read_lines(struct dwarf_index *index, struct unit *unit)
{
	Dwarf_Attribute attr;
	Dwarf_Word offset = 0;

	if (unit->lines_read)
		return;
	unit->lines_read = true;
	if (dwarf_formudata(dwarf_attr(&unit->die, DW_AT_stmt_list, &attr), &offset) == 0)
		line_program_read(&index->sections, offset, &unit->rows, &unit->files);
}

static void unit_set_file(struct unit *unit, uint64_t file, struct dwarf_frame *frame)
{
	size_t n = unit->dir ? strlen(unit->dir) : 0;

	frame->file = line_files_name(&unit->files, file, &frame->dir);
	if (!frame->file || frame->file[0] == '/' || n == 0)
		return;
	if (!frame->dir)
		frame->dir = unit->dir;
	/* where the compiler ran may itself be relative (-ffile-prefix-map), and other directories then begin with it
	 */
	else if (frame->dir[0] != '/' && (strncmp(frame->dir, unit->dir, n) != 0 || !strchr("/", frame->dir[n])))
		frame->base = unit->dir;
}

/* Of the code at `addr` itself. */
static void unit_line(struct dwarf_index *index, struct unit *unit, uint64_t addr, struct dwarf_frame *frame)
{
	const struct line_row *row;

	unit_read_lines(index, unit);
	row = line_rows_find(&unit->rows, addr);
	if (!row)
		return;
	unit_set_file(unit, row->file, frame);
	frame->line = row->line;
}

/* Of the place where the inlined function `call` is called. */
static void unit_call_line(struct dwarf_index *index, struct unit *unit, Dwarf_Die *call, struct dwarf_frame *frame)
{
	Dwarf_Attribute attr;
	Dwarf_Word n = 0;

	unit_read_lines(index, unit);
	if (dwarf_formudata(dwarf_attr(call, DW_AT_call_file, &attr), &n) == 0)
		unit_set_file(unit, n, frame);
	if (dwarf_formudata(dwarf_attr(call, DW_AT_call_line, &attr), &n) == 0)
		frame->line = n <= INT32_MAX ? (uint32_t)n : 0;
}

static void frame_set_name(struct dwarf_frame *frame, Dwarf_Die *die)
{
	Dwarf_Attribute attr;

	frame->linkage_name = dwarf_formstring(dwarf_attr_integrate(die, DW_AT_linkage_name, &attr));
	if (!frame->linkage_name)
		frame->linkage_name = dwarf_formstring(dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attr));
	frame->name = dwarf_diename(die);
}

static size_t unit_frames(struct dwarf_index *index, struct unit *unit, struct function *function, uint64_t addr,
			  struct dwarf_frame *frames, size_t max)
{
	Dwarf_Die *calls[CALLS_MAX];
	size_t n;

	if (!function->scopes)
		function->scopes = scope_tree_new(&function->die);
	n = scope_tree_find(function->scopes, addr, calls, CALLS_MAX);
	for (size_t i = 0; i <= n && i < max; i++) {
		struct dwarf_frame *frame = &frames[i];

		*frame = (struct dwarf_frame){.inlined = i < n, .c_like = unit->c_like};
		if (i == 0)
			unit_line(index, unit, addr, frame);
		else
			unit_call_line(index, unit, calls[i - 1], frame);
		frame_set_name(frame, i < n ? calls[i] : &function->die);
	}
	return n + 1 < max ? n + 1 : max;
}

size_t dwarf_index_find(struct dwarf_index *index, uint64_t addr, struct dwarf_frame *frames, size_t max)
{
	size_t cursor = RANGE_MAP_START;
	const struct range *r;
	struct dwarf_frame frame = {0};

	/* units may overlap: one has a wide range, the other's code lies in it */
	while ((r = range_map_next(&index->ranges, addr, &cursor)) != NULL) {
		struct unit *unit = &index->units[r->value];
		struct function *function = unit_function(unit, addr);

		if (function)
			return unit_frames(index, unit, function, addr, frames, max);
		if (!frame.file) /* assembler sources have lines, and no functions */
			unit_line(index, unit, addr, &frame);
	}
	if (!frame.file || max == 0)
		return 0;
	frames[0] = frame;
	return 1;
}

void dwarf_index_free(struct dwarf_index *index)
{
	if (!index)
		return;
	for (size_t i = 0; i < index->n; i++) {
		unit_forget_functions(&index->units[i]);
		line_rows_release(&index->units[i].rows);
		line_files_release(&index->units[i].files);
	}
	range_map_release(&index->ranges);
	free(index->units);
	free(index);
}
