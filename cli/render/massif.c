/*
 * massif.out, as ms_print and massif-visualizer read it: the history as snapshots, with a tree of stacks at the peak
 * and at the end. Sizes are what the program asked for: what the allocator adds and thread stacks are given as 0.
 * The format is of a single process: the one with the largest peak.
 */
#include "cli/render/render.h"

#include "cli/base/xalloc.h"
#include "cli/render/frame_tree.h"
#include "cli/render/utf8.h"
#include "cli/render/viewer_frame.h"

#include <inttypes.h>
#include <stdlib.h>

#define THRESHOLD_PERCENT 1 /* of a tree: what is less is added up, as massif does */

struct massif {
	struct out *out;
	const struct report_process *process;
	unsigned n_snapshots;
	bool peak_told;
};

static void indent(struct out *out, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		out_char(out, ' ');
}

static void put_node(struct out *out, const struct frame_tree_node *node, uint64_t whole, unsigned depth)
{
	size_t n_large = 0;
	uint64_t small_bytes = 0;

	for (size_t i = 0; i < node->n_children; i++) {
		if (node->children[i].amount.bytes >= whole / 100 * THRESHOLD_PERCENT)
			n_large++; /* largest first */
		else
			small_bytes += node->children[i].amount.bytes;
	}
	indent(out, depth);
	out_printf(out, "n%zu: %" PRIu64 " ", n_large + (n_large < node->n_children), node->amount.bytes);
	if (node->frame)
		viewer_frame_print(out, node->frame);
	else
		out_str(out, "(heap allocation functions) malloc/new/new[], --alloc-fns, etc.");
	out_char(out, '\n');
	for (size_t i = 0; i < n_large; i++)
		put_node(out, &node->children[i], whole, depth + 1);
	if (n_large == node->n_children)
		return;
	indent(out, depth + 1);
	out_printf(out, "n0: %" PRIu64 " in %zu %s below massif's threshold (%d.00%%)\n", small_bytes,
		   node->n_children - n_large, node->n_children - n_large == 1 ? "place," : "places, all",
		   THRESHOLD_PERCENT);
}

/* The stacks at the peak, or those of what is live. */
static void put_tree(struct massif *m, bool peak)
{
	const struct report_process *process = m->process;
	struct report_peak *items = xcalloc(process->n_sites, sizeof(*items));
	struct report_process part = {.peak = items};
	struct frame_tree_node root;

	for (size_t i = 0; i < process->n_sites; i++) {
		const struct report_site *site = &process->sites[i];
		struct report_amount amount = peak ? site->peak : site->live;

		if (amount.bytes)
			items[part.n_peak++] = (struct report_peak){amount, site->stack};
	}
	frame_tree_peak(&part, FRAME_TREE_INNERMOST | FRAME_TREE_LINES, &root);
	put_node(m->out, &root, root.amount.bytes, 0);
	frame_tree_clear(&root);
	free(items);
}

static void put_snapshot(struct massif *m, double seconds, uint64_t bytes, const char *tree)
{
	out_printf(m->out,
		   "#-----------\n"
		   "snapshot=%u\n"
		   "#-----------\n"
		   "time=%.0f\n"
		   "mem_heap_B=%" PRIu64 "\n"
		   "mem_heap_extra_B=0\n"
		   "mem_stacks_B=0\n"
		   "heap_tree=%s\n",
		   m->n_snapshots++, seconds * 1e3, bytes, tree);
}

/* The peak is told in its place by time, which is before what is at `seconds`. */
static void put_peak(struct massif *m, double seconds)
{
	const struct report_totals *totals = &m->process->totals;

	if (m->peak_told || totals->peak_live_bytes == 0 || totals->peak_seconds > seconds)
		return;
	m->peak_told = true;
	put_snapshot(m, totals->peak_seconds, totals->peak_live_bytes, "peak");
	put_tree(m, true);
}

static void put_header(struct massif *m, const struct report *report)
{
	const struct report_process *process = m->process;

	out_printf(m->out, "desc: memwatch %s", report->memwatch_version);
	if (process && report->n_processes > 1)
		out_printf(m->out, ", pid %d of %zu processes (%%p in the name of the file: a file each)", process->pid,
			   report->n_processes);
	out_str(m->out, "\ncmd:");
	for (size_t i = 0; process && i < process->argc; i++) {
		out_char(m->out, ' ');
		utf8_print(m->out, process->argv[i]);
	}
	out_str(m->out, "\ntime_unit: ms\n");
}

void render_massif(const struct report *report, const struct render_options *options, struct out *out)
{
	const struct report_process *process = report_largest_process(report);
	struct massif m = {.out = out, .process = process};

	(void)options;
	put_header(&m, report);
	put_snapshot(&m, 0, 0, "empty");
	if (!process)
		return;
	for (size_t i = 0; i < process->n_history; i++) {
		const struct report_sample *at = &process->history[i];

		put_peak(&m, at->seconds);
		if (at->seconds > 0 && at->seconds < process->duration_seconds)
			put_snapshot(&m, at->seconds, at->live_bytes, "empty");
	}
	put_peak(&m, process->duration_seconds);
	put_snapshot(&m, process->duration_seconds, process->totals.live_bytes, "detailed");
	put_tree(&m, false);
}
