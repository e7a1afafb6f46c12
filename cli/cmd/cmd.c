#include "cli/cmd/cmd.h"

#include "cli/base/msg.h"

#include <string.h>
#include <unistd.h>

const struct cmd *const cmd_table[] = {&cmd_run,   &cmd_report, &cmd_scan, &cmd_stat,       &cmd_top, &cmd_diff,
				       &cmd_merge, &cmd_doctor, &cmd_help, &cmd_completion, NULL};

const struct cmd *cmd_find(const char *name)
{
	for (const struct cmd *const *cmd = cmd_table; *cmd; cmd++) {
		if (!strcmp((*cmd)->name, name))
			return *cmd;
	}
	return NULL;
}

int cmd_print_help(const struct cmd *cmd)
{
	struct out *out = out_fd(STDOUT_FILENO, "standard output");
	struct err err = {0};

	out_printf(out, "Usage: memwatch %s\n%s\n", cmd->synopsis, cmd->summary);
	if (cmd == cmd_table[0]) {
		out_str(out, "\nOther commands:\n");
		for (const struct cmd *const *other = cmd_table + 1; *other; other++)
			out_printf(out, "  memwatch %-17s %s\n", (*other)->synopsis, (*other)->summary);
	}
	opts_print_help(out, cmd->command);
	out_str(out, cmd->details);
	if (out_close(out, &err))
		return msg_error(STATUS_FAILED, "%s", err.text);
	return STATUS_OK;
}
