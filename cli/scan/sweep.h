/*
 * Reads the heap and the roots and finds the pointers in them: aligned words that lie within a live block as it was
 * asked for. A block's pointer to itself does not count.
 *
 * Words of glibc's allocator. Its arenas, and the lists of free chunks, hold addresses of chunk headers, which lie in
 * the last 8 bytes of the block before: `p + usable size − 8` is such an address, and no pointer to p, where such words
 * can be met: in libc's data, stacks, registers, thread-local storage; at the beginning of a block (what the free chunk
 * that it was made of had there); and anywhere in the heap if no live block follows, for then a free chunk does.
 * Elsewhere it is a pointer to the last word of p, such as the programs make that link their objects by an inner
 * member.
 */
#ifndef CLI_SCAN_SWEEP_H
#define CLI_SCAN_SWEEP_H

#include "cli/scan/graph.h"

/* All live blocks: fills in the graph's edges. */
void sweep_heap(struct graph *graph);

/* The result's ranges, after the heap: marks what they hold. */
void sweep_roots(struct graph *graph);

#endif
