#include "cli/cmd/suppressions.h"

#include "cli/base/msg.h"
#include "cli/base/pattern.h"

#include <stdlib.h>

int suppressions_read(const struct options *options, const char *program, time_t now, struct suppress_set *set)
{
	struct err err = {0};
	char today[16] = "";
	struct tm tm;

	for (size_t i = 0; i < options->suppressions.n; i++) {
		char *path = pattern_expand_input(options->suppressions.items[i], program, &err);
		int ret = path ? suppress_read(set, path, &err) : -1;

		free(path);
		if (ret)
			return msg_error(STATUS_USAGE, "%s", err.text);
	}
	if (localtime_r(&now, &tm))
		strftime(today, sizeof(today), "%Y-%m-%d", &tm);
	if (!suppress_expire(set, today))
		return STATUS_OK;
	for (size_t i = 0; i < set->n_rules; i++) {
		const struct suppress_rule *rule = &set->rules[i];

		if (rule->expired)
			msg_warning("%s:%u: the suppression expired on %s and is not used: %s", rule->file, rule->line,
				    rule->expires, rule->name);
	}
	return STATUS_OK;
}
