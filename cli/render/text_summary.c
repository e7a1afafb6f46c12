#include "cli/render/text.h"

#include "cli/render/text_memstats.h"

#include "cli/render/format.h"
#include "cli/render/utf8.h"

#include <math.h>
#include <stdio.h>

static void label(const struct text *text, const char *name)
{
	out_printf(text->out, "  %-18s ", name);
}

static void put_live(const struct text *text, const struct report_process *process)
{
	const struct report_totals *totals = &process->totals;
	const struct report_verdicts *verdicts = &process->verdicts;
	struct format_buf amount;

	if (verdicts->scanned) {
		for (int v = 0; v < VERDICT_UNCLASSIFIED; v++) {
			bool lost = (v == VERDICT_DEFINITE || v == VERDICT_INDIRECT) && verdicts->by_verdict[v].blocks;

			label(text, text_verdict(v, process->exit.kind));
			out_printf(text->out, "%s%s%s\n", lost ? text->alarm : "",
				   format_amount(&amount, verdicts->by_verdict[v]), lost ? text->off : "");
		}
	}
	label(text, verdicts->scanned ? "all of these" : text_verdict(VERDICT_UNCLASSIFIED, process->exit.kind));
	out_printf(text->out, "%s%s%s", totals->live_blocks && !verdicts->scanned ? text->alarm : "",
		   format_amount(&amount, (struct report_amount){totals->live_blocks, totals->live_bytes}),
		   totals->live_blocks && !verdicts->scanned ? text->off : "");
	if (!verdicts->scanned && verdicts->by_verdict[VERDICT_SUPPRESSED].blocks)
		out_printf(text->out, ", of which suppressed %s",
			   format_amount(&amount, verdicts->by_verdict[VERDICT_SUPPRESSED]));
	if (!verdicts->scanned && totals->live_blocks) {
		out_str(text->out, " (not classified: ");
		utf8_print(text->out, verdicts->why_not ? verdicts->why_not : "no leak scan was made");
		out_char(text->out, ')');
	}
	out_char(text->out, '\n');
	if (totals->inherited_blocks) {
		label(text, "inherited");
		out_printf(text->out, "%s of the parent, at the fork; not counted here\n",
			   format_amount(&amount,
					 (struct report_amount){totals->inherited_blocks, totals->inherited_bytes}));
	}
}

/* The largest stacks of the peak, with -v. */
static void put_peak(const struct text *text, const struct report_process *process)
{
	size_t n = text->options->verbose ? RENDER_PEAK_STACKS : 0;
	struct format_buf amount;

	for (size_t i = 0; i < process->n_peak && i < n; i++) {
		const struct report_stack *stack = &process->peak[i].stack;

		label(text, "");
		out_printf(text->out, "%s", format_amount(&amount, process->peak[i].live));
		if (stack->n_frames) {
			out_str(text->out, " from ");
			text_where(text, stack);
		}
		out_char(text->out, '\n');
	}
}

static void put_totals(const struct text *text, const struct report_process *process)
{
	const struct report_totals *totals = &process->totals;
	struct format_buf a, b, c, d, e, f;

	label(text, "peak");
	out_printf(text->out, "%s after %s\n", format_size(&a, totals->peak_live_bytes),
		   format_seconds(&b, totals->peak_seconds));
	put_peak(text, process);
	label(text, "allocations");
	out_printf(text->out, "%s (%s), frees %s, reallocations %s, failed %s, temporary %s\n",
		   format_count(&a, totals->allocations), format_size(&b, totals->allocated_bytes),
		   format_count(&c, totals->frees), format_count(&d, totals->reallocations),
		   format_count(&e, totals->failed_allocations),
		   format_percent(&f, totals->temporary_allocations, totals->allocations));
}

static void put_mappings(const struct text *text, const struct report_mappings *mappings)
{
	struct format_buf a, b, c, d;

	if (!mappings->maps && !mappings->unmaps)
		return;
	label(text, "own mmap");
	out_printf(text->out, "%s (%s), %s left (%s)\n", format_noun(&a, mappings->maps, "mapping"),
		   format_size(&b, mappings->mapped_bytes), format_count(&c, mappings->live_maps),
		   format_size(&d, mappings->live_bytes));
}

static void put_completeness(const struct text *text, const struct report_completeness *completeness)
{
	struct format_buf a, b, c, d;

	label(text, "complete");
	if (completeness->complete)
		out_printf(text->out, "%syes%s: ", text->good, text->off);
	else
		out_printf(text->out, "%sNO%s: ", text->alarm, text->off);
	out_printf(text->out, "%s, %s lost, %s, %s\n", format_noun(&a, completeness->records, "record"),
		   completeness->lost_records ? format_count(&b, completeness->lost_records) : "none",
		   format_noun(&c, completeness->unknown_frees, "unknown free"),
		   format_noun(&d, completeness->truncated_stacks, "truncated stack"));
	for (size_t i = 0; i < completeness->n_reasons; i++) {
		label(text, "");
		utf8_print(text->out, completeness->reasons[i]);
		out_char(text->out, '\n');
	}
}

/* For developers of the unwinder. */
static void put_validation(const struct text *text, const struct report_completeness *completeness)
{
	struct format_buf a, b;

	if (!completeness->checked_stacks)
		return;
	label(text, "unwinding");
	out_printf(text->out, "%s compared with libunwind's, %s differ\n",
		   format_noun(&a, completeness->checked_stacks, "stack"),
		   format_count(&b, completeness->differing_stacks));
}

static void put_overhead(const struct text *text, const struct report_overhead *overhead)
{
	struct format_buf a, b, c;

	label(text, "memwatch");
	out_printf(text->out, "%s in the program; %s and %s of CPU in the reporter\n",
		   format_size(&a, overhead->shim_bytes), format_size(&b, overhead->reporter_bytes),
		   format_seconds(&c, overhead->reporter_cpu_seconds));
}

static void put_identity(const struct text *text, const struct report_process *process)
{
	struct format_buf time;

	label(text, "executable");
	utf8_print(text->out, process->exe ? process->exe : "not known");
	out_char(text->out, '\n');
	label(text, "started");
	out_printf(text->out, "%s, by process %d\n", format_time(&time, process->start_realtime_ns),
		   process->parent_pid);
}

static void put_mismatches(const struct text *text, const struct report_process *process)
{
	uint64_t by_kind[] = {[MISMATCH_FREE] = 0, [MISMATCH_DOUBLE_FREE] = 0, [MISMATCH_INVALID_FREE] = 0};
	struct format_buf a, b, c;

	if (!process->n_mismatches)
		return;
	for (size_t i = 0; i < process->n_mismatches; i++)
		by_kind[process->mismatches[i].kind] += process->mismatches[i].count;
	label(text, "wrong frees");
	out_printf(text->out, "%s%s mismatched, %s double, %s invalid%s\n", text->alarm,
		   format_count(&a, by_kind[MISMATCH_FREE]), format_count(&b, by_kind[MISMATCH_DOUBLE_FREE]),
		   format_count(&c, by_kind[MISMATCH_INVALID_FREE]), text->off);
}

static void put_warnings(const struct text *text, const struct report_process *process)
{
	struct format_buf used, limit, seconds, more;
	size_t n = text->options->verbose ? process->n_warnings : 3;

	for (size_t i = 0; i < process->n_warnings && i < n; i++) {
		const struct report_warning *warning = &process->warnings[i];

		label(text, i ? "" : "warnings");
		out_printf(text->out, "%s%s%s: %s, %u %% of %s (", text->alarm, warning->severity, text->off,
			   format_size(&used, warning->used_bytes), warning->level_percent,
			   format_size(&limit, warning->limit_bytes));
		utf8_print(text->out, warning->limit_source);
		out_printf(text->out, "), after %s\n", format_seconds(&seconds, warning->seconds));
	}
	if (process->n_warnings > n) {
		label(text, "");
		out_printf(text->out, "and %s (-v lists all)\n",
			   format_noun(&more, process->n_warnings - n, "more crossing"));
	}
	if (process->totals.refused_allocations) {
		label(text, "refused");
		out_printf(text->out, "%s%s%s beyond --hard-limit\n", text->alarm,
			   format_noun(&more, process->totals.refused_allocations, "allocation"), text->off);
	}
}

/* Bytes a second, which may be less than one, or negative. */
static const char *rate(struct format_buf *buf, double bytes_per_second)
{
	struct format_buf size;

	snprintf(buf->text, sizeof(buf->text), "%s%s/s", bytes_per_second < 0 ? "-" : "",
		 format_size(&size, (uint64_t)(fabs(bytes_per_second) + 0.5)));
	return buf->text;
}

static void put_forecast(const struct text *text, const struct report_forecast *forecast)
{
	struct format_buf slope, low, high, seconds, limit;

	if (forecast->trend != FORECAST_GROWING)
		return;
	label(text, "trend");
	out_printf(text->out, "%sgrows by %s%s (%s to %s, R² %.2f)", text->alarm,
		   rate(&slope, forecast->bytes_per_second), text->off, rate(&low, forecast->low_bytes_per_second),
		   rate(&high, forecast->high_bytes_per_second), forecast->r2);
	if (forecast->limit_source && forecast->seconds_to_limit >= 0) {
		out_printf(text->out, ": %s to %s (", format_seconds(&seconds, forecast->seconds_to_limit),
			   format_size(&limit, forecast->limit_bytes));
		utf8_print(text->out, forecast->limit_source);
		out_char(text->out, ')');
	}
	out_char(text->out, '\n');
}

void text_summary(const struct text *text, const struct report_process *process)
{
	out_printf(text->out, "%sSummary%s\n", text->bold, text->off);
	if (text->options->verbose)
		put_identity(text, process);
	put_mismatches(text, process);
	put_live(text, process);
	put_totals(text, process);
	put_warnings(text, process);
	put_forecast(text, &process->forecast);
	text_growth_summary(text, process);
	put_mappings(text, &process->mappings);
	text_suppressions(text, process);
	put_completeness(text, &process->completeness);
	put_validation(text, &process->completeness);
	put_overhead(text, &process->overhead);
	if (text->options->verbose && process->memstats.n_fields) {
		memstats_print(process, "  ", text->out);
		memstats_print_sizes(&process->memstats, "  ", text->out);
	}
}
