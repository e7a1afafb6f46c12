#include "cli/session/own_rules.h"

#include "cli/model/process.h"
#include "cli/suppress/lsan_flags.h"
#include "cli/suppress/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SAID_NAME "__lsan_default_suppressions" /* stands for a file's name */

bool own_rules_any(const struct process *process)
{
	const struct process_lsan *lsan = process_lsan(process);

	return lsan->suppressions || lsan->options;
}

static void read_said(struct own_rules *rules, const char *text)
{
	struct err err = {0};

	if (text && suppress_parse(&rules->set, SAID_NAME, text, strlen(text), &err) < 0)
		snprintf(rules->problem, sizeof(rules->problem),
			 "Of what the program says by " SAID_NAME "(), only what is before the error was used: %s.",
			 err.text);
}

/* As LeakSanitizer: relative to the folder of now, else to the program's. */
static void read_named(struct own_rules *rules, const struct process *process, const char *name)
{
	const char *slash = process->exe ? strrchr(process->exe, '/') : NULL;
	struct err err = {0};
	char path[4096];

	snprintf(path, sizeof(path), "%s", name);
	if (*name != '/' && slash && access(name, F_OK))
		snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - process->exe), process->exe, name);
	if (suppress_read(&rules->set, path, &err) < 0)
		snprintf(rules->problem, sizeof(rules->problem),
			 "The suppressions that the program's __lsan_default_options() names were not used: %s.",
			 err.text);
}

const struct suppress_set *own_rules(struct own_rules *rules, const struct process *process,
				     const struct suppress_set *given)
{
	const struct process_lsan *lsan = process_lsan(process);
	time_t start = (time_t)(process->start_realtime_ns / 1000000000);
	char today[16] = "", *name;
	struct tm tm;

	if (!own_rules_any(process))
		return given;
	if (rules->made)
		return &rules->set;
	rules->made = true;
	suppress_append(&rules->set, given);
	read_said(rules, lsan->suppressions);
	name = lsan->options ? lsan_flag(lsan->options, "suppressions") : NULL;
	if (name && *name)
		read_named(rules, process, name);
	free(name);
	if (localtime_r(&start, &tm))
		strftime(today, sizeof(today), "%Y-%m-%d", &tm);
	suppress_expire(&rules->set, today);
	return &rules->set;
}

void own_rules_release(struct own_rules *rules)
{
	suppress_release(&rules->set);
	*rules = (struct own_rules){0};
}
