/*
 * DHAT's data file, version 2, for valgrind's dh_view.html and profiler.firefox.com: of each stack what it allocated,
 * for how long its blocks lived, and what was live at the peak and at the end. Stacks are innermost frame first.
 *
 * DHAT also has the most that was live of each stack at any time, "mb", which memwatch does not keep: what is written
 * is the larger of peak and end, and so at most that. Times are in microseconds, ages of blocks to the millisecond.
 * The format is of a single process: the one with the largest peak.
 */
#include "cli/render/render.h"

#include "cli/render/json_stream.h"
#include "cli/render/json_values.h"
#include "cli/render/pprof_tables.h"
#include "cli/render/viewer_frame.h"

#include <stdint.h>

#define SHORT_LIVED_US 1000 /* what the viewer calls short-lived */

struct dhat {
	struct json_stream stream;
	const struct report_process *process;
	struct pprof_index ids; /* of frames, from 1, as they stand in "ftbl" behind the root */
};

/* What stands for frames that there are not: each is one of the table, so that no two stacks are the same. */
static const char no_stack[] = "(no stack)", cut[] = "(further frames are not known)";

static uint64_t id_of(struct dhat *d, const void *frame, bool *is_new)
{
	return pprof_index_of(&d->ids, (uintptr_t)frame, 0, 0, is_new);
}

static json_t *frames_of(struct dhat *d, const struct report_stack *stack)
{
	json_t *array = json_array();
	bool is_new;

	for (size_t i = 0; i < stack->n_frames; i++)
		json_array_append_new(array, json_number(id_of(d, stack->frames[i], &is_new)));
	if (stack->n_frames == 0)
		json_array_append_new(array, json_number(id_of(d, no_stack, &is_new)));
	if (stack->truncated)
		json_array_append_new(array, json_number(id_of(d, cut, &is_new)));
	return array;
}

static json_t *microseconds(double seconds)
{
	return json_number(seconds > 0 ? (uint64_t)(seconds * 1e6 + 0.5) : 0);
}

static void put_amount(json_t *object, const char *bytes, const char *blocks, struct report_amount amount)
{
	json_set(object, bytes, json_number(amount.bytes));
	json_set(object, blocks, json_number(amount.blocks));
}

static void put_site(struct dhat *d, const struct report_site *site)
{
	json_t *object = json_object();

	put_amount(object, "tb", "tbk", site->allocated);
	json_set(object, "tl", microseconds(site->age_seconds));
	put_amount(object, "mb", "mbk", site->peak.bytes >= site->live.bytes ? site->peak : site->live);
	put_amount(object, "gb", "gbk", site->peak);
	put_amount(object, "eb", "ebk", site->live);
	json_set(object, "fs", frames_of(d, &site->stack));
	json_stream_value(&d->stream, NULL, object);
}

static void put_text(struct dhat *d, const void *frame, const char *text)
{
	bool is_new;

	id_of(d, frame, &is_new);
	if (is_new)
		json_write_text(&d->stream, NULL, text);
}

static void put_frame(struct dhat *d, const struct report_frame *frame)
{
	struct out *out;
	bool is_new;

	id_of(d, frame, &is_new);
	if (!is_new)
		return;
	out = out_memory();
	viewer_frame_print(out, frame);
	json_write_text(&d->stream, NULL, out_text(out, NULL));
	out_close(out, NULL);
}

static void put_frames(struct dhat *d)
{
	const struct report_process *process = d->process;

	json_stream_begin(&d->stream, "ftbl", '[');
	json_write_text(&d->stream, NULL, "[root]");
	for (size_t i = 0; process && i < process->n_sites; i++) {
		const struct report_stack *stack = &process->sites[i].stack;

		for (size_t k = 0; k < stack->n_frames; k++)
			put_frame(d, stack->frames[k]);
		if (stack->n_frames == 0)
			put_text(d, no_stack, no_stack);
		if (stack->truncated)
			put_text(d, cut, cut);
	}
	json_stream_end(&d->stream);
}

static json_t *command_line(const struct report_process *process)
{
	struct out *out = out_memory();
	json_t *text;

	for (size_t i = 0; process && i < process->argc; i++)
		out_printf(out, "%s%s", i ? " " : "", process->argv[i]);
	text = json_text_or_null(out_text(out, NULL));
	out_close(out, NULL);
	return text;
}

static void put_header(struct dhat *d)
{
	const struct report_process *process = d->process;

	json_write_integer(&d->stream, "dhatFileVersion", 2);
	json_write_text(&d->stream, "mode", "heap");
	json_write_text(&d->stream, "verb", "Allocated");
	json_write_boolean(&d->stream, "bklt", true);
	json_write_boolean(&d->stream, "bkacc", false);
	json_write_text(&d->stream, "tu", "\302\265s");
	json_write_text(&d->stream, "Mtu", "s");
	json_write_integer(&d->stream, "tuth", SHORT_LIVED_US);
	json_stream_value(&d->stream, "cmd", command_line(process));
	json_write_integer(&d->stream, "pid", process ? process->pid : 0);
	json_stream_value(&d->stream, "te", microseconds(process ? process->duration_seconds : 0));
	json_stream_value(&d->stream, "tg", microseconds(process ? process->totals.peak_seconds : 0));
}

void render_dhat(const struct report *report, const struct render_options *options, struct out *out)
{
	struct dhat d = {.stream = {.out = out}, .process = report_largest_process(report)};

	(void)options;
	json_stream_begin(&d.stream, NULL, '{');
	put_header(&d);
	put_frames(&d); /* before those that refer to them: they are numbered here */
	json_stream_begin(&d.stream, "pps", '[');
	for (size_t i = 0; d.process && i < d.process->n_sites; i++)
		put_site(&d, &d.process->sites[i]);
	json_stream_end(&d.stream);
	json_stream_end(&d.stream);
	pprof_index_release(&d.ids);
}
