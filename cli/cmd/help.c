/* memwatch help [COMMAND] */
#include "cli/base/msg.h"
#include "cli/cmd/cmd.h"

#include <string.h>
#include <unistd.h>

static int print_table(void)
{
	struct out *out = out_fd(STDOUT_FILENO, "standard output");
	struct err err = {0};

	opts_print_table(out);
	return out_close(out, &err) ? msg_error(STATUS_FAILED, "%s", err.text) : STATUS_OK;
}

static int unknown(const char *name)
{
	const char *names[16];
	const char *closest;
	size_t n = 0;

	for (; cmd_table[n] && n < MW_ARRAY_LEN(names) - 1; n++)
		names[n] = cmd_table[n]->name;
	names[n] = NULL;
	closest = opts_closest(name, strlen(name), names);
	if (closest)
		return msg_error(STATUS_USAGE, "there is no command %s; is %s meant? See memwatch --help", name,
				 closest);
	return msg_error(STATUS_USAGE, "there is no command %s; see memwatch --help", name);
}

static int run(const struct options *options, int argc, char **argv)
{
	const struct cmd *cmd;

	if (options->options_table)
		return print_table();
	if (argc > 1)
		return msg_error(STATUS_USAGE, "help takes one command; see memwatch --help");
	cmd = argc ? cmd_find(argv[0]) : cmd_table[0];
	return cmd ? cmd_print_help(cmd) : unknown(argv[0]);
}

const struct cmd cmd_help = {
	.name = "help",
	.command = OPTS_HELP,
	.synopsis = "help [COMMAND]",
	.summary = "Shows the options of a command.",
	.details = "",
	.run = run,
};
