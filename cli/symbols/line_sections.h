/* The sections that line tables are in. All empty where a file is not little-endian. */
#ifndef CLI_SYMBOLS_LINE_SECTIONS_H
#define CLI_SYMBOLS_LINE_SECTIONS_H

#include "common/dwarf_bytes.h"

#include <elfutils/libdw.h>

struct line_sections {
	struct dwarf_bytes line, line_str, str; /* .debug_line, .debug_line_str, .debug_str */
};

/* The bytes are the Dwarf's. */
struct line_sections line_sections_find(Dwarf *dwarf);

#endif
