/* What commands on a running, watched process have in common: `memwatch scan PID`, `memwatch stat PID`. */
#ifndef CLI_CMD_RUNNING_H
#define CLI_CMD_RUNNING_H

#include "cli/opts/opts.h"
#include "cli/serve/request.h"

/* Reads the one argument PID; the exit status when that is wrong, else 0. */
int running_pid(const char *command, int argc, char **argv, int *pid);

/* Asks for the outputs that the options name and writes them; what has no file goes to stdout. Returns the exit status;
 * on failure `err` says why and nothing was printed. */
int running_ask(const struct options *options, enum request_verb verb, int pid, struct err *err);

#endif
