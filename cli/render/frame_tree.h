/*
 * Stacks merged into a tree, as flame graphs and massif's heap trees show them. Frames that are one function of one
 * module are one node, whatever the line; with FRAME_TREE_LINES each line is its own.
 */
#ifndef CLI_RENDER_FRAME_TREE_H
#define CLI_RENDER_FRAME_TREE_H

#include "cli/analysis/report.h"

#include <stddef.h>
#include <stdint.h>

enum frame_tree_flags {
	FRAME_TREE_INNERMOST = 1, /* the root's children are the callers of the allocation function, not main() */
	FRAME_TREE_LINES = 2,
};

/* Live memory: all of it, and the parts that are lost for certain or perhaps. */
struct frame_tree_amount {
	uint64_t bytes, blocks;
	uint64_t lost_bytes, possible_bytes;
};

struct frame_tree_node {
	const struct report_frame *frame;     /* one of those merged; NULL: the root, or a process */
	const struct report_process *process; /* of a node that stands for one */
	struct frame_tree_amount amount;      /* with what is below */
	struct frame_tree_node *children;     /* most bytes first */
	size_t n_children;
};

/* The live stacks of a process. Keeps pointers into `process`. */
void frame_tree_leaks(const struct report_process *process, unsigned flags, struct frame_tree_node *root);

/* The stacks that made its peak. */
void frame_tree_peak(const struct report_process *process, unsigned flags, struct frame_tree_node *root);

/* The trees of all processes that have live memory below one root; of a single process just its tree. */
void frame_tree_report(const struct report *report, unsigned flags, struct frame_tree_node *root);

void frame_tree_clear(struct frame_tree_node *root);

#endif
