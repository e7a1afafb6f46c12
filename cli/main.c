/* From arguments to a command and its exit status. */
#include "cli/base/msg.h"
#include "cli/base/xalloc.h"
#include "cli/cmd/cmd.h"
#include "cli/opts/opts.h"
#include "cli/opts/rc.h"
#include "cli/start/signals.h"

#include <stdio.h>

/* --help and --version are answered even when a configuration file is wrong. -1: neither was asked for. */
static int answer_at_once(const struct cmd *cmd, int argc, char **argv)
{
	struct options options;
	struct err err = {0};
	int ret = -1;

	opts_init(&options);
	if (opts_parse(&options, cmd->command, argc, argv, &err) < 0)
		ret = msg_error(STATUS_USAGE, "%s", err.text);
	else if (options.help)
		ret = cmd_print_help(cmd);
	else if (options.version)
		ret = printf("memwatch %s\n", MEMWATCH_VERSION) < 0 || fflush(stdout) ? STATUS_FAILED : STATUS_OK;
	opts_release(&options);
	return ret;
}

static int run_command(const struct cmd *cmd, int argc, char **argv)
{
	struct err err = {0}, remark = {0};
	struct options options;
	int first, ret = answer_at_once(cmd, argc, argv);

	if (ret >= 0)
		return ret;
	opts_init(&options);
	if (rc_load(&options, &remark, &err)) {
		ret = msg_error(STATUS_USAGE, "%s", err.text);
	} else {
		if (remark.text[0])
			msg_warning("%s", remark.text);
		first = opts_parse(&options, cmd->command, argc, argv, &err);
		if (first < 0 || opts_check_files(&options, &err))
			ret = msg_error(STATUS_USAGE, "%s", err.text);
		else
			ret = cmd->run(&options, argc - first, argv + first);
	}
	opts_release(&options);
	return ret;
}

int main(int argc, char **argv)
{
	const struct cmd *cmd = argc > 1 ? cmd_find(argv[1]) : NULL;
	int status;

	xalloc_start();
	if (cmd)
		status = run_command(cmd, argc - 1, argv + 1);
	else
		status = run_command(cmd_table[0], argc, argv);
	if (status >= CMD_DIE_OF(0)) {
		signals_die(status - CMD_DIE_OF(0));
		status = 128 + status - CMD_DIE_OF(0); /* PID 1 of a container cannot be killed so */
	}
	return status;
}
