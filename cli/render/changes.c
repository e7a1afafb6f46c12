#include "cli/render/changes.h"

#include "cli/render/format.h"
#include "cli/render/json_values.h"
#include "cli/render/text.h"
#include "cli/render/utf8.h"

void changes_put_counts(struct out *out, const struct report_changes *changes)
{
	struct format_buf a, b, c, d;

	out_printf(out, "%s new, %s gone, %s grew", format_count(&a, changes->count[CHANGE_NEW]),
		   format_count(&b, changes->count[CHANGE_GONE]), format_count(&c, changes->count[CHANGE_GREW]));
	if (changes->count[CHANGE_SHRANK])
		out_printf(out, ", %s shrank", format_count(&d, changes->count[CHANGE_SHRANK]));
}

static void put_change(struct out *out, const struct report_change *change)
{
	struct format_buf before, after;

	out_printf(out, "%s %s: ", report_change_name(change->change), change->kind);
	if (change->change == CHANGE_GREW || change->change == CHANGE_SHRANK)
		out_printf(out, "%s, was %s", format_amount(&after, change->after),
			   format_amount(&before, change->before));
	else
		out_str(out, format_amount(&after, change->change == CHANGE_GONE ? change->before : change->after));
}

void changes_put_line(struct out *out, const struct report_change *change)
{
	put_change(out, change);
	out_str(out, ", ");
	utf8_print(out, change->where);
	out_char(out, '\n');
}

void changes_render_text(const struct report_changes *changes, const struct render_options *options, struct out *out)
{
	const struct report_process nowhere = {0};
	const struct text text = {.options = options,
				  .out = out,
				  .bold = options->color ? "\033[1m" : "",
				  .alarm = options->color ? "\033[1;31m" : "",
				  .good = options->color ? "\033[32m" : "",
				  .dim = options->color ? "\033[2m" : "",
				  .off = options->color ? "\033[0m" : ""};
	size_t n = options->top && options->top < changes->n ? options->top : changes->n;
	struct format_buf more;

	for (size_t i = 0; i < n; i++) {
		const struct report_change *change = &changes->items[i];
		bool worse = change->change == CHANGE_NEW || change->change == CHANGE_GREW;

		out_str(out, worse ? text.alarm : text.good);
		put_change(out, change);
		out_printf(out, "%s (%s)\n", text.off, change->id);
		if (change->stack)
			text_stack(&text, &nowhere, change->stack);
		out_char(out, '\n');
	}
	if (changes->n > n)
		out_printf(out, "%s not shown (--top=0 shows all)\n\n",
			   format_noun(&more, changes->n - n, changes->n - n == 1 ? "more change is" : "more change"));
	if (options->quiet && changes->n == 0)
		return;
	out_str(out, "memwatch: ");
	changes_put_counts(out, changes);
	out_str(out, ": from ");
	utf8_print(out, changes->old_name);
	out_str(out, " to ");
	utf8_print(out, changes->new_name);
	out_char(out, '\n');
}

static void write_change(struct json_stream *stream, struct json_memo *memo, const struct report_change *change)
{
	json_stream_begin(stream, NULL, '{');
	json_write_text(stream, "change", report_change_name(change->change));
	json_write_text(stream, "id", change->id);
	json_write_text(stream, "kind", change->kind);
	json_write_text(stream, "where", change->where);
	json_write_amount(stream, "before", change->before);
	json_write_amount(stream, "after", change->after);
	if (change->stack)
		json_write_frames(stream, memo, "frames", change->stack);
	json_stream_end(stream);
}

void json_write_changes(struct json_stream *stream, const struct report_changes *changes)
{
	struct json_memo *memo = json_memo_new();

	for (enum report_change_kind kind = 0; kind < N_CHANGES; kind++)
		json_write_number(stream, report_change_name(kind), changes->count[kind]);
	json_stream_begin(stream, "changes", '[');
	for (size_t i = 0; i < changes->n; i++)
		write_change(stream, memo, &changes->items[i]);
	json_stream_end(stream);
	json_memo_free(memo);
}

void changes_render_json(const struct report_changes *changes, struct out *out)
{
	struct json_stream stream = {.out = out};

	json_stream_begin(&stream, NULL, '{');
	json_write_text(&stream, "schema", "memwatch-diff/1");
	json_write_text(&stream, "old", changes->old_name);
	json_write_text(&stream, "new_file", changes->new_name);
	json_write_changes(&stream, changes);
	json_stream_end(&stream);
}
