/* The file table at the head of a unit's line table: DWARF 5 section 6.2.4; of versions 2 to 4, too. Starts as {0}. */
#ifndef CLI_SYMBOLS_LINE_FILES_H
#define CLI_SYMBOLS_LINE_FILES_H

#include "cli/symbols/line_sections.h"
#include "common/dwarf_bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct line_file {
	const char *name; /* in a section; NULL: not known */
	uint64_t dir;     /* index in the table of directories */
};

struct line_files {
	unsigned version;  /* of DWARF */
	const char **dirs; /* before DWARF 5 the first is NULL: where the compiler ran */
	size_t n_dirs, dirs_cap;
	struct line_file *files; /* before DWARF 5 the first is nothing */
	size_t n_files, files_cap;
};

/* `b` is the rest of a header, from the tables on. `offset_bytes`: 8 in 64-bit DWARF, else 4. */
void line_files_read(struct line_files *files, struct dwarf_bytes *b, const struct line_sections *sections,
		     unsigned version, unsigned offset_bytes);
void line_files_release(struct line_files *files);

/* One more file, as it is written in versions before 5. False: there is none, or it is the end of the table. */
bool line_files_add(struct line_files *files, struct dwarf_bytes *b);

/* The name of a file, or NULL; *dir: what it is relative to, NULL: to where the compiler ran. */
const char *line_files_name(const struct line_files *files, uint64_t index, const char **dir);

#endif
