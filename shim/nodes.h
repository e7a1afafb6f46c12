/*
 * The table (parent, ip) -> node id, shared by all threads. Look-ups and insertions take no lock. A node is announced
 * in the stream of the thread that found it first; two threads at the same moment may make two ids for one node, which
 * the reporter merges.
 */
#ifndef SHIM_NODES_H
#define SHIM_NODES_H

#include <stdint.h>

struct writer;

/* The id of (parent, ip); `flags` are enum wire_node_flags. */
uint32_t mw_node(struct writer *w, uint32_t parent, uint64_t ip, unsigned flags);

/* Forgets all nodes with start <= ip < end: the code there has gone. Call with slow_lock held. */
void mw_nodes_forget(uint64_t start, uint64_t end);

#endif
