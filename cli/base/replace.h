/* A file that others may be reading: written beside its place, and put there whole. */
#ifndef CLI_BASE_REPLACE_H
#define CLI_BASE_REPLACE_H

#include "cli/base/err.h"
#include "cli/base/out.h"

/* Has `print` write the file at `path`; what was there stays until all is written. "-" is standard output; a
 * device or pipe is written to. -1 and a sentence on failure: then what was there is still there. */
int replace_file(const char *path, void (*print)(const void *what, struct out *out), const void *what, struct err *err);

#endif
