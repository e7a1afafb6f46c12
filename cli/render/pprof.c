/*
 * The profiles of pprof. Values are exact, not sampled. --pprof has the sample types of Go's heap profile, in their
 * order, so that it can be compared and merged with others; what has no place there (the peak, what is lost) are
 * profiles of their own.
 */
#include "cli/render/pprof.h"

#include "cli/base/xalloc.h"
#include "cli/render/format.h"
#include "cli/render/pprof_profile.h"
#include "cli/render/render.h"

#include <inttypes.h>
#include <stdlib.h>

static void comment(struct pprof_profile *profile, char *text)
{
	pprof_profile_comment(profile, text);
	free(text);
}

/* How complete it is, in words. */
static void add_comments(struct pprof_profile *profile, const struct report_process *process)
{
	const struct report_completeness *c = &process->completeness;
	const char *program = process->exe ? format_basename(process->exe) : "?";
	struct format_buf n;

	comment(profile,
		xasprintf("%s (pid %d): %s", program, process->pid,
			  c->complete ? "every allocation was recorded" : "the record is not complete"));
	if (c->lost_records)
		comment(profile, xasprintf("%s lost", format_noun(&n, c->lost_records, "record")));
	if (c->truncated_stacks)
		comment(profile, xasprintf("%s not walked to the end", format_noun(&n, c->truncated_stacks, "stack")));
	if (process->totals.inherited_blocks)
		comment(profile, xasprintf("%s of the parent, live at the fork, are not in it",
					   format_noun(&n, process->totals.inherited_blocks, "block")));
	for (size_t i = 0; i < c->n_reasons; i++)
		pprof_profile_comment(profile, c->reasons[i]);
}

static void begin_process(struct pprof_profile *profile, const struct report *report,
			  const struct report_process *process)
{
	char *name;

	pprof_profile_begin(profile, process);
	add_comments(profile, process);
	if (report->n_processes > 1) {
		name = xasprintf("%s/%d", process->exe ? format_basename(process->exe) : "?", process->pid);
		pprof_profile_label(profile, "process", name);
		free(name);
	}
}

/* Of the last process. */
static int64_t end_realtime_ns(const struct report *report)
{
	int64_t last_ns = 0;

	for (size_t i = 0; i < report->n_processes; i++) {
		const struct report_process *process = &report->processes[i];
		int64_t end_ns = process->start_realtime_ns + (int64_t)(process->duration_seconds * 1e9);

		if (end_ns > last_ns)
			last_ns = end_ns;
	}
	return last_ns;
}

static struct pprof_profile *begin(const struct pprof_value_type *types, size_t n_types, const struct report *report,
				   const struct pprof_heap *how)
{
	struct pprof_profile *profile = pprof_profile_new(types, n_types, how->default_type);

	comment(profile, xasprintf("memwatch %s", report->memwatch_version));
	pprof_profile_time(profile, end_realtime_ns(report), how->duration_ns);
	return profile;
}

void pprof_heap(const struct report *report, const struct pprof_heap *how, struct out *out)
{
	static const struct pprof_value_type types[] = {
		{"alloc_objects", "count"},
		{"alloc_space", "bytes"},
		{"inuse_objects", "count"},
		{"inuse_space", "bytes"},
	};
	struct pprof_profile *profile = begin(types, 4, report, how);

	for (size_t p = 0; p < report->n_processes; p++) {
		const struct report_process *process = &report->processes[p];

		begin_process(profile, report, process);
		for (size_t i = 0; i < process->n_sites; i++) {
			const struct report_site *site = &process->sites[i];
			const int64_t values[] = {(int64_t)site->allocated.blocks, (int64_t)site->allocated.bytes,
						  (int64_t)site->live.blocks, (int64_t)site->live.bytes};

			if (values[0] | values[1] | values[2] | values[3])
				pprof_profile_add(profile, &site->stack, values, NULL, NULL);
		}
	}
	pprof_profile_finish(profile, out);
}

void render_pprof(const struct report *report, const struct render_options *options, struct out *out)
{
	static const struct pprof_heap how = {.default_type = "inuse_space"};

	(void)options;
	pprof_heap(report, &how, out);
}

void render_pprof_peak(const struct report *report, const struct render_options *options, struct out *out)
{
	static const struct pprof_value_type types[] = {{"peak_objects", "count"}, {"peak_space", "bytes"}};
	static const struct pprof_heap how = {.default_type = "peak_space"};
	struct pprof_profile *profile = begin(types, 2, report, &how);
	struct format_buf when;

	(void)options;
	for (size_t p = 0; p < report->n_processes; p++) {
		const struct report_process *process = &report->processes[p];

		begin_process(profile, report, process);
		comment(profile,
			xasprintf("live at the peak, at %s", format_seconds(&when, process->totals.peak_seconds)));
		for (size_t i = 0; i < process->n_sites; i++) {
			const struct report_site *site = &process->sites[i];
			const int64_t values[] = {(int64_t)site->peak.blocks, (int64_t)site->peak.bytes};

			if (site->peak.blocks)
				pprof_profile_add(profile, &site->stack, values, NULL, NULL);
		}
	}
	pprof_profile_finish(profile, out);
}

static bool is_lost(const struct report_leak *leak)
{
	return !leak->suppressed_by && (leak->verdict == VERDICT_DEFINITE || leak->verdict == VERDICT_INDIRECT);
}

void render_pprof_leaks(const struct report *report, const struct render_options *options, struct out *out)
{
	static const struct pprof_value_type types[] = {{"leaked_objects", "count"}, {"leaked_space", "bytes"}};
	static const struct pprof_heap how = {.default_type = "leaked_space"};
	struct pprof_profile *profile = begin(types, 2, report, &how);

	(void)options;
	for (size_t p = 0; p < report->n_processes; p++) {
		const struct report_process *process = &report->processes[p];

		begin_process(profile, report, process);
		if (!process->verdicts.scanned && process->verdicts.why_not)
			comment(profile, xasprintf("there are no verdicts: %s", process->verdicts.why_not));
		for (size_t i = 0; i < process->n_leaks; i++) {
			const struct report_leak *leak = &process->leaks[i];
			const int64_t values[] = {(int64_t)leak->direct.blocks, (int64_t)leak->direct.bytes};

			if (is_lost(leak))
				pprof_profile_add(profile, &leak->stack, values, "verdict",
						  verdict_name(leak->verdict));
		}
	}
	pprof_profile_finish(profile, out);
}
