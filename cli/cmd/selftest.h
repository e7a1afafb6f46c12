/* A positive control: a planted leak of each kind must be found in this very environment. */
#ifndef CLI_CMD_SELFTEST_H
#define CLI_CMD_SELFTEST_H

#include "cli/base/out.h"

/* Watches memwatch itself, run as the victim, and tells for each kind whether it was found. STATUS_OK, STATUS_FAILED if
 * anything was not. */
int selftest_run(struct out *out);

/* The victim: loses one block of each kind and holds one. Returns the exit status. */
int selftest_victim(void);

#endif
