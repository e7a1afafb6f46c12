/*
 * The table of node ids, shared by all threads. Look-ups and insertions take no lock. A node is announced
 * in the stream of the thread that found it first; two threads at the same moment may make two ids for one node, which
 * the reporter merges.
 */
#ifndef SHIM_NODES_H
#define SHIM_NODES_H

#include <stdint.h>

struct writer;

/*
 * A node is known by the hash of its whole path, the ips from the outermost frame on; the path of a root's parent is
 * 0. So the innermost frame of a stack that came before is found at once, without its callers. Of the hash 36 bits and
 * the place in a table of at least 2 n places are compared: that two of n paths are taken for one has the odds n in
 * 2^37, one in 20,000 with 6 million nodes.
 */
static inline uint64_t mw_node_path(uint64_t parent_path, uint64_t ip)
{
	uint64_t h = (parent_path ^ ip) * UINT64_C(0x9e3779b97f4a7c15);

	return (h ^ h >> 29) | 2;
}

void mw_node_prefetch(uint64_t path);

/* Its id; 0 = not known. */
uint32_t mw_node_known(uint64_t path);

/* The id of the node (parent, ip), whose path is `path`, announced if need be; `flags` are enum wire_node_flags. */
uint32_t mw_node(struct writer *w, uint32_t parent, uint64_t ip, uint64_t path, unsigned flags);

/* Forgets all nodes with start <= ip < end: the code there has gone. Call with slow_lock held. */
void mw_nodes_forget(uint64_t start, uint64_t end);

#endif
