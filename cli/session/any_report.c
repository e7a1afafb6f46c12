#include "cli/session/any_report.h"

#include "cli/load/load_report.h"
#include "cli/record/reader.h"
#include "cli/session/replay.h"
#include "cli/suppress/rules.h"

#include <string.h>

int any_report_open(struct any_report *any, const char *path, const struct options *options, struct err *err)
{
	const struct suppress_set no_suppressions = {0};
	struct options all = *options;

	*any = (struct any_report){.report = {.memwatch_version = MEMWATCH_VERSION, .gate_passed = true}};
	if (strcmp(path, "-") == 0 || !record_is(path))
		return load_report(path, &any->report, err);
	all.show = ~0u; /* fingerprints are made of names: of all stacks */
	any->replay = replay_open(path, err);
	if (any->replay && replay_run(any->replay, &all, &no_suppressions, &any->report, err) == 0)
		return 0;
	any_report_close(any);
	return -1;
}

void any_report_close(struct any_report *any)
{
	report_clear(&any->report);
	replay_close(any->replay);
	*any = (struct any_report){0};
}
