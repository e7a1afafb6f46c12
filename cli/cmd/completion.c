/* memwatch completion SHELL: what the shell completes command lines with, from the tables of options and commands. */
#include "cli/base/msg.h"
#include "cli/cmd/cmd.h"
#include "cli/opts/complete.h"

#include <string.h>
#include <unistd.h>

/* The commands as the scripts need them; the first is what runs a program. */
static size_t list_commands(struct complete_command *commands, size_t most)
{
	size_t n = 0;

	for (; cmd_table[n] && n < most; n++)
		commands[n] =
			(struct complete_command){cmd_table[n]->name, cmd_table[n]->summary, cmd_table[n]->command};
	return n;
}

static int run(const struct options *options, int argc, char **argv)
{
	struct complete_command commands[32];
	size_t n = list_commands(commands, MW_ARRAY_LEN(commands));
	struct err err = {0};
	struct out *out;
	int ret;

	(void)options;
	if (argc != 1)
		return msg_error(STATUS_USAGE, "completion takes the name of a shell: bash, zsh or fish");
	out = out_fd(STDOUT_FILENO, "standard output");
	ret = complete_print(out, argv[0], commands, n);
	if (out_close(out, &err))
		return msg_error(STATUS_FAILED, "%s", err.text);
	return ret ? msg_error(STATUS_USAGE, "there is no completion for %s; there is for bash, zsh and fish", argv[0])
		   : STATUS_OK;
}

const struct cmd cmd_completion = {
	.name = "completion",
	.command = OPTS_HELP,
	.synopsis = "completion SHELL",
	.summary = "Prints the completions of bash, zsh or fish.",
	.details = "",
	.run = run,
};
