#include "cli/render/text.h"

#include "cli/render/format.h"
#include "cli/render/utf8.h"

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

static void put_totals(const struct text *text, const struct report_totals *totals)
{
	struct format_buf a, b, c, d, e, f;

	label(text, "peak");
	out_printf(text->out, "%s after %s\n", format_size(&a, totals->peak_live_bytes),
		   format_seconds(&b, totals->peak_seconds));
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

void text_summary(const struct text *text, const struct report_process *process)
{
	out_printf(text->out, "%sSummary%s\n", text->bold, text->off);
	if (text->options->verbose)
		put_identity(text, process);
	put_mismatches(text, process);
	put_live(text, process);
	put_totals(text, &process->totals);
	put_mappings(text, &process->mappings);
	text_suppressions(text, process);
	put_completeness(text, &process->completeness);
	put_validation(text, &process->completeness);
	put_overhead(text, &process->overhead);
}
