#include "cli/render/frame_tree.h"

#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* A stack on its way into the tree. */
struct entry {
	const struct report_frame *const *frames;
	size_t n; /* frames that count: without those that only start main() or a thread */
	unsigned flags;
	struct frame_tree_amount amount;
};

static const struct report_frame *frame_at(const struct entry *entry, size_t depth)
{
	return entry->frames[entry->flags & FRAME_TREE_INNERMOST ? depth : entry->n - 1 - depth];
}

static int compare_texts(const char *a, const char *b)
{
	if (a == b)
		return 0;
	if (!a || !b)
		return a ? 1 : -1;
	return strcmp(a, b);
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_frames(const struct report_frame *a, const struct report_frame *b, unsigned flags)
{
	int order;

	if (a == b)
		return 0;
	order = compare_texts(a->function, b->function);
	if (order == 0)
		order = compare_texts(a->module, b->module);
	if (order == 0 && !a->function)
		order = compare_numbers(a->offset, b->offset);
	if (order == 0 && flags & FRAME_TREE_LINES) {
		order = compare_texts(a->file, b->file);
		if (order == 0)
			order = compare_numbers(a->line, b->line);
	}
	return order;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	for (size_t depth = 0; depth < x->n && depth < y->n; depth++) {
		int order = compare_frames(frame_at(x, depth), frame_at(y, depth), x->flags);

		if (order)
			return order;
	}
	return compare_numbers(x->n, y->n);
}

static int larger_first(const void *a, const void *b)
{
	const struct frame_tree_node *x = a, *y = b;
	int order = compare_numbers(y->amount.bytes, x->amount.bytes);

	if (order == 0 && x->frame && y->frame)
		order = compare_frames(x->frame, y->frame, FRAME_TREE_LINES);
	if (order == 0 && x->process && y->process)
		order = compare_numbers((uint64_t)x->process->pid, (uint64_t)y->process->pid);
	return order;
}

static void add(struct frame_tree_amount *to, const struct frame_tree_amount *amount)
{
	to->bytes += amount->bytes;
	to->blocks += amount->blocks;
	to->lost_bytes += amount->lost_bytes;
	to->possible_bytes += amount->possible_bytes;
}

/* `entries` are sorted and have the same frames above `depth`; those that end there come first. */
static void grow(struct frame_tree_node *node, const struct entry *entries, size_t n, size_t depth)
{
	size_t cap = 0;

	for (size_t i = 0, end; i < n; i = end) {
		const struct report_frame *frame = entries[i].n > depth ? frame_at(&entries[i], depth) : NULL;
		struct frame_tree_node *child;

		end = i + 1;
		if (!frame) {
			add(&node->amount, &entries[i].amount);
			continue;
		}
		while (end < n && compare_frames(frame, frame_at(&entries[end], depth), entries[i].flags) == 0)
			end++;
		node->children = xgrow(node->children, &cap, node->n_children + 1, sizeof(*node->children));
		child = &node->children[node->n_children++];
		*child = (struct frame_tree_node){.frame = frame};
		grow(child, entries + i, end - i, depth + 1);
		add(&node->amount, &child->amount);
	}
	if (node->n_children > 1)
		qsort(node->children, node->n_children, sizeof(*node->children), larger_first);
}

static void enter(struct entry *entry, const struct report_stack *stack, unsigned flags)
{
	*entry = (struct entry){.frames = stack->frames, .n = report_stack_above_start(stack), .flags = flags};
}

static void plant(struct frame_tree_node *root, struct entry *entries, size_t n)
{
	*root = (struct frame_tree_node){0};
	if (n > 1)
		qsort(entries, n, sizeof(*entries), compare_entries);
	grow(root, entries, n, 0);
	free(entries);
}

void frame_tree_leaks(const struct report_process *process, unsigned flags, struct frame_tree_node *root)
{
	struct entry *entries = xcalloc(process->n_leaks, sizeof(*entries));

	for (size_t i = 0; i < process->n_leaks; i++) {
		const struct report_leak *leak = &process->leaks[i];
		enum verdict verdict = leak->suppressed_by ? VERDICT_SUPPRESSED : leak->verdict;
		bool lost = verdict == VERDICT_DEFINITE || verdict == VERDICT_INDIRECT;

		enter(&entries[i], &leak->stack, flags);
		entries[i].amount = (struct frame_tree_amount){
			.bytes = leak->direct.bytes,
			.blocks = leak->direct.blocks,
			.lost_bytes = lost ? leak->direct.bytes : 0,
			.possible_bytes = verdict == VERDICT_POSSIBLE ? leak->direct.bytes : 0,
		};
	}
	plant(root, entries, process->n_leaks);
	root->process = process;
}

void frame_tree_peak(const struct report_process *process, unsigned flags, struct frame_tree_node *root)
{
	struct entry *entries = xcalloc(process->n_peak, sizeof(*entries));

	for (size_t i = 0; i < process->n_peak; i++) {
		enter(&entries[i], &process->peak[i].stack, flags);
		entries[i].amount.bytes = process->peak[i].live.bytes;
		entries[i].amount.blocks = process->peak[i].live.blocks;
	}
	plant(root, entries, process->n_peak);
	root->process = process;
}

void frame_tree_report(const struct report *report, unsigned flags, struct frame_tree_node *root)
{
	struct frame_tree_node *children = xcalloc(report->n_processes, sizeof(*children));
	size_t n = 0;

	for (size_t i = 0; i < report->n_processes; i++)
		if (report->processes[i].n_leaks)
			frame_tree_leaks(&report->processes[i], flags, &children[n++]);
	if (n == 1) {
		*root = children[0];
		free(children);
		return;
	}
	*root = (struct frame_tree_node){.children = children, .n_children = n};
	for (size_t i = 0; i < n; i++)
		add(&root->amount, &children[i].amount);
	if (n > 1)
		qsort(children, n, sizeof(*children), larger_first);
}

void frame_tree_clear(struct frame_tree_node *root)
{
	for (size_t i = 0; i < root->n_children; i++)
		frame_tree_clear(&root->children[i]);
	free(root->children);
	*root = (struct frame_tree_node){0};
}
