#include "cli/render/stat.h"

#include "cli/render/format.h"
#include "cli/render/json_values.h"
#include "cli/render/text_memstats.h"
#include "cli/render/utf8.h"
#include "common/compiler.h"

#include <string.h>

static const char *program_of(const struct report_process *process)
{
	if (process->exe)
		return process->exe;
	return process->argc ? process->argv[0] : NULL;
}

/* Of the last point of the history; 0 = not known. */
static uint64_t resident_bytes(const struct report_process *process)
{
	return process->n_history ? process->history[process->n_history - 1].rss_bytes : 0;
}

static void put_process(const struct report_process *process, const struct render_options *options, struct out *out)
{
	const char *program = program_of(process);
	struct format_buf a;

	out_printf(out, "%d ", process->pid);
	utf8_print(out, program ? format_basename(program) : "?");
	out_printf(out, ", %s after its start\n", format_seconds(&a, process->duration_seconds));
	memstats_print(process, "", out);
	if (options->verbose)
		memstats_print_sizes(&process->memstats, "", out);
}

void render_stat_text(const struct report *report, const struct render_options *options, struct out *out)
{
	for (size_t i = 0; i < report->n_processes; i++)
		put_process(&report->processes[i], options, out);
}

void render_stat_json(const struct report *report, const struct render_options *options, struct out *out)
{
	(void)options;
	for (size_t i = 0; i < report->n_processes; i++) {
		const struct report_process *process = &report->processes[i];
		struct json_stream stream = {.out = out};
		uint64_t resident = resident_bytes(process);

		json_stream_begin(&stream, NULL, '{');
		json_write_text(&stream, "schema", "memwatch-stat/1");
		json_write_integer(&stream, "pid", process->pid);
		json_write_text(&stream, "exe", program_of(process));
		json_write_measure(&stream, "seconds", process->duration_seconds);
		json_write_totals(&stream, &process->totals);
		json_stream_value(&stream, "rss_bytes", resident ? json_number(resident) : json_null());
		json_write_number(&stream, "scans", process->verdicts.scans);
		json_write_number(&stream, "pause_ns_total", process->verdicts.pause_ns_total);
		json_write_memstats(&stream, &process->memstats);
		json_stream_end(&stream);
	}
}

const struct render_format *render_stat_find(const char *name)
{
	static const struct render_format formats[] = {{"text", render_stat_text, .shown_only = false},
						       {"json", render_stat_json, .shown_only = false}};

	for (size_t i = 0; i < MW_ARRAY_LEN(formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}
