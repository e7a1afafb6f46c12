/* One run of a program under watch: capture, launch, event loop, reports. Prints what its user must know on stderr. */
#ifndef CLI_SESSION_SESSION_H
#define CLI_SESSION_SESSION_H

#include "cli/opts/opts.h"
#include "cli/outputs/gates.h"
#include "cli/start/preflight.h"

struct suppress_set;

struct session_end {
	int status; /* exit status, the program's or memwatch's own */
	int signal; /* 0, or the signal that memwatch is to die of as the program did */
};

/* Runs `argv` as `preflight` found it, has `gates` judge and writes the reports, without what `suppressions` (none: an
 * empty set) has. A failed gate changes the status of a program that succeeded. */
struct session_end session_run(const struct options *options, const struct preflight *preflight,
			       const struct suppress_set *suppressions, struct gates *gates, char **argv);

#endif
