/* The commands: one file and one const entry each. A new one is its file and a line in cmd.c. */
#ifndef CLI_CMD_CMD_H
#define CLI_CMD_CMD_H

#include "cli/opts/opts.h"

/* What a command returns to die of a signal when all is freed. */
#define CMD_DIE_OF(sig) (256 + (sig))

struct cmd {
	const char *name;
	enum opts_command command;
	const char *synopsis; /* behind "memwatch " */
	const char *summary;
	const char *details; /* for --help, behind the options; "" = none */
	/* `argv`, ended by NULL, is what follows the options. Returns the exit status. */
	int (*run)(const struct options *options, int argc, char **argv);
};

extern const struct cmd cmd_run, cmd_report, cmd_scan, cmd_stat, cmd_top, cmd_diff, cmd_merge, cmd_doctor, cmd_help,
	cmd_completion;

/* All, ended by NULL; the first is the default. */
extern const struct cmd *const cmd_table[];

/* NULL if there is no such command. */
const struct cmd *cmd_find(const char *name);

/* Prints the help of one command to stdout. Returns the exit status. */
int cmd_print_help(const struct cmd *cmd);

#endif
