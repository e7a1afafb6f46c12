/*
 * One leak record:
 *
 *	[1 of 12] 1,024 bytes in 16 blocks not freed at exit: cache_add (cache.c:42)
 *	    malloc by thread server, 100.0 ms to 1.20 s after the start
 *	      strdup (libc.so.6+0x8f3a1)
 *	    > cache_add at /src/cache.c:42
 *	      main at /src/main.c:120
 *
 * The headline and the mark name the innermost frame of the program's own code.
 */
#include "cli/render/text.h"

#include "cli/render/format.h"
#include "cli/render/shorten.h"
#include "cli/render/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NAME_WIDTH            100
#define MAX_FRAMES            30
#define FRAMES_BEHIND_PROJECT 4

static void put_module(struct out *out, const struct report_frame *frame, bool whole)
{
	if (frame->module) {
		utf8_print(out, whole ? frame->module : format_basename(frame->module));
		out_char(out, '+');
	}
	out_printf(out, "0x%" PRIx64, frame->offset);
}

static void put_function(const struct text *text, const struct report_frame *frame)
{
	if (!frame->function) {
		put_module(text->out, frame, text->options->verbose);
	} else if (text->options->verbose) {
		utf8_print(text->out, frame->function);
	} else {
		char *name = shorten_function(frame->function, NAME_WIDTH);

		utf8_print(text->out, name);
		free(name);
	}
}

/* File and line, else where in which module; the module also when it is not the program itself. */
static void put_place(const struct text *text, const struct report_process *process, const struct report_frame *frame)
{
	struct out *out = text->out;
	bool foreign = frame->module && (!process->exe || strcmp(frame->module, process->exe) != 0);

	if (frame->file) {
		out_str(out, " at ");
		utf8_print(out, frame->file);
		if (frame->line)
			out_printf(out, ":%u", frame->line);
	}
	if (text->options->verbose ? frame->function != NULL : frame->function && !frame->file) {
		out_str(out, " (");
		put_module(out, frame, text->options->verbose);
		out_char(out, ')');
	} else if (frame->file && foreign && !text->options->verbose && frame->function) {
		out_str(out, " (");
		utf8_print(out, format_basename(frame->module));
		out_char(out, ')');
	}
	if (frame->inlined)
		out_str(out, " (inlined)");
}

/* Of the `n` frames above main(), those that are worth a line: not hundreds. */
static size_t shown_frames(const struct report_stack *stack, size_t n)
{
	size_t limit = report_stack_project(stack) + FRAMES_BEHIND_PROJECT;

	if (limit < MAX_FRAMES)
		limit = MAX_FRAMES;
	return n > limit + 1 ? limit : n; /* one more frame costs no more than to say so */
}

static bool same_place(const struct report_frame *a, const struct report_frame *b)
{
	return a == b || (a->function && b->function && a->line == b->line && a->inlined == b->inlined && a->line &&
			  strcmp(a->function, b->function) == 0);
}

void text_stack(const struct text *text, const struct report_process *process, const struct report_stack *stack)
{
	bool verbose = text->options->verbose;
	size_t project = report_stack_project(stack), all = verbose ? stack->n_frames : report_stack_above_start(stack);
	size_t n = verbose ? all : shown_frames(stack, all);
	struct format_buf buf;

	for (size_t i = 0, same; i < n; i += same) {
		const struct report_frame *frame = stack->frames[i];
		bool marked = i == project && !frame->system;

		for (same = 1; i + same < n && same_place(frame, stack->frames[i + same]);)
			same++;
		out_str(text->out, marked ? "    > " : "      ");
		out_str(text->out, marked ? text->bold : frame->system ? text->dim : "");
		put_function(text, frame);
		out_str(text->out, marked ? text->off : "");
		put_place(text, process, frame);
		out_str(text->out, frame->system ? text->off : "");
		if (same > 1)
			out_printf(text->out, " (%s)", format_noun(&buf, same, "time"));
		out_char(text->out, '\n');
	}
	if (n < all)
		out_printf(text->out, "      ... %s (-v shows all)\n", format_noun(&buf, all - n, "more frame"));
	if (stack->n_frames == 0)
		out_str(text->out, "      (the stack is not known)\n");
	else if (stack->truncated)
		out_str(text->out, "      ... outer frames are missing\n");
}

static void put_list(const struct text *text, const char *const *strings, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			out_str(text->out, i + 1 < n ? ", " : " and ");
		utf8_print(text->out, strings[i]);
	}
}

static void put_origin(const struct text *text, const struct report_leak *leak)
{
	struct format_buf first, last;

	out_printf(text->out, "    %s", leak->allocator ? leak->allocator : "allocated");
	if (leak->n_thread_names) {
		out_str(text->out, leak->n_thread_names == 1 ? " by thread " : " by threads ");
		put_list(text, leak->thread_names, leak->n_thread_names);
	}
	format_seconds(&first, leak->first_seconds);
	format_seconds(&last, leak->last_seconds);
	if (strcmp(first.text, last.text) == 0)
		out_printf(text->out, ", %s after the start\n", first.text);
	else
		out_printf(text->out, ", %s to %s after the start\n", first.text, last.text);
}

static void put_amount(const struct text *text, const struct report_leak *leak)
{
	struct report_amount sum = {leak->direct.blocks + leak->indirect.blocks,
				    leak->direct.bytes + leak->indirect.bytes};
	struct format_buf total, direct, indirect;

	if (leak->indirect.blocks == 0)
		out_str(text->out, format_amount(&total, sum));
	else
		out_printf(text->out, "%s (%s direct, %s indirect)", format_amount(&total, sum),
			   format_count(&direct, leak->direct.bytes), format_count(&indirect, leak->indirect.bytes));
}

void text_where(const struct text *text, const struct report_stack *stack)
{
	const struct report_frame *frame = stack->frames[report_stack_project(stack)];

	out_str(text->out, text->bold);
	put_function(text, frame);
	out_str(text->out, text->off);
	if (frame->file && frame->line) {
		out_str(text->out, " (");
		utf8_print(text->out, format_basename(frame->file));
		out_printf(text->out, ":%u)", frame->line);
	}
}

static void put_headline(const struct text *text, const struct report_process *process, const struct report_leak *leak,
			 size_t index, size_t n)
{
	struct format_buf buf, of;

	out_printf(text->out, "[%s of %s] %s", format_count(&buf, index), format_count(&of, n), text->alarm);
	put_amount(text, leak);
	out_printf(text->out, "%s %s", text->off, text_verdict(leak->verdict, process->exit.kind));
	if (leak->stack.n_frames) {
		out_str(text->out, ": ");
		text_where(text, &leak->stack);
	}
	out_char(text->out, '\n');
}

/* From the root to the last holder; a list's blocks read the same and are told once. */
void text_held_by(const struct text *text, const char *const *held_by, size_t n)
{
	size_t next;

	if (!n)
		return;
	out_str(text->out, "    held by ");
	for (size_t i = 0; i < n; i = next) {
		for (next = i + 1; next < n && strcmp(held_by[next], held_by[i]) == 0;)
			next++;
		out_str(text->out, i ? " -> " : "");
		utf8_print(text->out, held_by[i]);
		if (next - i > 1)
			out_printf(text->out, " (%zu times)", next - i);
	}
	out_char(text->out, '\n');
}

/* The verdict stays: the program may clear the tag, or the word may be no pointer. */
static void put_tagged(const struct text *text, const struct report_leak *leak)
{
	struct format_buf tagged, of;

	if (leak->tagged_blocks == 0)
		return;
	if (leak->direct.blocks == 1)
		out_str(text->out, "    it would be reachable if pointers with tag bits counted\n");
	else
		out_printf(text->out, "    %s of these %s would be reachable if pointers with tag bits counted\n",
			   format_count(&tagged, leak->tagged_blocks), format_noun(&of, leak->direct.blocks, "block"));
}

void text_leak(const struct text *text, const struct report_process *process, const struct report_leak *leak,
	       size_t index, size_t n)
{
	put_headline(text, process, leak, index, n);
	put_origin(text, leak);
	text_stack(text, process, &leak->stack);
	text_held_by(text, leak->held_by, leak->n_held_by);
	put_tagged(text, leak);
	if (leak->suppressed_by) {
		out_str(text->out, "    suppressed by ");
		utf8_print(text->out, leak->suppressed_by);
		out_char(text->out, '\n');
	}
	if (text->options->verbose)
		out_printf(text->out, "    id %s\n", leak->id);
	out_char(text->out, '\n');
}
