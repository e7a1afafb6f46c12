/*
 * A unit's line table in .debug_line, read once as a whole. Lines of code that the linker threw away (--gc-sections,
 * duplicate templates) are left out: they have stayed behind, with addresses that begin at 0, and in a shared object
 * these reach into the addresses of real code.
 */
#ifndef CLI_SYMBOLS_LINE_PROGRAM_H
#define CLI_SYMBOLS_LINE_PROGRAM_H

#include "cli/symbols/line_files.h"
#include "cli/symbols/line_rows.h"
#include "cli/symbols/line_sections.h"

#include <stdint.h>

/* `offset`: of the table, as the unit says. Both results are {0} before; of a broken table they have what is whole. */
void line_program_read(const struct line_sections *sections, uint64_t offset, struct line_rows *rows,
		       struct line_files *files);

#endif
