#include "cli/render/frame_tree.h"

#include "tests/unit/sample_report.h"

#include <criterion/criterion.h>

static const struct frame_tree_node *child(const struct frame_tree_node *node, size_t i, const char *function)
{
	cr_assert_lt(i, node->n_children);
	cr_assert(node->children[i].frame);
	cr_assert_str_eq(node->children[i].frame->function, function);
	return &node->children[i];
}

Test(frame_tree, outermost_first)
{
	struct report_process process = sample_scanned();
	struct frame_tree_node root;
	const struct frame_tree_node *node;

	frame_tree_leaks(&process, 0, &root);
	cr_assert_eq(root.amount.bytes, process.totals.live_bytes);
	cr_assert_eq(root.amount.blocks, process.totals.live_blocks);
	cr_assert_eq(root.amount.lost_bytes, 1048576);
	cr_assert_eq(root.amount.possible_bytes, 1000);
	cr_assert_eq(root.n_children, 2); /* main, and a thread whose stack ends in code without a file */
	node = child(&root, 0, "main");
	cr_assert_eq(node->amount.bytes, 1048577);
	node = child(node, 0, "handle_request");
	cr_assert_eq(node->amount.blocks, 20);
	cr_assert_eq(node->n_children, 3); /* cache_add, strdup, and itself */
	cr_assert_eq(child(node, 0, "cache_add")->amount.bytes, 1048576);
	cr_assert_eq(child(node, 1, "strdup")->amount.bytes, 1);
	cr_assert_eq(child(node, 2, "handle_request")->amount.blocks, 3);
	frame_tree_clear(&root);
	cr_assert_null(root.children);
}

Test(frame_tree, innermost_first)
{
	struct report_process process = sample_scanned();
	struct frame_tree_node root;

	frame_tree_leaks(&process, FRAME_TREE_INNERMOST, &root);
	cr_assert_eq(root.n_children, 3);
	cr_assert_eq(child(&root, 0, "cache_add")->amount.blocks, 19); /* two stacks */
	child(&root, 2, "strdup");
	frame_tree_clear(&root);
}

Test(frame_tree, lines_are_apart_when_asked_for)
{
	static const struct report_frame frames[] = {{.function = "f", .line = 1, .file = "f.c"},
						     {.function = "f", .line = 2, .file = "f.c"},
						     {.module = "m", .offset = 1},
						     {.module = "m", .offset = 2}};
	static const struct report_frame *const stacks[] = {&frames[0], &frames[1], &frames[2], &frames[3]};
	static const struct report_leak leaks[] = {{.direct = {1, 10}, .stack = {&stacks[0], 1, false}},
						   {.direct = {1, 20}, .stack = {&stacks[1], 1, false}},
						   {.direct = {1, 5}, .stack = {&stacks[2], 1, false}},
						   {.direct = {1, 4}, .stack = {&stacks[3], 1, false}}};
	struct report_process process = {.leaks = leaks, .n_leaks = MW_ARRAY_LEN(leaks)};
	struct frame_tree_node root;

	frame_tree_leaks(&process, 0, &root);
	cr_assert_eq(root.n_children, 3); /* places without a name are never merged */
	cr_assert_eq(child(&root, 0, "f")->amount.bytes, 30);
	frame_tree_clear(&root);
	frame_tree_leaks(&process, FRAME_TREE_LINES, &root);
	cr_assert_eq(root.n_children, 4);
	cr_assert_eq(child(&root, 0, "f")->frame->line, 2);
	frame_tree_clear(&root);
}

Test(frame_tree, what_is_suppressed_is_not_lost)
{
	static const struct report_leak leak = {
		.verdict = VERDICT_DEFINITE, .direct = {1, 10}, .suppressed_by = "known"};
	struct report_process process = {.leaks = &leak, .n_leaks = 1};
	struct frame_tree_node root;

	frame_tree_leaks(&process, 0, &root);
	cr_assert_eq(root.amount.bytes, 10); /* a stack that is not known counts too */
	cr_assert_eq(root.amount.lost_bytes, 0);
	cr_assert_eq(root.n_children, 0);
	frame_tree_clear(&root);
}

Test(frame_tree, peak)
{
	struct report_process process = sample_course();
	struct frame_tree_node root;

	frame_tree_peak(&process, 0, &root);
	cr_assert_eq(root.amount.bytes, 5452595);
	cr_assert_eq(root.n_children, 2);
	frame_tree_clear(&root);
}

Test(frame_tree, processes)
{
	struct report_process processes[] = {sample_clean(1, "/bin/a", ORIGIN_RUN), sample_process(), sample_process()};
	struct report report = sample_report(processes, 3);
	struct frame_tree_node root;

	processes[2].pid = 7;
	frame_tree_report(&report, 0, &root);
	cr_assert_eq(root.n_children, 2);
	cr_assert_eq(root.children[0].process->pid, 7);
	cr_assert_eq(root.amount.bytes, 2 * processes[1].totals.live_bytes);
	frame_tree_clear(&root);
	report.n_processes = 1;
	frame_tree_report(&report, 0, &root);
	cr_assert_eq(root.amount.bytes, 0);
	frame_tree_clear(&root);
}
