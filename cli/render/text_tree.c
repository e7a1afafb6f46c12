/*
 * The processes of a run as a tree, for test suites and the like:
 *
 *	Processes
 *	  4241 make test: exited with status 0
 *	    4242 ./test_cache: exited with status 0; 1,024 bytes in 16 blocks definitely lost
 *	  and 212 more without findings (-v lists them)
 *
 * A process hangs below the one that made it, also when that became another program since.
 */
#include "cli/render/text.h"

#include "cli/base/xalloc.h"
#include "cli/render/format.h"

#include <stdlib.h>

#define NONE      ((size_t)-1)
#define DEPTH_MAX 20 /* of the indentation */

struct tree {
	const struct text *text;
	const struct report *report;
	size_t *parents;                         /* by index of the process; NONE = a root; else less than the index */
	size_t *first_child, *last_child, *next; /* by index; NONE = none */
	bool *listed;                            /* it has findings, or is above one that has */
};

/* The process that made this one: the last before it with that pid; an image has the parent of the one before it. */
static size_t parent_of(const struct tree *tree, size_t index)
{
	const struct report_process *process = &tree->report->processes[index];

	for (size_t i = index; i-- > 0;) {
		if (tree->report->processes[i].pid == process->pid)
			return tree->parents[i];
		if (tree->report->processes[i].pid == process->parent_pid)
			return i;
	}
	return NONE;
}

static void put_amount(const struct tree *tree, const struct report_process *process)
{
	struct out *out = tree->text->out;
	const struct report_verdicts *verdicts = &process->verdicts;
	const char *between = "; ";
	struct format_buf amount;

	for (int v = 0; v < N_VERDICTS; v++) {
		bool shown =
			v == VERDICT_UNCLASSIFIED || (v != VERDICT_SUPPRESSED && tree->text->options->show & 1u << v);

		if (!shown || !verdicts->by_verdict[v].blocks)
			continue;
		out_printf(out, "%s%s%s%s %s", between, tree->text->alarm,
			   format_amount(&amount, verdicts->by_verdict[v]), tree->text->off,
			   text_verdict((enum verdict)v, process->exit.kind));
		between = ", ";
	}
	if (process->n_mismatches)
		out_printf(out, "%s%s", between, format_noun(&amount, text_count_mismatches(process), "wrong free"));
}

static void put_process(const struct tree *tree, size_t index, int depth)
{
	const struct report_process *process = &tree->report->processes[index];

	out_printf(tree->text->out, "  %*s%d ", 2 * depth, "", process->pid);
	text_command(tree->text->out, process, tree->text->options->verbose);
	out_str(tree->text->out, ": ");
	text_ending(tree->text->out, &process->exit);
	put_amount(tree, process);
	out_char(tree->text->out, '\n');
}

/* A process and all below it. Returns how many of them are left out. */
static size_t put_branch(const struct tree *tree, size_t index, int depth)
{
	size_t n_left_out = 0;

	if (!tree->listed[index] && !tree->text->options->verbose)
		n_left_out++;
	else
		put_process(tree, index, depth < DEPTH_MAX ? depth : DEPTH_MAX);
	for (size_t child = tree->first_child[index]; child != NONE; child = tree->next[child])
		n_left_out += put_branch(tree, child, depth + 1);
	return n_left_out;
}

static void link_child(struct tree *tree, size_t index)
{
	size_t parent = tree->parents[index];

	if (parent == NONE)
		return;
	if (tree->last_child[parent] == NONE)
		tree->first_child[parent] = index;
	else
		tree->next[tree->last_child[parent]] = index;
	tree->last_child[parent] = index;
}

static size_t *none_of_them(size_t n)
{
	size_t *indices = xcalloc(n, sizeof(*indices));

	for (size_t i = 0; i < n; i++)
		indices[i] = NONE;
	return indices;
}

static void build(struct tree *tree)
{
	size_t n = tree->report->n_processes;

	tree->parents = none_of_them(n);
	tree->first_child = none_of_them(n);
	tree->last_child = none_of_them(n);
	tree->next = none_of_them(n);
	tree->listed = xcalloc(n, sizeof(*tree->listed));
	for (size_t i = 0; i < n; i++) {
		tree->parents[i] = parent_of(tree, i);
		link_child(tree, i);
		tree->listed[i] =
			tree->parents[i] == NONE || text_has_findings(tree->text->options, &tree->report->processes[i]);
	}
	for (size_t i = n; i-- > 0;)
		if (tree->listed[i] && tree->parents[i] != NONE)
			tree->listed[tree->parents[i]] = true;
}

void text_tree(const struct text *text, const struct report *report)
{
	struct tree tree = {.text = text, .report = report};
	size_t n_left_out = 0;
	struct format_buf count;

	build(&tree);
	out_printf(text->out, "%sProcesses%s\n", text->bold, text->off);
	for (size_t i = 0; i < report->n_processes; i++)
		if (tree.parents[i] == NONE)
			n_left_out += put_branch(&tree, i, 0);
	if (n_left_out)
		out_printf(text->out, "  and %s more without findings (-v lists %s)\n",
			   format_count(&count, n_left_out), n_left_out == 1 ? "it" : "them");
	free(tree.parents);
	free(tree.first_child);
	free(tree.last_child);
	free(tree.next);
	free(tree.listed);
}
