/*
 * A scan's result as bytes, and back: for recordings. What is made of them answers scan_block_get(), scan_find(),
 * scan_chain() and scan_owners() as the result itself; the registers that it had read are not kept.
 */
#ifndef CLI_SCAN_KEEP_H
#define CLI_SCAN_KEEP_H

#include "cli/base/pack.h"
#include "cli/scan/scan.h"

#include <stdbool.h>

/* `blocks`: with all that is known of each block, else only what the scan as a whole said. */
void scan_pack(const struct scan_result *result, bool blocks, struct pack *to);

/* Fills *result, to be cleared in any case. The bytes are not trusted: false if they are not of a scan. */
bool scan_unpack(struct unpack *from, struct scan_result *result);

#endif
