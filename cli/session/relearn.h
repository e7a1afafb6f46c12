/* Names out of a recording, for a struct symbols that cannot look into the files. Each function takes what is left of
 * the record; false if it makes no sense. */
#ifndef CLI_SESSION_RELEARN_H
#define CLI_SESSION_RELEARN_H

#include "cli/base/pack.h"
#include "cli/symbols/symbols.h"

#include <stdbool.h>

bool relearn_names(struct symbols *symbols, struct unpack *from);
bool relearn_variables(struct symbols *symbols, struct unpack *from);
bool relearn_jit(struct symbols *symbols, struct unpack *from);

#endif
