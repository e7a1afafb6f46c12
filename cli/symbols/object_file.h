/*
 * An ELF file on disk with whatever debug information goes with it: its own, or a separate file found by build id,
 * .gnu_debuglink or debuginfod, and the file shared by several that dwz makes. All of the finding is libdwfl's.
 */
#ifndef CLI_SYMBOLS_OBJECT_FILE_H
#define CLI_SYMBOLS_OBJECT_FILE_H

#include "cli/symbols/unpacked.h"

#include <elfutils/libdwfl.h>

#include <stddef.h>
#include <stdint.h>

struct object_file {
	Dwfl *dwfl;
	Dwfl_Module *module; /* owned by dwfl */
	uint64_t bias;       /* address in `module` − ELF virtual address */
	struct unpacked unpacked;
};

/*
 * Opens the file at `path` if it has this build id (n_bytes 0: any), else what is installed or served under the build
 * id. -1 when there is nothing: *file needs no release then.
 */
int object_file_open(struct object_file *file, const char *path, const uint8_t *build_id, size_t n_bytes);
void object_file_release(struct object_file *file);

/*
 * The debug information, or NULL; looked for on the first call, which may take long when debuginfod is asked. Owned by
 * `file`. *bias: address in `module` − address in the debug information.
 */
Dwarf *object_file_dwarf(struct object_file *file, uint64_t *bias);

#endif
