/*
 * Valgrind's XML, protocol 4 of the tool memcheck, as Jenkins, Qt Creator and others read it. One document holds all
 * processes of the report: head and arguments are those of the program itself, and an error of another process says so.
 * Leaks are those of the verdicts that --show names; without verdicts none is there, and the preamble says why: the
 * protocol has no kind for them. leakedbytes and leakedblocks end at 2^31-1, since readers take them as 32 bits; the
 * text has the true numbers.
 */
#include "cli/render/render.h"

#include "cli/render/checks.h"
#include "cli/render/format.h"
#include "cli/render/text.h"
#include "cli/render/xml.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct valgrind {
	const struct report *report;
	const struct render_options *options;
	const struct report_process *program;
	struct out *out;
	uint64_t n_errors;
};

static void put_time(const struct valgrind *valgrind, const char *state, double seconds)
{
	uint64_t ms = seconds > 0 && seconds < 1e12 ? (uint64_t)(seconds * 1000) : 0;

	out_printf(valgrind->out, "\n<status>\n  <state>%s</state>\n", state);
	xml_printf(valgrind->out, 2, "time", "%02" PRIu64 ":%02u:%02u:%02u.%03u ", ms / 86400000,
		   (unsigned)(ms / 3600000 % 24), (unsigned)(ms / 60000 % 60), (unsigned)(ms / 1000 % 60),
		   (unsigned)(ms % 1000));
	out_str(valgrind->out, "</status>\n");
}

static void put_unscanned(const struct valgrind *valgrind, const struct report_process *process)
{
	const struct report_verdicts *verdicts = &process->verdicts;
	struct format_buf amount;

	if (verdicts->scanned || process->shell || !verdicts->by_verdict[VERDICT_UNCLASSIFIED].blocks)
		return;
	xml_printf(valgrind->out, 2, "line", "Process %d: %s not freed and not classified: %s", process->pid,
		   format_amount(&amount, verdicts->by_verdict[VERDICT_UNCLASSIFIED]),
		   verdicts->why_not ? verdicts->why_not : "no leak scan was made");
}

static void put_arguments(const struct valgrind *valgrind)
{
	const struct report_process *program = valgrind->program;
	const char *first = program->argc ? program->argv[0] : program->exe;

	out_str(valgrind->out, "\n<args>\n  <vargv>\n    <exe>memwatch</exe>\n  </vargv>\n  <argv>\n");
	xml_element(valgrind->out, 4, "exe", first ? first : "");
	for (size_t i = 1; i < program->argc; i++)
		xml_element(valgrind->out, 4, "arg", program->argv[i]);
	out_str(valgrind->out, "  </argv>\n</args>\n");
}

static void put_head(const struct valgrind *valgrind)
{
	struct out *out = valgrind->out;

	out_str(out, "<?xml version=\"1.0\"?>\n\n<valgrindoutput>\n\n<protocolversion>4</protocolversion>\n"
		     "<protocoltool>memcheck</protocoltool>\n\n<preamble>\n");
	xml_printf(out, 2, "line", "memwatch %s, in the format of Memcheck", valgrind->report->memwatch_version);
	for (size_t i = 0; i < valgrind->report->n_processes; i++)
		put_unscanned(valgrind, &valgrind->report->processes[i]);
	out_str(out, "</preamble>\n\n");
	xml_printf(out, 0, "pid", "%d", valgrind->program->pid);
	xml_printf(out, 0, "ppid", "%d", valgrind->program->parent_pid);
	xml_element(out, 0, "tool", "memcheck");
	put_arguments(valgrind);
}

static void put_frame(struct out *out, const struct report_frame *frame)
{
	const char *slash = frame->file ? strrchr(frame->file, '/') : NULL;

	out_str(out, "    <frame>\n");
	xml_printf(out, 6, "ip", "0x%" PRIX64, frame->offset);
	if (frame->module)
		xml_element(out, 6, "obj", frame->module);
	if (frame->function)
		xml_element(out, 6, "fn", frame->function);
	if (slash && slash > frame->file) {
		char *folder = strndup(frame->file, (size_t)(slash - frame->file));

		if (folder)
			xml_element(out, 6, "dir", folder);
		free(folder);
	}
	if (frame->file)
		xml_element(out, 6, "file", slash ? slash + 1 : frame->file);
	if (frame->file && frame->line)
		xml_printf(out, 6, "line", "%u", frame->line);
	out_str(out, "    </frame>\n");
}

/* A stack has at least one frame. */
static void put_stack(struct out *out, const struct report_stack *stack)
{
	out_str(out, "  <stack>\n");
	for (size_t i = 0; i < stack->n_frames; i++)
		put_frame(out, stack->frames[i]);
	if (stack->n_frames == 0)
		out_str(out, "    <frame>\n      <ip>0x0</ip>\n    </frame>\n");
	out_str(out, "  </stack>\n");
}

static void begin_error(struct valgrind *valgrind, const char *kind)
{
	out_printf(valgrind->out, "\n<error>\n  <unique>0x%" PRIx64 "</unique>\n  <tid>1</tid>\n  <kind>%s</kind>\n",
		   valgrind->n_errors++, kind);
}

static void end_error(const struct valgrind *valgrind, const struct report_process *process)
{
	if (process != valgrind->program)
		xml_printf(valgrind->out, 2, "auxwhat", "In process %d, %s", process->pid,
			   process->exe ? format_basename(process->exe) : "?");
	out_str(valgrind->out, "</error>\n");
}

static void put_mismatch(struct valgrind *valgrind, const struct report_process *process,
			 const struct report_mismatch *mismatch)
{
	const char *state = mismatch->kind == MISMATCH_DOUBLE_FREE ? "free'd" : "alloc'd";
	struct out *out = valgrind->out;

	begin_error(valgrind, mismatch->kind == MISMATCH_FREE ? "MismatchedFree" : "InvalidFree");
	xml_element(out, 2, "what", text_mismatch(mismatch));
	put_stack(out, &mismatch->free);
	if (mismatch->allocator) {
		xml_printf(out, 2, "auxwhat", "Address is %s a block of size %" PRIu64 " %s",
			   mismatch->kind == MISMATCH_INVALID_FREE ? "inside" : "0 bytes inside",
			   mismatch->bytes / mismatch->count, state);
		if (mismatch->kind == MISMATCH_DOUBLE_FREE && mismatch->first_free.n_frames) {
			put_stack(out, &mismatch->first_free);
			xml_element(out, 2, "auxwhat", "Block was alloc'd at");
		}
		put_stack(out, &mismatch->alloc);
	}
	end_error(valgrind, process);
}

static uint64_t clamped(uint64_t n)
{
	return n < INT32_MAX ? n : INT32_MAX;
}

static void put_leak(struct valgrind *valgrind, const struct report_process *process, const struct report_leak *leak,
		     size_t index, size_t n)
{
	static const char *const kinds[N_VERDICTS] = {
		[VERDICT_DEFINITE] = "Leak_DefinitelyLost",
		[VERDICT_INDIRECT] = "Leak_IndirectlyLost",
		[VERDICT_POSSIBLE] = "Leak_PossiblyLost",
		[VERDICT_REACHABLE] = "Leak_StillReachable",
	};
	struct report_amount sum = {leak->direct.blocks + leak->indirect.blocks,
				    leak->direct.bytes + leak->indirect.bytes};
	struct format_buf total, direct, indirect, blocks, place, all;
	struct out *out = valgrind->out;

	begin_error(valgrind, kinds[leak->verdict]);
	out_printf(out, "  <xwhat>\n    <text>%s ", format_count(&total, sum.bytes));
	if (leak->indirect.blocks)
		out_printf(out, "(%s direct, %s indirect) ", format_count(&direct, leak->direct.bytes),
			   format_count(&indirect, leak->indirect.bytes));
	out_printf(out, "bytes in %s blocks are %s in loss record %s of %s</text>\n", format_count(&blocks, sum.blocks),
		   text_verdict(leak->verdict, EXIT_EXIT), format_count(&place, index), format_count(&all, n));
	xml_printf(out, 4, "leakedbytes", "%" PRIu64, clamped(sum.bytes));
	xml_printf(out, 4, "leakedblocks", "%" PRIu64, clamped(sum.blocks));
	out_str(out, "  </xwhat>\n");
	put_stack(out, &leak->stack);
	end_error(valgrind, process);
}

static bool is_listed(const struct valgrind *valgrind, const struct report_leak *leak)
{
	return !leak->suppressed_by && !text_is_of_runtime(leak) && leak->verdict != VERDICT_UNCLASSIFIED &&
	       (valgrind->options->show & 1u << leak->verdict);
}

static void put_leaks(struct valgrind *valgrind, const struct report_process *process)
{
	size_t n = 0, index = 0;

	for (size_t i = 0; i < process->n_leaks; i++)
		n += is_listed(valgrind, &process->leaks[i]);
	for (size_t i = 0; i < process->n_leaks; i++)
		if (is_listed(valgrind, &process->leaks[i]))
			put_leak(valgrind, process, &process->leaks[i], ++index, n);
}

/* How often each error came that is no leak; they are the first, in the same order. */
static void put_error_counts(const struct valgrind *valgrind)
{
	uint64_t unique = 0;

	out_str(valgrind->out, "\n<errorcounts>\n");
	for (size_t p = 0; p < valgrind->report->n_processes; p++) {
		const struct report_process *process = &valgrind->report->processes[p];

		for (size_t i = 0; i < process->n_mismatches; i++)
			out_printf(valgrind->out,
				   "  <pair>\n    <count>%" PRIu64 "</count>\n    <unique>0x%" PRIx64
				   "</unique>\n  </pair>\n",
				   process->mismatches[i].count, unique++);
	}
	out_str(valgrind->out, "</errorcounts>\n");
}

static void put_suppression_counts(const struct valgrind *valgrind)
{
	out_str(valgrind->out, "\n<suppcounts>\n");
	for (size_t p = 0; p < valgrind->report->n_processes; p++) {
		const struct report_process *process = &valgrind->report->processes[p];

		for (size_t i = 0; i < process->n_suppressions; i++) {
			const struct report_suppression *rule = &process->suppressions[i];

			if (rule->state != SUPPRESSION_USED)
				continue;
			out_printf(valgrind->out, "  <pair>\n    <count>%" PRIu64 "</count>\n", rule->records);
			xml_element(valgrind->out, 4, "name", rule->name);
			out_str(valgrind->out, "  </pair>\n");
		}
	}
	out_str(valgrind->out, "</suppcounts>\n");
}

void render_valgrind_xml(const struct report *report, const struct render_options *options, struct out *out)
{
	static const struct report_process none;
	const struct report_process *program = report_main_process(report);
	struct valgrind valgrind = {
		.report = report, .options = options, .out = out, .program = program ? program : &none};

	put_head(&valgrind);
	put_time(&valgrind, "RUNNING", 0);
	for (size_t p = 0; p < report->n_processes; p++)
		for (size_t i = 0; i < report->processes[p].n_mismatches; i++)
			put_mismatch(&valgrind, &report->processes[p], &report->processes[p].mismatches[i]);
	put_time(&valgrind, "FINISHED", valgrind.program->duration_seconds);
	for (size_t p = 0; p < report->n_processes; p++)
		put_leaks(&valgrind, &report->processes[p]);
	put_error_counts(&valgrind);
	put_suppression_counts(&valgrind);
	out_str(out, "\n</valgrindoutput>\n");
}
