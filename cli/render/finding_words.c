/* Findings in words: headlines, sentences, places. Whatever comes from the watched program is made harmless. */
#include "cli/render/findings.h"

#include "cli/base/xalloc.h"
#include "cli/render/format.h"
#include "cli/render/shorten.h"
#include "cli/render/text.h"
#include "cli/render/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NAME_WIDTH 100

const char *finding_level_name(enum finding_level level)
{
	static const char *const names[] = {
		[FINDING_NOTE] = "note", [FINDING_WARNING] = "warning", [FINDING_ERROR] = "error"};

	return names[level];
}

static char *taken(struct out *out)
{
	char *text = xstrdup(out_text(out, NULL));

	out_close(out, NULL);
	return text;
}

static void put_name(struct out *out, const char *name)
{
	char *shorter = shorten_function(name, NAME_WIDTH);

	utf8_print(out, shorter);
	free(shorter);
}

static void put_function(struct out *out, const struct report_frame *frame)
{
	if (frame->function) {
		put_name(out, frame->function);
		return;
	}
	if (frame->module) {
		utf8_print(out, format_basename(frame->module));
		out_char(out, '+');
	}
	out_printf(out, "0x%" PRIx64, frame->offset);
}

static void put_mismatch_title(struct out *out, const struct report_mismatch *mismatch)
{
	if (mismatch->kind == MISMATCH_FREE)
		out_printf(out, "a block of %s is released by %s", mismatch->allocator ? mismatch->allocator : "?",
			   mismatch->deallocator ? mismatch->deallocator : "?");
	else if (mismatch->kind == MISMATCH_DOUBLE_FREE)
		out_str(out, "a block is freed twice");
	else
		out_str(out, "an address is freed that is not the start of a block");
}

char *finding_title(const struct finding *finding)
{
	struct out *out = out_memory();
	struct format_buf amount, used, limit;

	if (finding->mismatch) {
		put_mismatch_title(out, finding->mismatch);
	} else if (finding->warning) {
		out_printf(out, "%u %% of the memory limit crossed: %s of %s", finding->warning->level_percent,
			   format_size(&used, finding->warning->used_bytes),
			   format_size(&limit, finding->warning->limit_bytes));
	} else if (finding->growth) {
		out_printf(out, "memory grows by %s a second",
			   format_size(&amount, (uint64_t)finding->growth->bytes_per_second));
	} else {
		out_printf(out, "%s %s", format_amount(&amount, finding->amount),
			   text_verdict(finding->leak->verdict, finding->process->exit.kind));
	}
	return taken(out);
}

static void put_where(struct out *out, const struct finding *finding)
{
	const struct report_stack *stack = finding->stack;
	const struct report_frame *frame;

	if (!stack || !stack->n_frames)
		return;
	frame = stack->frames[report_stack_project(stack)];
	if (finding->warning)
		out_str(out, ", most of it allocated in ");
	else
		out_str(out,
			finding->mismatch && stack == &finding->mismatch->free ? ", freed in " : ", allocated in ");
	put_function(out, frame);
}

/* A sentence as a part of another. */
static void put_clause(struct out *out, const char *sentence)
{
	size_t n = strlen(sentence);

	utf8_print_n(out, sentence, n && sentence[n - 1] == '.' ? n - 1 : n);
}

static void put_extra(struct out *out, const struct finding *finding)
{
	struct format_buf buf;

	if (finding->indirect.blocks)
		out_printf(out, ", %s of them by way of others", format_amount(&buf, finding->indirect));
	if (finding->growth && finding->growth->why) {
		out_str(out, ": ");
		put_clause(out, finding->growth->why);
	}
	if (finding->warning) {
		out_str(out, " (limit: ");
		utf8_print(out, finding->warning->limit_source);
		out_char(out, ')');
	}
	if (finding->count > 1)
		out_printf(out, ", %s", format_noun(&buf, finding->count, "time"));
	if (finding->leak && finding->leak->n_held_by) {
		out_str(out, ", held by ");
		utf8_print(out, finding->leak->held_by[0]);
	}
	if (finding->n_processes > 1)
		out_printf(out, ", in %s processes", format_count(&buf, finding->n_processes));
}

char *finding_message(const struct finding *finding)
{
	struct out *out = out_memory();
	char *title = finding_title(finding);

	out_str(out, title);
	free(title);
	put_where(out, finding);
	put_extra(out, finding);
	return taken(out);
}

struct source_place finding_place(const struct finding *finding, const struct source_roots *roots)
{
	struct source_place place = source_stack(roots, finding->process, finding->stack);

	if (!place.in_root && finding->other) {
		struct source_place other = source_stack(roots, finding->process, finding->other);

		if (other.in_root) {
			source_place_release(&place);
			return other;
		}
		source_place_release(&other);
	}
	return place;
}

void finding_put_frame(struct out *out, const struct source_roots *roots, const struct report_frame *frame)
{
	struct source_place place = source_frame(roots, frame);

	put_function(out, frame);
	if (place.path) {
		out_str(out, " at ");
		utf8_print(out, place.path);
		if (frame->line)
			out_printf(out, ":%u", frame->line);
	} else if (frame->module && frame->function) {
		out_str(out, " (");
		utf8_print(out, format_basename(frame->module));
		out_char(out, ')');
	}
	source_place_release(&place);
}

void finding_put_stack(struct out *out, const struct source_roots *roots, const struct report_stack *stack,
		       const char *begin, size_t most)
{
	size_t n = report_stack_above_start(stack), shown = n > most + 1 ? most : n;
	struct format_buf buf;

	for (size_t i = 0; i < shown; i++) {
		out_str(out, begin);
		finding_put_frame(out, roots, stack->frames[i]);
		out_char(out, '\n');
	}
	if (shown < n)
		out_printf(out, "%s... %s\n", begin, format_noun(&buf, n - shown, "more frame"));
	else if (stack->truncated)
		out_printf(out, "%s... outer frames are missing\n", begin);
}
