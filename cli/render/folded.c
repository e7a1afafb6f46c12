/*
 * Collapsed stacks of the live bytes, as flamegraph.pl, inferno, speedscope and others read them: a line
 * "outermost;…;innermost BYTES" for each stack, equal ones added up, sorted. Of several processes each line begins with
 * the process's name. Since ';' parts frames and the last blank parts the number, neither occurs in names.
 */
#include "cli/render/render.h"

#include "cli/base/xalloc.h"
#include "cli/render/format.h"
#include "cli/render/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct folded_line {
	char *stack;
	uint64_t bytes;
};

/* Blanks go behind a comma and before a '>', and become '_' elsewhere: names stay readable. */
static void put_name(struct out *out, const char *name)
{
	for (const char *s = name; *s;) {
		uint32_t code;
		size_t length = utf8_decode(s, &code);

		if (length > 1)
			utf8_print_n(out, s, length);
		else if (length == 0 || code < ' ' || code == 0x7f)
			out_char(out, '?');
		else if (code == ';')
			out_char(out, ':');
		else if (code != ' ')
			out_char(out, *s);
		else if (s == name || (s[-1] != ',' && s[1] != '>'))
			out_char(out, '_');
		s += length ? length : 1;
	}
}

static void put_frame(struct out *out, const struct report_frame *frame)
{
	if (frame->function) {
		put_name(out, frame->function);
		return;
	}
	if (frame->module) {
		put_name(out, format_basename(frame->module));
		out_char(out, '+');
	}
	out_printf(out, "0x%" PRIx64, frame->offset);
}

static char *fold(const struct report_process *process, const struct report_stack *stack, bool named)
{
	struct out *out = out_memory();
	char *line;

	if (named || stack->n_frames == 0)
		put_name(out, process->exe ? format_basename(process->exe) : "?");
	for (size_t i = stack->n_frames; i-- > 0;) {
		if (named || i + 1 < stack->n_frames)
			out_char(out, ';');
		put_frame(out, stack->frames[i]);
	}
	line = xstrdup(out_text(out, NULL));
	out_close(out, NULL);
	return line;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(((const struct folded_line *)a)->stack, ((const struct folded_line *)b)->stack);
}

static void print_lines(struct folded_line *lines, size_t n, struct out *out)
{
	qsort(lines, n, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && strcmp(lines[i].stack, lines[i + 1].stack) == 0)
			lines[i + 1].bytes += lines[i].bytes;
		else
			out_printf(out, "%s %" PRIu64 "\n", lines[i].stack, lines[i].bytes);
	}
}

void render_folded(const struct report *report, const struct render_options *options, struct out *out)
{
	struct folded_line *lines = NULL;
	size_t n = 0, cap = 0;

	(void)options;
	for (size_t p = 0; p < report->n_processes; p++) {
		const struct report_process *process = &report->processes[p];

		lines = xgrow(lines, &cap, n + process->n_leaks, sizeof(*lines));
		for (size_t i = 0; i < process->n_leaks; i++) {
			lines[n].stack = fold(process, &process->leaks[i].stack, report->n_processes > 1);
			lines[n++].bytes = process->leaks[i].direct.bytes;
		}
	}
	if (n)
		print_lines(lines, n, out);
	for (size_t i = 0; i < n; i++)
		free(lines[i].stack);
	free(lines);
}
