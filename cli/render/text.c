/*
 * The text report: for each process that has something to say a headline, its largest leaks and a summary. Shells and
 * children without findings are silent (a line each with -v); the program itself always has its summary, unless -q.
 * Everything that comes from the watched program is printed through utf8_print().
 */
#include "cli/render/text.h"

#include "cli/base/xalloc.h"
#include "cli/render/changes.h"
#include "cli/render/format.h"
#include "cli/render/utf8.h"

#include <stdlib.h>
#include <string.h>

bool text_has_findings(const struct render_options *options, const struct report_process *process)
{
	if (!process->completeness.complete || process->n_mismatches)
		return true;
	if (process->n_growth && process->growth[0].verdict == GROWTH_GROWING)
		return true;
	if (!process->verdicts.scanned)
		return process->totals.live_blocks > process->verdicts.by_verdict[VERDICT_SUPPRESSED].blocks;
	for (int v = 0; v < N_VERDICTS; v++)
		if (v != VERDICT_SUPPRESSED && (options->show & 1u << v) && process->verdicts.by_verdict[v].blocks)
			return true;
	return false;
}

/* Whether a process has its own section. */
static bool is_shown(const struct report *report, const struct render_options *options,
		     const struct report_process *process)
{
	bool is_main = process == report_main_process(report);

	if (!report_process_counts(report, process))
		return false;
	return (is_main && !options->quiet) || text_has_findings(options, process);
}

static void put_title(const struct text *text, const struct report_process *process)
{
	bool well = process->exit.kind != EXIT_SIGNAL && !(process->exit.kind == EXIT_EXIT && process->exit.code > 0);
	struct format_buf duration, count;

	out_printf(text->out, "memwatch: %s", text->bold);
	text_command(text->out, process, text->options->verbose);
	if (process->merged) {
		out_printf(text->out, "%s (%s%s, the longest", text->off, format_count(&count, process->merged),
			   process->merged == 1 ? " process" : " processes");
		out_printf(text->out, " %s)", format_seconds(&duration, process->duration_seconds));
		return;
	}
	out_printf(text->out, "%s (pid %d", text->off, process->pid);
	if (process->origin == ORIGIN_FORK)
		out_printf(text->out, ", forked by %d", process->parent_pid);
	else if (process->origin == ORIGIN_EXEC)
		out_printf(text->out, ", child of %d", process->parent_pid);
	out_printf(text->out, ") %s", well ? "" : text->alarm);
	text_ending(text->out, &process->exit);
	out_printf(text->out, "%s after %s", well ? "" : text->off,
		   format_seconds(&duration, process->duration_seconds));
}

static void put_leaks(const struct text *text, const struct report_process *process)
{
	struct text_cut cut = text_cut(text->options, process);
	struct format_buf records, amount;
	size_t listed = 0;

	for (size_t i = 0; i < process->n_leaks && listed < cut.n_listed; i++)
		if (text_shows(text->options, &process->leaks[i]))
			text_leak(text, process, &process->leaks[i], ++listed, cut.n_eligible);
	if (cut.n_eligible > cut.n_listed) {
		size_t n = cut.n_eligible - cut.n_listed;

		out_printf(text->out, "%s with %s %s not shown (--top=0 shows all)\n\n",
			   format_noun(&records, n, "more record"), format_amount(&amount, cut.cut),
			   n == 1 ? "is" : "are");
	}
	if (process->totals.live_blocks == 0 && process->completeness.complete)
		out_printf(text->out, "%sAll heap blocks were freed: no leaks are possible.%s\n\n", text->good,
			   text->off);
}

static void put_process(const struct text *text, const struct report_process *process)
{
	put_title(text, process);
	out_str(text->out, "\n\n");
	text_mismatches(text, process);
	put_leaks(text, process);
	text_growth(text, process);
	text_summary(text, process);
}

static void put_line(const struct text *text, const struct report_process *process)
{
	struct format_buf amount;

	put_title(text, process);
	out_printf(
		text->out, "; %s %s\n",
		format_amount(&amount, (struct report_amount){process->totals.live_blocks, process->totals.live_bytes}),
		text_verdict(VERDICT_UNCLASSIFIED, process->exit.kind));
}

/* A line of the summary where there is one process, else a line about the whole run; then what is new or grew. */
static void put_baseline(const struct text *text, const struct report *report)
{
	const struct report_changes *changes = report->baseline;

	if (!changes || (text->options->quiet && !changes->count[CHANGE_NEW] && !changes->count[CHANGE_GREW]))
		return;
	if (report->n_processes == 1)
		out_printf(text->out, "  %-18s ", "baseline");
	else
		out_str(text->out, "memwatch: baseline: ");
	changes_put_counts(text->out, changes);
	out_str(text->out, " since ");
	utf8_print(text->out, changes->old_name);
	out_char(text->out, '\n');
	for (size_t i = 0; i < changes->n; i++) {
		if (changes->items[i].change != CHANGE_NEW && changes->items[i].change != CHANGE_GREW)
			continue;
		if (text->options->top && i >= text->options->top)
			break;
		out_printf(text->out, "  %-18s ", "");
		changes_put_line(text->out, &changes->items[i]);
	}
}

/* A line of the summary where there is one process, else a line about the whole run. */
static void put_gate(const struct text *text, const struct report *report)
{
	bool passed = report->gate_passed && report->n_gate_failures == 0;

	if (passed && text->options->quiet)
		return;
	if (report->n_processes == 1)
		out_printf(text->out, "  %-18s ", "gate");
	else
		out_str(text->out, "memwatch: gate: ");
	if (passed)
		out_str(text->out, report->n_gate_rules ? "passed\n" : "none was set\n");
	else
		out_printf(text->out, "%sFAILED%s\n", text->alarm, text->off);
	for (size_t i = 0; i < report->n_gate_failures; i++) {
		out_printf(text->out, "  %-18s ", "");
		utf8_print(text->out, report->gate_failures[i].rule);
		out_str(text->out, ": ");
		utf8_print(text->out, report->gate_failures[i].message);
		out_char(text->out, '\n');
	}
}

/* Those without a section: a line each with -v, else how many there are. */
static void put_silent(const struct text *text, const struct report *report, size_t n_shown)
{
	size_t n_silent = report->n_processes - n_shown;
	struct format_buf count;

	if (n_silent == 0 || text->options->quiet)
		return;
	for (size_t i = 0; text->options->verbose && i < report->n_processes; i++)
		if (!is_shown(report, text->options, &report->processes[i]))
			put_line(text, &report->processes[i]);
	if (text->options->verbose)
		return;
	if (n_silent == 1)
		out_str(text->out, "memwatch: 1 other process has nothing to say (-v lists it)\n");
	else
		out_printf(text->out, "memwatch: %s other processes have nothing to say (-v lists them)\n",
			   format_count(&count, n_silent));
}

/* Behind all else, so that the end of the report is a suppression file. */
/* The lines that were written already: of one function there may be many records. */
struct written {
	char **lines;
	size_t n, cap;
};

static void put_lsan_line(struct out *to, struct written *written, const struct report_leak *leak)
{
	struct out *out = out_memory();
	struct err ignored = {0};
	const char *line;
	size_t n, i = 0;

	text_suppression_lsan(out, leak);
	line = out_text(out, &n);
	while (i < written->n && strcmp(written->lines[i], line))
		i++;
	if (i == written->n) {
		out_str(to, line);
		written->lines = xgrow(written->lines, &written->cap, written->n + 1, sizeof(*written->lines));
		written->lines[written->n++] = xstrdup(line);
	}
	out_close(out, &ignored);
}

static void put_new_suppression(const struct text *text, struct written *written, const struct report_leak *leak)
{
	if (text->options->gen_suppressions == GEN_LSAN) {
		if (written->n == 0)
			out_char(text->out, '\n');
		put_lsan_line(text->out, written, leak);
		return;
	}
	out_char(text->out, '\n');
	text_suppression(text->out, leak);
}

static void put_new_suppressions(const struct text *text, const struct report *report)
{
	struct written written = {0};

	for (size_t p = 0; p < report->n_processes; p++) {
		const struct report_process *process = &report->processes[p];
		struct text_cut cut = text_cut(text->options, process);
		size_t listed = 0;

		if (!is_shown(report, text->options, process))
			continue;
		for (size_t i = 0; i < process->n_leaks && listed < cut.n_listed; i++) {
			if (!text_shows(text->options, &process->leaks[i]))
				continue;
			listed++;
			if (!process->leaks[i].suppressed_by)
				put_new_suppression(text, &written, &process->leaks[i]);
		}
	}
	for (size_t i = 0; i < written.n; i++)
		free(written.lines[i]);
	free(written.lines);
}

static size_t count_programs(const struct report *report)
{
	size_t n = 0;

	for (size_t i = 0; i < report->n_processes; i++)
		n += report_process_counts(report, &report->processes[i]) && !report->processes[i].merged;
	return n;
}

static void render_plain(const struct report *report, const struct render_options *options, struct out *out)
{
	struct text text = {.options = options, .out = out, .bold = "", .alarm = "", .good = "", .dim = "", .off = ""};
	size_t n_shown = 0;

	if (options->color) {
		text.bold = "\033[1m";
		text.alarm = "\033[1;31m";
		text.good = "\033[32m";
		text.dim = "\033[2m";
		text.off = "\033[0m";
	}
	for (size_t i = 0; i < report->n_processes; i++) {
		if (!is_shown(report, options, &report->processes[i]))
			continue;
		if (n_shown++)
			out_char(out, '\n');
		put_process(&text, &report->processes[i]);
	}
	if (n_shown && report->n_processes > 1 && (!options->quiet || !report->gate_passed))
		out_char(out, '\n');
	if (count_programs(report) > 2 && n_shown)
		text_tree(&text, report);
	else
		put_silent(&text, report, n_shown);
	put_baseline(&text, report);
	put_gate(&text, report);
	if (options->gen_suppressions)
		put_new_suppressions(&text, report);
}

static void render_memcheck(const struct report *report, const struct render_options *options, struct out *out)
{
	for (size_t i = 0; i < report->n_processes; i++)
		if (is_shown(report, options, &report->processes[i]))
			text_memcheck(options, &report->processes[i], out);
	if (!report->gate_passed)
		text_memcheck_gate(report, out);
}

void render_text(const struct report *report, const struct render_options *options, struct out *out)
{
	if (options->memcheck)
		render_memcheck(report, options, out);
	else
		render_plain(report, options, out);
}
