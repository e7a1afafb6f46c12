#include "cli/outputs/outputs.h"

#include "cli/base/out.h"
#include "cli/base/pattern.h"
#include "cli/base/xalloc.h"
#include "cli/outputs/source_root.h"
#include "cli/render/render.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A process and the file that it goes to. */
struct placed {
	char *path;
	size_t index;
};

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

bool outputs_wants_color(enum color_when when, bool is_terminal)
{
	const char *force = getenv("CLICOLOR_FORCE"), *clicolor = getenv("CLICOLOR"), *term = getenv("TERM");

	if (when != COLOR_AUTO)
		return when == COLOR_ALWAYS;
	if (is_set("NO_COLOR"))
		return false;
	if (force && *force && strcmp(force, "0"))
		return true;
	if (clicolor && !strcmp(clicolor, "0"))
		return false;
	return is_terminal && term && strcmp(term, "dumb");
}

static int output_fd(const char *path)
{
	if (!path)
		return STDERR_FILENO;
	return strcmp(path, "-") ? out_descriptor(path) : STDOUT_FILENO;
}

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), n_end = strlen(end);

	return n > n_end && !strcmp(name + n - n_end, end);
}

static enum render_packing packing_of(const char *path)
{
	if (path && ends_with(path, ".gz"))
		return PACKING_GZIP;
	return path && ends_with(path, ".zst") ? PACKING_ZSTD : PACKING_NONE;
}

static void render(const struct render_format *format, const struct options *options, const struct report *report,
		   const char *path, int fd, struct out *out)
{
	struct render_options how = {
		.top = options->top,
		.show = options->show,
		.verbose = options->verbose,
		.quiet = options->quiet,
		.gen_suppressions = options->gen_suppressions,
		.memcheck = options->memcheck,
		.color = outputs_wants_color((enum color_when)options->color, fd >= 0 && isatty(fd)),
		.packing = packing_of(path),
		.source = source_root_find(options->source_root),
	};

	format->render(report, &how, out);
	source_root_release(&how.source);
}

void outputs_render(const char *format, const struct options *options, const struct report *report, struct out *out)
{
	render(render_format_find(format), options, report, NULL, -1, out);
}

/* With --quiet a report may be empty, and then there is to be no file. */
static bool is_empty(const struct render_format *format, const struct options *options, const struct report *report)
{
	struct out *out = out_memory();
	struct err ignored = {0};
	size_t n;

	render(format, options, report, NULL, -1, out);
	out_text(out, &n);
	out_close(out, &ignored);
	return n == 0;
}

static int write_file(const struct render_format *format, const struct options *options, const struct report *report,
		      const char *path, struct err *err)
{
	struct out *out;

	/* in valgrind's words an empty log means that nothing was found: CTest wants to see one; so does whoever reads
	 * another format */
	if (options->quiet && !options->memcheck && !strcmp(format->name, "text") && is_empty(format, options, report))
		return 0;
	out = path ? out_open(path, err) : out_fd(STDERR_FILENO, "standard error");
	if (!out)
		return -1;
	render(format, options, report, path, output_fd(path), out);
	return out_close(out, err);
}

static int by_path(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

static const char *program_of(const struct report_process *process)
{
	if (process->exe)
		return process->exe;
	return process->argc ? process->argv[0] : NULL;
}

/* The name for the process of this index. */
static char *expand(const char *pattern, const struct report *report, size_t index, time_t start, struct err *err)
{
	const struct report_process *process = index < report->n_processes ? &report->processes[index] : NULL;
	struct pattern_values values = {.sequence = (unsigned)index + 1, .time = start};

	if (process) {
		values.pid = process->pid;
		values.program = program_of(process);
		if (!start)
			values.time = (time_t)(process->start_realtime_ns / 1000000000);
	}
	return pattern_expand(pattern, &values, err);
}

char *outputs_path(const char *pattern, const struct report *report, time_t start, struct err *err)
{
	return expand(pattern, report, 0, start, err);
}

/* The file of each process; NULL and `err` when the pattern cannot be expanded. */
static struct placed *place(const char *pattern, const struct report *report, time_t start, struct err *err)
{
	struct placed *placed = xcalloc(report->n_processes, sizeof(*placed));

	for (size_t i = 0; i < report->n_processes; i++) {
		placed[i].index = i;
		placed[i].path = expand(pattern, report, i, start, err);
		if (!placed[i].path) {
			while (i > 0)
				free(placed[--i].path);
			free(placed);
			return NULL;
		}
	}
	qsort(placed, report->n_processes, sizeof(*placed), by_path);
	return placed;
}

/* Processes that the pattern gives the same name share the file. */
static int write_each(const struct render_format *format, const struct options *options, const char *pattern,
		      const struct report *report, time_t start, struct err *err)
{
	struct placed *placed = place(pattern, report, start, err);
	struct report part = *report;
	int ret = 0;

	if (!placed)
		return -1;
	part.processes = xcalloc(report->n_processes, sizeof(*part.processes));
	for (size_t i = 0, end; i < report->n_processes; i = end) {
		for (end = i; end < report->n_processes && !strcmp(placed[end].path, placed[i].path); end++)
			part.processes[end - i] = report->processes[placed[end].index];
		part.n_processes = end - i;
		if (write_file(format, options, &part, placed[i].path, err))
			ret = -1;
	}
	for (size_t i = 0; i < report->n_processes; i++)
		free(placed[i].path);
	free(placed);
	free(part.processes); /* shallow copies */
	return ret;
}

int outputs_write(const struct opts_output *output, const struct options *options, const struct report *report,
		  time_t start, struct err *err)
{
	const struct render_format *format = render_format_find(output->format);
	char *path;
	int ret;

	if (!format)
		return err_set(err, "there is no report format named %s", output->format);
	if (!output->path)
		return write_file(format, options, report, NULL, err);
	if (pattern_per_process(output->path))
		return write_each(format, options, output->path, report, start, err);
	path = outputs_path(output->path, report, start, err);
	if (!path)
		return -1;
	ret = write_file(format, options, report, path, err);
	free(path);
	return ret;
}

bool outputs_gives_way(const struct options *options, const struct opts_output *output)
{
	for (size_t i = 0; i < options->n_outputs && !output->path; i++)
		if (options->outputs[i].path && !strcmp(options->outputs[i].path, "-"))
			return true;
	return false;
}

/* Whether all outputs tell only what the text shows. */
static bool only_shown(const struct options *options)
{
	/* what is suppressed is then listed, whatever its verdict */
	if (options->verbose && options->suppressions.n)
		return 0;
	for (size_t i = 0; i < options->n_outputs; i++) {
		const struct render_format *format = render_format_find(options->outputs[i].format);

		if (format && !format->shown_only)
			return false;
	}
	return true;
}

unsigned outputs_unread_verdicts(const struct options *options)
{
	/* a baseline has the fingerprints of all */
	if (!only_shown(options) || options->baseline || options->write_baseline)
		return 0;
	return ~(options->show | 1u << VERDICT_UNCLASSIFIED) & ((1u << N_VERDICTS) - 1);
}

size_t outputs_peak_stacks(const struct options *options)
{
	size_t most = options->verbose ? RENDER_PEAK_STACKS : options->github;

	if (!only_shown(options))
		return 100;
	for (size_t i = 0; i < options->n_outputs; i++) {
		const struct render_format *format = render_format_find(options->outputs[i].format);

		if (format && format->peak && most == 0)
			most = 1;
	}
	return most;
}

static bool reads_sites(const struct render_format *format)
{
	return format->sites;
}

static bool reads_ages(const struct render_format *format)
{
	return format->ages;
}

static bool any_output(const struct options *options, bool (*reads)(const struct render_format *format))
{
	for (size_t i = 0; i < options->n_outputs; i++) {
		const struct render_format *format = render_format_find(options->outputs[i].format);

		if (format && reads(format))
			return true;
	}
	return false;
}

const char *outputs_events_path(const struct options *options)
{
	for (size_t i = 0; i < options->n_outputs; i++) {
		const struct render_format *format = render_format_find(options->outputs[i].format);

		if (format && format->events)
			return options->outputs[i].path;
	}
	return NULL;
}

bool outputs_want_sites(const struct options *options)
{
	return any_output(options, reads_sites);
}

static bool reads_memstats(const struct render_format *format)
{
	return format->memstats;
}

bool outputs_want_memstats(const struct options *options)
{
	return options->verbose || any_output(options, reads_memstats);
}

bool outputs_want_ages(const struct options *options)
{
	return any_output(options, reads_ages);
}
