/*
 * Who leads whom among the lost blocks: of each strongly connected component that no other lost block points into, the
 * block of lowest address is definite; all others hang on one of these.
 *
 * Two floods in place of Tarjan's algorithm, so that a bit per block is all they need:
 * - Upwards by address, flood from each block not yet seen; note those as origins. A component that nothing leads into
 * has exactly one origin, its lowest block.
 * - Downwards, flood from each origin that no later one has reached. If an origin can be reached from a component that
 *   nothing leads into, that one's origin is the higher: had its flood been first, it would have taken ours with it.
 */
#ifndef CLI_SCAN_COMPONENTS_H
#define CLI_SCAN_COMPONENTS_H

#include "cli/scan/graph.h"

/* After mark_reached(). */
void components_find(struct graph *graph);

#endif
