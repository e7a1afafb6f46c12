/*
 * One record of frees that do not fit, in Valgrind's words:
 *
 *	Mismatched free() / delete / delete [] (3 times): parse (parse.cc:42)
 *	    at free, called from
 *	    > parse at /src/parse.cc:42
 *	      main at /src/main.cc:120
 *	    block of 64 bytes was alloc'd by new[] at
 *	    > Buffer::Buffer at /src/buffer.cc:7
 */
#include "cli/render/text.h"

#include "cli/render/format.h"
#include "cli/render/utf8.h"

#include <inttypes.h>

static void put_headline(const struct text *text, const struct report_mismatch *mismatch)
{
	const struct report_frame *frame;
	struct format_buf buf;

	out_printf(text->out, "%s%s%s", text->alarm, text_mismatch(mismatch), text->off);
	if (mismatch->count > 1)
		out_printf(text->out, " (%s)", format_noun(&buf, mismatch->count, "time"));
	if (mismatch->free.n_frames) {
		frame = mismatch->free.frames[report_stack_project(&mismatch->free)];
		if (frame->function && frame->file && frame->line) {
			out_printf(text->out, ": %s", text->bold);
			utf8_print(text->out, frame->function);
			out_printf(text->out, "%s (", text->off);
			utf8_print(text->out, format_basename(frame->file));
			out_printf(text->out, ":%u)", frame->line);
		}
	}
	out_char(text->out, '\n');
}

/* What is known of the block, as a line. */
static void put_block(const struct text *text, const struct report_mismatch *mismatch)
{
	const char *word = mismatch->kind == MISMATCH_DOUBLE_FREE    ? " that had been freed before"
			   : mismatch->kind == MISMATCH_INVALID_FREE ? " that the address is inside of"
								     : "";
	struct format_buf size;

	if (!mismatch->allocator) {
		out_str(text->out, "    the address is of no block\n");
		return;
	}
	if (mismatch->count > 1)
		out_printf(text->out, "    blocks of %s in all%s were alloc'd by %s at\n",
			   format_noun(&size, mismatch->bytes, "byte"), word, mismatch->allocator);
	else
		out_printf(text->out, "    block of %s%s was alloc'd by %s at\n",
			   format_noun(&size, mismatch->bytes, "byte"), word, mismatch->allocator);
}

static void put_mismatch(const struct text *text, const struct report_process *process,
			 const struct report_mismatch *mismatch)
{
	put_headline(text, mismatch);
	out_printf(text->out, "    at %s, called from\n", mismatch->deallocator ? mismatch->deallocator : "free");
	text_stack(text, process, &mismatch->free);
	put_block(text, mismatch);
	if (mismatch->allocator)
		text_stack(text, process, &mismatch->alloc);
	if (mismatch->first_free.n_frames) {
		out_str(text->out, "    it was freed first at\n");
		text_stack(text, process, &mismatch->first_free);
	} else if (mismatch->kind == MISMATCH_DOUBLE_FREE) {
		out_str(text->out, "    where it was freed first is not known; --free-stacks records that\n");
	}
	out_char(text->out, '\n');
}

void text_mismatches(const struct text *text, const struct report_process *process)
{
	size_t top = text->options->top, n = process->n_mismatches;
	struct format_buf records;

	if (top && n > top)
		n = top;
	for (size_t i = 0; i < n; i++)
		put_mismatch(text, process, &process->mismatches[i]);
	if (n < process->n_mismatches)
		out_printf(text->out, "%s of wrong frees not shown (--top=0 shows all)\n\n",
			   format_noun(&records, process->n_mismatches - n, "more record"));
}
