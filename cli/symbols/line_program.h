/*
 * Line tables whose sequences overlap. A linker that throws functions away (--gc-sections, duplicate templates) leaves
 * their lines behind, with addresses that begin at 0; in a shared object these reach into the addresses of real code,
 * and libdw, which sorts all lines of a unit together, then answers with the lines of the missing function. This reads
 * .debug_line by sequence, for those addresses only. Little-endian files.
 */
#ifndef CLI_SYMBOLS_LINE_PROGRAM_H
#define CLI_SYMBOLS_LINE_PROGRAM_H

#include <elfutils/libdw.h>

#include <stdbool.h>
#include <stdint.h>

struct line_row {
	uint64_t addr;
	uint64_t file; /* index in the unit's file table */
	uint64_t line;
};

/* The first address that no lines of thrown-away code claim; 0: there are none. */
uint64_t line_program_discarded_end(Dwarf_Die *unit);

/* The row for `addr`, not counting thrown-away code. */
bool line_program_find(Dwarf_Die *unit, uint64_t addr, struct line_row *row);

#endif
