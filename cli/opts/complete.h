/* Scripts by which shells complete the command line, generated from the option table. */
#ifndef CLI_OPTS_COMPLETE_H
#define CLI_OPTS_COMPLETE_H

#include "cli/base/out.h"

#include <stddef.h>

struct complete_command {
	const char *name, *summary;
	unsigned options; /* set of enum opts_command */
};

/* For "bash", "zsh" or "fish"; -1 for another. The first command is the one that runs a program, and the default. */
int complete_print(struct out *out, const char *shell, const struct complete_command *commands, size_t n);

#endif
