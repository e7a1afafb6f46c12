/*
 * A summary in Markdown, for a step of GitHub Actions, a comment on a merge request, a wiki: the gate, the totals, the
 * gravest findings with their stacks folded away. Names of the program are escaped; stacks stand in <pre>, where
 * Markdown has no meaning. GitHub refuses summaries over 1 MiB: findings stop well before, and the rest is counted.
 */
#include "cli/render/render.h"

#include "cli/base/xalloc.h"
#include "cli/render/checks.h"
#include "cli/render/format.h"
#include "cli/render/text.h"
#include "cli/render/utf8.h"
#include "cli/render/xml.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FRAMES 30
#define MAX_BYTES  ((size_t)256 << 10)

/* A line of text without any meaning in Markdown. */
static void put_plain(struct out *out, const char *text)
{
	struct out *harmless = out_memory();

	utf8_print(harmless, text);
	for (const char *s = out_text(harmless, NULL); *s; s++) {
		if (*s == '<' || *s == '>' || *s == '&')
			out_printf(out, "&#%d;", *s);
		else if (strchr("\\`*_[]|~$#!@", *s))
			out_printf(out, "\\%c", *s);
		else
			out_char(out, *s);
	}
	out_close(harmless, NULL);
}

static void put_title(const struct report *report, struct out *out)
{
	const struct report_process *program = report_main_process(report);
	struct out *command = out_memory();

	if (program)
		text_command(command, program, false);
	out_str(out, "## memwatch: ");
	put_plain(out, out_text(command, NULL));
	out_str(out, "\n\n");
	out_close(command, NULL);
}

static void put_gate(const struct report *report, struct out *out)
{
	struct format_buf count;

	if (report->gate_passed && report->n_gate_failures == 0) {
		if (report->n_gate_rules)
			out_printf(out, "**Gate passed** (%s).\n\n", format_noun(&count, report->n_gate_rules, "rule"));
		return;
	}
	out_str(out, "**Gate FAILED**\n\n");
	for (size_t i = 0; i < report->n_gate_failures; i++) {
		out_str(out, "- **");
		put_plain(out, report->gate_failures[i].rule);
		out_str(out, "**: ");
		put_plain(out, report->gate_failures[i].message);
		out_char(out, '\n');
	}
	out_char(out, '\n');
}

static void put_row(struct out *out, const char *name, struct report_amount amount)
{
	struct format_buf bytes, blocks;

	out_printf(out, "| %s | %s | %s |\n", name, format_count(&bytes, amount.bytes),
		   format_count(&blocks, amount.blocks));
}

/* The sums of all processes; verdicts without blocks are left out, but for the gravest. */
static void put_totals(const struct report *report, struct out *out)
{
	struct report_amount sums[N_VERDICTS] = {0};
	uint64_t peak = 0;
	struct format_buf size;
	bool scanned = false;

	for (size_t i = 0; i < report->n_processes; i++) {
		const struct report_process *process = &report->processes[i];

		scanned |= process->verdicts.scanned;
		if (process->totals.peak_live_bytes > peak)
			peak = process->totals.peak_live_bytes;
		for (int v = 0; v < N_VERDICTS; v++) {
			sums[v].blocks += process->verdicts.by_verdict[v].blocks;
			sums[v].bytes += process->verdicts.by_verdict[v].bytes;
		}
	}
	out_str(out, "| | bytes | blocks |\n|---|--:|--:|\n");
	for (int v = 0; v < N_VERDICTS; v++)
		if (sums[v].blocks || (v == VERDICT_DEFINITE && scanned))
			put_row(out, text_verdict(v, EXIT_EXIT), sums[v]);
	out_printf(out, "| peak%s | %s | |\n\n", report->n_processes > 1 ? " of the largest process" : "",
		   format_size(&size, peak));
}

/* Processes that ended badly, could not be scanned or were not seen completely. */
static void put_process(const struct report_process *process, struct out *out)
{
	const struct report_verdicts *verdicts = &process->verdicts;
	struct out *ending = out_memory();

	text_ending(ending, &process->exit);
	if (process->exit.kind == EXIT_SIGNAL || (process->exit.kind == EXIT_EXIT && process->exit.code > 0))
		out_printf(out, "- process %d %s\n", process->pid, out_text(ending, NULL));
	out_close(ending, NULL);
	if (!process->completeness.complete) {
		out_printf(out, "- the report of process %d is not complete", process->pid);
		for (size_t i = 0; i < process->completeness.n_reasons; i++) {
			out_str(out, i ? " " : ": ");
			put_plain(out, process->completeness.reasons[i]);
		}
		out_char(out, '\n');
	}
	if (!verdicts->scanned && verdicts->by_verdict[VERDICT_UNCLASSIFIED].blocks) {
		out_printf(out, "- no leak scan of process %d was made: ", process->pid);
		put_plain(out, verdicts->why_not ? verdicts->why_not : "the reason is not known");
		out_char(out, '\n');
	}
}

static void put_finding(const struct finding *finding, const struct source_roots *roots, struct out *out)
{
	struct source_place place = finding_place(finding, roots);
	char *message = finding_message(finding);
	struct out *stack = out_memory();

	out_str(out, "<details><summary>");
	xml_text(out, message);
	if (place.path) {
		out_str(out, ": <code>");
		xml_text(out, place.path);
		out_printf(out, ":%u</code>", place.line);
	}
	out_str(out, "</summary>\n\n<pre>\n");
	if (finding->stack)
		finding_put_stack(stack, roots, finding->stack, "", MAX_FRAMES);
	if (finding->other) {
		out_str(stack, "\nallocated:\n");
		finding_put_stack(stack, roots, finding->other, "", MAX_FRAMES);
	}
	xml_lines(out, out_text(stack, NULL));
	out_str(out, "</pre>\n\n</details>\n");
	out_close(stack, NULL);
	free(message);
	source_place_release(&place);
}

static void put_findings(const struct report *report, const struct render_options *options, struct out *out)
{
	struct findings findings = findings_collect(report, options);
	struct out *text = out_memory();
	size_t shown = 0, n = 0;
	struct format_buf count;

	while (shown < findings.n && (options->top == 0 || shown < options->top) && n < MAX_BYTES) {
		put_finding(&findings.items[shown++], &options->source, text);
		out_text(text, &n);
	}
	if (findings.n)
		out_printf(out, "### %s\n\n%s\n", format_noun(&count, findings.n, "finding"), out_text(text, NULL));
	if (shown < findings.n)
		out_printf(out, "%s not shown.\n\n", format_noun(&count, findings.n - shown, "more finding"));
	out_close(text, NULL);
	findings_release(&findings);
}

void render_markdown(const struct report *report, const struct render_options *options, struct out *out)
{
	struct out *remarks = out_memory();
	struct format_buf count;
	size_t n;

	put_title(report, out);
	put_gate(report, out);
	put_totals(report, out);
	for (size_t i = 0; i < report->n_processes; i++)
		if (!report->processes[i].shell)
			put_process(&report->processes[i], remarks);
	out_text(remarks, &n);
	if (n)
		out_printf(out, "%s\n", out_text(remarks, NULL));
	if (report->n_processes > 1)
		out_printf(out, "Sums of %s processes.\n\n", format_count(&count, report->n_processes));
	put_findings(report, options, out);
	out_close(remarks, NULL);
}
