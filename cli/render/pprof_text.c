/*
 * The text of gperftools' heap profiles. The period of 1 in "heap_v2/1" says that nothing is sampled. Addresses are
 * those behind the calls: readers take 1 off.
 */
#include "cli/render/pprof.h"

#include "cli/render/format.h"
#include "cli/render/go_stats.h"
#include "cli/render/utf8.h"

#include <inttypes.h>

/* Stacks without frames, which readers would not take, are at this address. */
#define NOWHERE 1

static void put_amounts(struct out *out, const char *end, struct report_amount live, struct report_amount allocated)
{
	out_printf(out, "%" PRId64 ": %" PRId64 " [%" PRId64 ": %" PRId64 "] @%s", (int64_t)live.blocks,
		   (int64_t)live.bytes, (int64_t)allocated.blocks, (int64_t)allocated.bytes, end);
}

static uint64_t bias_of(const struct report_process *process, const struct report_frame *frame)
{
	for (size_t i = 0; frame->module && i < process->n_modules; i++)
		if (process->modules[i].path == frame->module && process->modules[i].build_id == frame->build_id)
			return process->modules[i].bias;
	return 0;
}

static void put_names(const struct report_process *process, const struct report_stack *stack, struct out *out)
{
	for (size_t i = 0; i < stack->n_frames; i++) {
		const struct report_frame *frame = stack->frames[i];

		out_printf(out, "#\t0x%" PRIx64 "\t", frame->offset + bias_of(process, frame) + 1);
		utf8_print(out, frame->function ? frame->function : "?");
		if (frame->file) {
			out_char(out, '\t');
			utf8_print(out, frame->file);
			out_printf(out, ":%u", frame->line);
		} else if (frame->module) {
			out_char(out, '\t');
			utf8_print(out, frame->module);
		}
		out_char(out, '\n');
	}
	out_char(out, '\n');
}

static void put_site(const struct report_process *process, const struct report_site *site, bool notes, struct out *out)
{
	put_amounts(out, "", site->live, site->allocated);
	for (size_t i = 0; i < site->stack.n_frames; i++) {
		const struct report_frame *frame = site->stack.frames[i];

		if (!frame->inlined || i + 1 == site->stack.n_frames)
			out_printf(out, " 0x%" PRIx64, frame->offset + bias_of(process, frame) + 1);
	}
	if (site->stack.n_frames == 0)
		out_printf(out, " 0x%x", NOWHERE);
	out_char(out, '\n');
	if (notes)
		put_names(process, &site->stack, out);
}

static void put_go_stats(const struct report_process *process, struct out *out)
{
	out_str(out, "\n# runtime.MemStats\n");
	for (const char *const *name = go_stat_names; *name; name++) {
		double value = go_stat(process, *name);

		if (value >= 0)
			out_printf(out, "# %s = %.17g\n", *name, value);
	}
}

static void put_modules(const struct report_process *process, struct out *out)
{
	for (size_t i = 0; i < process->n_modules; i++) {
		const struct report_module *module = &process->modules[i];

		out_printf(out, "%" PRIx64 "-%" PRIx64 " r-xp %08" PRIx64 " 00:00 0 ", module->start, module->end,
			   module->file_offset);
		utf8_print(out, module->path);
		out_char(out, '\n');
	}
}

void pprof_heap_text(const struct report *report, bool notes, struct out *out)
{
	struct report_amount live = {0}, allocated = {0};

	for (size_t i = 0; i < report->n_processes; i++) {
		const struct report_totals *totals = &report->processes[i].totals;

		live.blocks += totals->live_blocks;
		live.bytes += totals->live_bytes;
		allocated.blocks += totals->allocations;
		allocated.bytes += totals->allocated_bytes;
	}
	out_str(out, "heap profile: ");
	put_amounts(out, " heap_v2/1\n", live, allocated);
	for (size_t p = 0; p < report->n_processes; p++)
		for (size_t i = 0; i < report->processes[p].n_sites; i++)
			put_site(&report->processes[p], &report->processes[p].sites[i], notes, out);
	for (size_t p = 0; notes && p < report->n_processes; p++)
		put_go_stats(&report->processes[p], out);
	out_str(out, "\nMAPPED_LIBRARIES:\n");
	for (size_t p = 0; p < report->n_processes; p++)
		put_modules(&report->processes[p], out);
}
