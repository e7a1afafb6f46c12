/*
 * Annotations of GitHub Actions: commands in the log, "::error file=F,line=N,title=T::MESSAGE". It shows 10 of each
 * level for a step; so many are written, the gravest first, gates that failed before all. Nothing is written if there
 * is nothing to tell. An empty line comes first, for a command has to begin a line and the program may have left one
 * open.
 */
#include "cli/render/render.h"

#include "cli/base/xalloc.h"
#include "cli/render/findings.h"
#include "cli/render/format.h"

#include <stdlib.h>
#include <string.h>

#define MAX_OF_LEVEL 10
#define MAX_FRAMES   15

struct github {
	const struct render_options *options;
	struct out *out;
	size_t n_of_level[FINDING_ERROR + 1];
};

/* Percent signs and line ends; in properties their separators too. */
static void put_escaped(struct out *out, const char *text, bool property)
{
	for (; *text; text++) {
		if (*text == '%' || *text == '\r' || *text == '\n' || (property && (*text == ':' || *text == ',')))
			out_printf(out, "%%%02X", (unsigned)*text);
		else
			out_char(out, *text);
	}
}

/* True if one more of this level is shown. */
static bool begin(struct github *github, enum finding_level level)
{
	static const char *const names[] = {
		[FINDING_NOTE] = "notice", [FINDING_WARNING] = "warning", [FINDING_ERROR] = "error"};

	if (github->n_of_level[level]++ >= MAX_OF_LEVEL)
		return false;
	if (github->n_of_level[FINDING_NOTE] + github->n_of_level[FINDING_WARNING] +
		    github->n_of_level[FINDING_ERROR] ==
	    1)
		out_char(github->out, '\n');
	out_printf(github->out, "::%s ", names[level]);
	return true;
}

static void put_property(struct github *github, const char *name, const char *value)
{
	out_printf(github->out, "%s=", name);
	put_escaped(github->out, value, true);
}

static void put_gate(struct github *github, const struct report_gate_failure *failure)
{
	if (!begin(github, FINDING_ERROR))
		return;
	put_property(github, "title", "memwatch: the gate ");
	put_escaped(github->out, failure->rule, true);
	out_str(github->out, " failed::");
	put_escaped(github->out, failure->message, false);
	out_char(github->out, '\n');
}

static void put_message(struct github *github, const struct finding *finding)
{
	struct out *text = out_memory();
	char *message = finding_message(finding), *lines;

	out_printf(text, "%s\n", message);
	if (finding->stack)
		finding_put_stack(text, &github->options->source, finding->stack, "  ", MAX_FRAMES);
	lines = xstrdup(out_text(text, NULL));
	lines[strlen(lines) - 1] = '\0';
	put_escaped(github->out, lines, false);
	free(lines);
	out_close(text, NULL);
	free(message);
}

static void put_finding(struct github *github, const struct finding *finding)
{
	struct source_place place;
	char *title;

	if (!begin(github, finding->level))
		return;
	place = finding_place(finding, &github->options->source);
	if (place.in_root) {
		put_property(github, "file", place.path);
		out_printf(github->out, ",line=%u,", place.line);
	}
	source_place_release(&place);
	title = finding_title(finding);
	put_property(github, "title", "memwatch: ");
	put_escaped(github->out, title, true);
	free(title);
	out_str(github->out, "::");
	put_message(github, finding);
	out_char(github->out, '\n');
}

void render_github(const struct report *report, const struct render_options *options, struct out *out)
{
	struct findings findings = findings_collect(report, options);
	struct github github = {.options = options, .out = out};
	struct format_buf count;
	size_t n_cut = 0;

	for (size_t i = 0; i < report->n_gate_failures; i++)
		put_gate(&github, &report->gate_failures[i]);
	for (size_t i = 0; i < findings.n; i++)
		put_finding(&github, &findings.items[i]);
	for (int level = 0; level <= FINDING_ERROR; level++)
		if (github.n_of_level[level] > MAX_OF_LEVEL)
			n_cut += github.n_of_level[level] - MAX_OF_LEVEL;
	if (n_cut)
		out_printf(out, "memwatch: %s not annotated: GitHub shows %d of a kind\n",
			   format_noun(&count, n_cut, "more finding"), MAX_OF_LEVEL);
	findings_release(&findings);
}
