/* The suppressions for one process: those that the command was given, then those that the program has for
 * LeakSanitizer (__lsan_default_suppressions, and the file that __lsan_default_options names). */
#ifndef CLI_SESSION_OWN_RULES_H
#define CLI_SESSION_OWN_RULES_H

#include "cli/suppress/rules.h"

struct process;

struct own_rules {
	struct suppress_set set;
	bool made;
	char problem[768]; /* a full sentence: which of the program's own could not be read; "" = none */
};

/* Whether there can be any: known once the program has begun. */
bool own_rules_any(const struct process *process);

/* Made at the first call. `given` if there are no others. */
const struct suppress_set *own_rules(struct own_rules *rules, const struct process *process,
				     const struct suppress_set *given);

void own_rules_release(struct own_rules *rules);

#endif
