/*
 * The file format of speedscope.app: the frames once, and for each process what its stacks allocated and what of that
 * is live, each a profile of its own. Samples are stacks, outermost frame first; functions that are inlined are frames.
 */
#include "cli/render/render.h"

#include "cli/render/format.h"
#include "cli/render/json_stream.h"
#include "cli/render/json_values.h"
#include "cli/render/pprof_tables.h"
#include "common/compiler.h"

#include <inttypes.h>
#include <stdio.h>

struct metric {
	const char *name, *unit;
	uint64_t (*value)(const struct report_site *site);
};

struct speedscope {
	struct json_stream stream;
	struct pprof_index ids; /* of frames, from 1 */
};

static uint64_t live_bytes(const struct report_site *site)
{
	return site->live.bytes;
}

static uint64_t live_blocks(const struct report_site *site)
{
	return site->live.blocks;
}

static uint64_t allocated_bytes(const struct report_site *site)
{
	return site->allocated.bytes;
}

static uint64_t allocations(const struct report_site *site)
{
	return site->allocated.blocks;
}

static const struct metric metrics[] = {
	{"live bytes", "bytes", live_bytes},
	{"live blocks", "none", live_blocks},
	{"allocated bytes", "bytes", allocated_bytes},
	{"allocations", "none", allocations},
};

/* Equal frames are shared. NULL stands for a stack that is not known. */
static uint64_t frame_id(struct speedscope *s, const struct report_frame *frame, bool *is_new)
{
	return pprof_index_of(&s->ids, (uintptr_t)frame, 0, 0, is_new);
}

static json_t *frame_name(const struct report_frame *frame)
{
	char text[320];

	if (frame->function)
		return json_text_or_null(frame->function);
	snprintf(text, sizeof(text), "%.255s%s0x%" PRIx64, frame->module ? format_basename(frame->module) : "",
		 frame->module ? "+" : "", frame->offset);
	return json_text_or_null(text);
}

static void put_frame(struct speedscope *s, const struct report_frame *frame)
{
	json_t *object;
	bool is_new;

	frame_id(s, frame, &is_new);
	if (!is_new)
		return;
	object = json_object();
	json_set(object, "name", frame ? frame_name(frame) : json_string("(no stack)"));
	if (frame && frame->file) {
		json_set(object, "file", json_text_or_null(frame->file));
		if (frame->line)
			json_set(object, "line", json_number(frame->line));
	}
	json_stream_value(&s->stream, NULL, object);
}

static void put_frames(struct speedscope *s, const struct report_process *process)
{
	for (size_t i = 0; i < process->n_sites; i++) {
		const struct report_stack *stack = &process->sites[i].stack;

		for (size_t k = 0; k < stack->n_frames; k++)
			put_frame(s, stack->frames[k]);
		if (stack->n_frames == 0)
			put_frame(s, NULL);
	}
}

static json_t *sample(struct speedscope *s, const struct report_stack *stack)
{
	json_t *array = json_array();
	bool is_new;

	for (size_t k = stack->n_frames; k-- > 0;)
		json_array_append_new(array, json_number(frame_id(s, stack->frames[k], &is_new) - 1));
	if (stack->n_frames == 0)
		json_array_append_new(array, json_number(frame_id(s, NULL, &is_new) - 1));
	return array;
}

static void put_profile(struct speedscope *s, const struct report_process *process, const struct metric *metric)
{
	uint64_t sum = 0;
	char name[384];

	snprintf(name, sizeof(name), "%s: %.255s (pid %d)", metric->name,
		 process->exe ? format_basename(process->exe) : "?", process->pid);
	for (size_t i = 0; i < process->n_sites; i++)
		sum += metric->value(&process->sites[i]);
	json_stream_begin(&s->stream, NULL, '{');
	json_write_text(&s->stream, "type", "sampled");
	json_write_text(&s->stream, "name", name);
	json_write_text(&s->stream, "unit", metric->unit);
	json_write_integer(&s->stream, "startValue", 0);
	json_write_number(&s->stream, "endValue", sum);
	json_stream_begin(&s->stream, "samples", '[');
	for (size_t i = 0; i < process->n_sites; i++)
		if (metric->value(&process->sites[i]))
			json_stream_value(&s->stream, NULL, sample(s, &process->sites[i].stack));
	json_stream_end(&s->stream);
	json_stream_begin(&s->stream, "weights", '[');
	for (size_t i = 0; i < process->n_sites; i++)
		if (metric->value(&process->sites[i]))
			json_write_number(&s->stream, NULL, metric->value(&process->sites[i]));
	json_stream_end(&s->stream);
	json_stream_end(&s->stream);
}

static void put_profiles(struct speedscope *s, const struct report_process *process)
{
	for (size_t i = 0; i < MW_ARRAY_LEN(metrics); i++)
		put_profile(s, process, &metrics[i]);
}

/* What is shown first is of the largest process. */
static size_t first_shown(const struct report *report)
{
	const struct report_process *largest = report_largest_process(report);
	size_t n = 0;

	for (size_t i = 0; i < report->n_processes && &report->processes[i] != largest; i++)
		if (report_process_counts(report, &report->processes[i]))
			n += MW_ARRAY_LEN(metrics);
	return n;
}

void render_speedscope(const struct report *report, const struct render_options *options, struct out *out)
{
	struct speedscope s = {.stream = {.out = out}};
	const struct report_process *largest = report_largest_process(report);
	char exporter[64];

	(void)options;
	snprintf(exporter, sizeof(exporter), "memwatch %s", report->memwatch_version);
	json_stream_begin(&s.stream, NULL, '{');
	json_write_text(&s.stream, "$schema", "https://www.speedscope.app/file-format-schema.json");
	json_write_text(&s.stream, "exporter", exporter);
	json_write_text(&s.stream, "name", largest && largest->exe ? format_basename(largest->exe) : "memwatch");
	json_write_number(&s.stream, "activeProfileIndex", first_shown(report));
	json_stream_begin(&s.stream, "shared", '{');
	json_stream_begin(&s.stream, "frames", '[');
	for (size_t i = 0; i < report->n_processes; i++)
		if (report_process_counts(report, &report->processes[i]))
			put_frames(&s, &report->processes[i]);
	json_stream_end(&s.stream);
	json_stream_end(&s.stream);
	json_stream_begin(&s.stream, "profiles", '[');
	for (size_t i = 0; i < report->n_processes; i++)
		if (report_process_counts(report, &report->processes[i]))
			put_profiles(&s, &report->processes[i]);
	json_stream_end(&s.stream);
	json_stream_end(&s.stream);
	pprof_index_release(&s.ids);
}
