/*
 * From addresses to functions, inlined calls and lines by DWARF. Reads the head of every unit once, and the insides
 * only of units that are asked for: a unit's functions and line table on the first address in it.
 */
#ifndef CLI_SYMBOLS_DWARF_INDEX_H
#define CLI_SYMBOLS_DWARF_INDEX_H

#include <elfutils/libdw.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dwarf_index;

/* The strings are the Dwarf's. NULL: not known. */
struct dwarf_frame {
	const char *linkage_name; /* mangled */
	const char *name;         /* as in the source, without scope and parameters */
	const char *base;         /* what `dir` is relative to; NULL: nothing */
	const char *dir;          /* what `file` is relative to; NULL: nothing */
	const char *file;
	uint32_t line; /* 0: not known */
	bool inlined;  /* into the next frame */
	bool c_like;   /* the language has no mangled names */
};

/* Never NULL. `dwarf` must outlive it. */
struct dwarf_index *dwarf_index_new(Dwarf *dwarf);
void dwarf_index_free(struct dwarf_index *index);

/* Innermost first; `addr` in the terms of the debug information. Returns the number of frames, 0: nothing known. */
size_t dwarf_index_find(struct dwarf_index *index, uint64_t addr, struct dwarf_frame *frames, size_t max);

#endif
