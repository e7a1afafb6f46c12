/* The suppressions that a command was given. */
#ifndef CLI_CMD_SUPPRESSIONS_H
#define CLI_CMD_SUPPRESSIONS_H

#include "cli/opts/opts.h"
#include "cli/suppress/rules.h"

#include <time.h>

/* The rules of all files, for `set`, which is to be released in any case; those that had expired at `now` are told.
 * `program`: its path; NULL = not known. STATUS_OK, or STATUS_USAGE, told. */
int suppressions_read(const struct options *options, const char *program, time_t now, struct suppress_set *set);

#endif
