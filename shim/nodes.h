/*
 * The table (parent, ip) -> node id, shared by all threads. Look-ups and insertions take no lock. A node is announced
 * in the stream of the thread that found it first; two threads at the same moment may make two ids for one node, which
 * the reporter merges.
 */
#ifndef SHIM_NODES_H
#define SHIM_NODES_H

#include <stdint.h>

struct writer;

/*
 * A node is looked for where the hash of its whole path points, so that the places of all frames of a stack are known,
 * and can be fetched, before the first id is. The path of a root is 0.
 */
static inline uint64_t mw_node_path(uint64_t parent_path, uint64_t ip)
{
	uint64_t h = (parent_path ^ ip) * UINT64_C(0x9e3779b97f4a7c15);

	return h ^ h >> 29;
}

void mw_node_prefetch(uint64_t path);

/* The id of (parent, ip), whose path is `path`; `flags` are enum wire_node_flags. */
uint32_t mw_node(struct writer *w, uint32_t parent, uint64_t ip, uint64_t path, unsigned flags);

/* Forgets all nodes with start <= ip < end: the code there has gone. Call with slow_lock held. */
void mw_nodes_forget(uint64_t start, uint64_t end);

#endif
