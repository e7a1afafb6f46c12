#include "cli/session/skip.h"

#include "cli/base/xalloc.h"
#include "cli/suppress/glob.h"

#include <stdlib.h>
#include <string.h>

/* The processes that were left out so far, by number. */
struct skipped {
	int *pids;
	size_t n;
};

static size_t find(const struct skipped *skipped, int pid)
{
	size_t i = 0;

	while (i < skipped->n && skipped->pids[i] != pid)
		i++;
	return i;
}

static bool matches(const char *patterns, const char *path)
{
	bool found = false;

	for (const char *s = patterns; path && *s && !found;) {
		size_t n = strcspn(s, ",");
		char *pattern = xstrndup(s, n);

		found = glob_match(pattern, path);
		free(pattern);
		s += n + (s[n] == ',');
	}
	return found;
}

/* A child of a skipped process, a program that one became, or a program that the patterns name. */
static bool is_skipped(const struct skipped *skipped, const struct report_process *process, const char *patterns)
{
	if (process->origin == ORIGIN_RUN)
		return false;
	if (find(skipped, process->parent_pid) < skipped->n)
		return true;
	if (process->origin == ORIGIN_EXEC && find(skipped, process->pid) < skipped->n)
		return true;
	return process->origin == ORIGIN_EXEC && matches(patterns, process->exe);
}

void skip_processes(struct report *report, const char *patterns)
{
	struct skipped skipped = {.pids = xcalloc(report->n_processes + 1, sizeof(int))};
	size_t kept = 0;

	for (size_t i = 0; i < report->n_processes; i++) {
		struct report_process *process = &report->processes[i];
		size_t at = find(&skipped, process->pid);

		if (is_skipped(&skipped, process, patterns)) {
			if (at == skipped.n)
				skipped.pids[skipped.n++] = process->pid;
			report_process_clear(process);
			continue;
		}
		if (at < skipped.n && process->origin == ORIGIN_FORK) /* its number is another's now */
			skipped.pids[at] = skipped.pids[--skipped.n];
		report->processes[kept++] = *process;
	}
	report->n_processes = kept;
	free(skipped.pids);
}
