/* The table that memwatch.h finds by its name. */
#ifndef SHIM_ENTRY_API_H
#define SHIM_ENTRY_API_H

#include "common/compiler.h"
#include "common/memwatch.h"

extern MW_EXPORT const struct memwatch_api memwatch_api_v1;

#endif
