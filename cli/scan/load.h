/* Takes the live blocks over from the model. */
#ifndef CLI_SCAN_LOAD_H
#define CLI_SCAN_LOAD_H

#include "cli/scan/maps.h"
#include "cli/scan/scan.h"

#include <stdbool.h>

/* Makes the result's blocks. False, with why_not, if they cannot be. */
bool load_blocks(const struct process *process, const struct maps *maps, struct scan_result *result);

#endif
