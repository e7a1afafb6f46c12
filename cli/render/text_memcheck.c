/*
 * The report as Valgrind's memcheck words it, for tools that read its log: CTest counts lines "==PID== N bytes in M
 * blocks are definitely lost in loss record I of K" and their like. Plurals are Valgrind's ("1 bytes in 1 blocks").
 * Blocks without a verdict are worded differently on purpose: they are no defects yet.
 */
#include "cli/render/text.h"

#include "cli/render/format.h"
#include "cli/render/utf8.h"

#include <inttypes.h>
#include <string.h>

struct memcheck {
	const struct render_options *options;
	const struct report_process *process;
	struct out *out;
};

static void begin(const struct memcheck *memcheck, int indent)
{
	out_printf(memcheck->out, "==%d== %*s", memcheck->process->pid, indent, "");
}

static void empty_line(const struct memcheck *memcheck)
{
	begin(memcheck, 0);
	out_char(memcheck->out, '\n');
}

static void put_amount(const struct memcheck *memcheck, struct report_amount amount)
{
	struct format_buf bytes, blocks;

	out_printf(memcheck->out, "%s bytes in %s blocks", format_count(&bytes, amount.bytes),
		   format_count(&blocks, amount.blocks));
}

static void put_frame(const struct memcheck *memcheck, const struct report_frame *frame, bool first)
{
	struct out *out = memcheck->out;
	const char *slash = frame->file ? strrchr(frame->file, '/') : NULL;

	begin(memcheck, 3);
	out_printf(out, "%s 0x%" PRIX64 ": ", first ? "at" : "by", frame->offset);
	utf8_print(out, frame->function ? frame->function : "\?\?\?");
	if (frame->file && frame->line) {
		out_str(out, " (");
		utf8_print(out, slash ? slash + 1 : frame->file);
		out_printf(out, ":%u)", frame->line);
	} else if (frame->module) {
		out_str(out, " (in ");
		utf8_print(out, frame->module);
		out_char(out, ')');
	}
	out_char(out, '\n');
}

static void put_record(const struct memcheck *memcheck, const struct report_leak *leak, size_t index, size_t n)
{
	struct report_amount sum = {leak->direct.blocks + leak->indirect.blocks,
				    leak->direct.bytes + leak->indirect.bytes};
	struct format_buf total, direct, indirect, blocks;
	bool classified = leak->verdict != VERDICT_UNCLASSIFIED;

	begin(memcheck, 0);
	if (leak->indirect.blocks)
		out_printf(memcheck->out, "%s (%s direct, %s indirect) bytes in %s blocks",
			   format_count(&total, sum.bytes), format_count(&direct, leak->direct.bytes),
			   format_count(&indirect, leak->indirect.bytes), format_count(&blocks, sum.blocks));
	else
		put_amount(memcheck, sum);
	out_printf(memcheck->out, " are %s in loss record %s of %s\n",
		   classified ? text_verdict(leak->verdict, EXIT_EXIT) : "not freed (unclassified)",
		   format_count(&direct, index), format_count(&indirect, n));
	for (size_t i = 0; i < leak->stack.n_frames; i++)
		put_frame(memcheck, leak->stack.frames[i], i == 0);
	empty_line(memcheck);
	if (memcheck->options->gen_suppressions == GEN_VALGRIND)
		text_suppression(memcheck->out, leak);
	else if (memcheck->options->gen_suppressions == GEN_LSAN)
		text_suppression_lsan(memcheck->out, leak);
}

/* As valgrind -v or -s ends its log. */
static void put_used_suppressions(const struct memcheck *memcheck)
{
	struct format_buf bytes, blocks;

	for (size_t i = 0; i < memcheck->process->n_suppressions; i++) {
		const struct report_suppression *rule = &memcheck->process->suppressions[i];

		if (rule->state == SUPPRESSION_EXCEEDED) {
			begin(memcheck, 0);
			out_str(memcheck->out, "suppression over its limits, not applied: ");
		} else if (!memcheck->options->verbose) {
			continue;
		} else if (rule->state == SUPPRESSION_USED) {
			out_printf(memcheck->out, "--%d-- used_suppression: %6" PRIu64 " ", memcheck->process->pid,
				   rule->records);
		} else {
			out_printf(memcheck->out, "--%d-- unused_suppression: ", memcheck->process->pid);
		}
		utf8_print(memcheck->out, rule->name);
		out_char(memcheck->out, ' ');
		utf8_print(memcheck->out, rule->file);
		out_printf(memcheck->out, ":%u", rule->line);
		if (rule->amount.blocks)
			out_printf(memcheck->out, " %s: %s bytes in %s blocks",
				   rule->state == SUPPRESSION_EXCEEDED ? "matches" : "suppressed",
				   format_count(&bytes, rule->amount.bytes),
				   format_count(&blocks, rule->amount.blocks));
		out_char(memcheck->out, '\n');
	}
}

static void put_frames(const struct memcheck *memcheck, const struct report_stack *stack)
{
	for (size_t i = 0; i < stack->n_frames; i++)
		put_frame(memcheck, stack->frames[i], i == 0);
	if (stack->n_frames == 0) {
		begin(memcheck, 3);
		out_str(memcheck->out, "at 0x0: \?\?\?\n");
	}
}

/* Frees that do not fit, one context each. */
static void put_mismatch(const struct memcheck *memcheck, const struct report_mismatch *mismatch)
{
	const char *state = mismatch->kind == MISMATCH_DOUBLE_FREE ? "free'd" : "alloc'd";
	struct format_buf bytes;

	begin(memcheck, 0);
	out_printf(memcheck->out, "%s\n", text_mismatch(mismatch));
	put_frames(memcheck, &mismatch->free);
	if (mismatch->allocator) {
		bool inside = mismatch->kind == MISMATCH_INVALID_FREE;

		begin(memcheck, 1);
		out_printf(memcheck->out, "Address is %s a block of size %s %s\n", inside ? "inside" : "0 bytes inside",
			   format_count(&bytes, mismatch->bytes / mismatch->count), state);
		if (mismatch->kind == MISMATCH_DOUBLE_FREE) {
			begin(memcheck, 1);
			out_str(memcheck->out, "Block was alloc'd at\n");
		}
		put_frames(memcheck, &mismatch->alloc);
	}
	empty_line(memcheck);
}

static void put_heap_summary(const struct memcheck *memcheck)
{
	const struct report_totals *totals = &memcheck->process->totals;
	struct format_buf allocs, frees, bytes;

	begin(memcheck, 0);
	out_str(memcheck->out, "memwatch, in the words of Memcheck\n");
	begin(memcheck, 0);
	out_str(memcheck->out, "Command: ");
	text_command(memcheck->out, memcheck->process, true);
	out_char(memcheck->out, '\n');
	begin(memcheck, 0);
	out_printf(memcheck->out, "Parent PID: %d\n", memcheck->process->parent_pid);
	empty_line(memcheck);
	begin(memcheck, 0);
	out_str(memcheck->out, "HEAP SUMMARY:\n");
	begin(memcheck, 4);
	out_str(memcheck->out, "in use at exit: ");
	put_amount(memcheck, (struct report_amount){totals->live_blocks, totals->live_bytes});
	out_char(memcheck->out, '\n');
	begin(memcheck, 2);
	out_printf(memcheck->out, "total heap usage: %s allocs, %s frees, %s bytes allocated\n",
		   format_count(&allocs, totals->allocations), format_count(&frees, totals->frees),
		   format_count(&bytes, totals->allocated_bytes));
	empty_line(memcheck);
}

static void put_verdicts(const struct memcheck *memcheck)
{
	const struct report_verdicts *verdicts = &memcheck->process->verdicts;

	begin(memcheck, 0);
	out_str(memcheck->out, "LEAK SUMMARY:\n");
	for (int v = 0; v < N_VERDICTS; v++) {
		if (verdicts->scanned == (v == VERDICT_UNCLASSIFIED))
			continue;
		begin(memcheck, 3);
		/* Valgrind aligns the colons. */
		out_printf(memcheck->out, "%*s: ", verdicts->scanned ? 15 : 0,
			   verdicts->scanned ? text_verdict(v, EXIT_EXIT) : "not freed (unclassified)");
		put_amount(memcheck, verdicts->by_verdict[v]);
		out_char(memcheck->out, '\n');
	}
	if (!verdicts->scanned) {
		if (verdicts->by_verdict[VERDICT_SUPPRESSED].blocks) {
			begin(memcheck, 3);
			out_str(memcheck->out, "suppressed: ");
			put_amount(memcheck, verdicts->by_verdict[VERDICT_SUPPRESSED]);
			out_char(memcheck->out, '\n');
		}
		begin(memcheck, 0);
		out_str(memcheck->out, "Not classified: ");
		utf8_print(memcheck->out, verdicts->why_not ? verdicts->why_not : "no leak scan was made");
		out_char(memcheck->out, '\n');
	}
}

static void put_completeness(const struct memcheck *memcheck)
{
	const struct report_completeness *completeness = &memcheck->process->completeness;
	struct format_buf lost;

	begin(memcheck, 0);
	if (completeness->complete)
		out_str(memcheck->out, "Records: complete\n");
	else
		out_printf(memcheck->out, "Records: NOT complete, %s lost\n",
			   format_count(&lost, completeness->lost_records));
	for (size_t i = 0; i < completeness->n_reasons; i++) {
		begin(memcheck, 2);
		utf8_print(memcheck->out, completeness->reasons[i]);
		out_char(memcheck->out, '\n');
	}
}

/* Valgrind counts what is definitely or possibly lost as errors, a record each, and each free that does not fit. */
static void put_errors(const struct memcheck *memcheck)
{
	struct format_buf errors, contexts, suppressed;
	size_t n = 0, n_suppressed = 0;

	for (size_t i = 0; i < memcheck->process->n_leaks; i++) {
		const struct report_leak *leak = &memcheck->process->leaks[i];

		if (leak->verdict != VERDICT_DEFINITE && leak->verdict != VERDICT_POSSIBLE)
			continue;
		n += !leak->suppressed_by;
		n_suppressed += leak->suppressed_by != NULL;
	}
	format_count(&errors, n + text_count_mismatches(memcheck->process));
	format_count(&contexts, n + memcheck->process->n_mismatches);
	format_count(&suppressed, n_suppressed);
	begin(memcheck, 0);
	out_printf(memcheck->out, "ERROR SUMMARY: %s errors from %s contexts (suppressed: %s from %s)\n", errors.text,
		   contexts.text, suppressed.text, suppressed.text);
}

void text_memcheck(const struct render_options *options, const struct report_process *process, struct out *out)
{
	const struct memcheck memcheck = {options, process, out};
	struct text_cut cut = text_cut(options, process);
	size_t listed = 0;

	for (size_t i = 0; i < process->n_mismatches; i++)
		put_mismatch(&memcheck, &process->mismatches[i]);
	if (!options->quiet)
		put_heap_summary(&memcheck);
	for (size_t i = 0; i < process->n_leaks && listed < cut.n_listed; i++)
		if (text_shows(options, &process->leaks[i]))
			put_record(&memcheck, &process->leaks[i], ++listed, cut.n_eligible);
	if (cut.n_eligible > cut.n_listed) {
		struct format_buf records;

		begin(&memcheck, 0);
		out_printf(out, "%s with ", format_noun(&records, cut.n_eligible - cut.n_listed, "more record"));
		put_amount(&memcheck, cut.cut);
		out_str(out, ": --top=0 shows all\n");
		empty_line(&memcheck);
	}
	if (!options->quiet || !process->completeness.complete)
		put_completeness(&memcheck);
	if (options->quiet)
		return;
	put_verdicts(&memcheck);
	empty_line(&memcheck);
	put_used_suppressions(&memcheck);
	put_errors(&memcheck);
}

void text_memcheck_gate(const struct report *report, struct out *out)
{
	const struct report_process *process = report_main_process(report);

	for (size_t i = 0; i < report->n_gate_failures; i++) {
		out_printf(out, "==%d== gate FAILED: ", process ? process->pid : 0);
		utf8_print(out, report->gate_failures[i].rule);
		out_str(out, ": ");
		utf8_print(out, report->gate_failures[i].message);
		out_char(out, '\n');
	}
}
