/* memwatch doctor PROGRAM: can it be watched, and what of the system matters for it? */
#include "cli/base/msg.h"
#include "cli/cmd/cmd.h"
#include "cli/launch.h"
#include "cli/preflight.h"
#include "common/io.h"

#include <fcntl.h>
#include <gnu/libc-version.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The first line of a small file; "" when there is none. */
static void read_line(const char *path, char *line, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : io_read_some(fd, line, size - 1);

	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (fd >= 0)
		close(fd);
}

static void print_setting(struct out *out, const char *label, const char *path, const char *absent)
{
	char line[64];

	read_line(path, line, sizeof(line));
	out_printf(out, "  %-18s %s\n", label, line[0] ? line : absent);
}

static void print_system(struct out *out)
{
	struct utsname kernel;

	out_str(out, "system:\n");
	if (!uname(&kernel))
		out_printf(out, "  %-18s %s %s, %s\n", "kernel", kernel.sysname, kernel.release, kernel.machine);
	out_printf(out, "  %-18s %s\n", "glibc", gnu_get_libc_version());
	print_setting(out, "pipe size, most", "/proc/sys/fs/pipe-max-size", "not known");
	print_setting(out, "pipe pages, user", "/proc/sys/fs/pipe-user-pages-soft", "not known");
	print_setting(out, "ptrace_scope", "/proc/sys/kernel/yama/ptrace_scope", "no restriction (no Yama)");
}

static void print_program(struct out *out, const struct preflight *pf)
{
	if (pf->path[0])
		out_printf(out, "  %-18s %s\n", "file", pf->path);
	if (pf->via_shell)
		out_printf(out, "  %-18s %s\n", "run by", "/bin/sh, having no #! line");
	if (pf->binary[0] && strcmp(pf->binary, pf->path))
		out_printf(out, "  %-18s %s\n", "interpreter", pf->binary);
	if (pf->loader[0])
		out_printf(out, "  %-18s %s\n", "loader", pf->loader);
}

/* The verdict, and the exit status that a run would have. */
static int print_verdict(struct out *out, const char *program, const struct preflight *pf, const char *shim,
			 const struct err *no_shim)
{
	if (pf->code != PREFLIGHT_OK) {
		out_printf(out, "cannot be watched: %s\n", pf->problem);
		if (pf->remedy[0])
			out_printf(out, "  %-18s %s\n", "remedy", pf->remedy);
		return preflight_status(pf->code);
	}
	if (!shim) {
		out_printf(out, "%s: could be watched, but %s\n", program, no_shim->text);
		return STATUS_FAILED;
	}
	out_printf(out, "%s: can be watched\n", program);
	return STATUS_OK;
}

static int run(const struct options *options, int argc, char **argv)
{
	struct preflight preflight;
	struct err err = {0}, no_shim = {0};
	struct out *out;
	char *shim;
	int status;

	(void)options;
	if (argc != 1)
		return msg_error(STATUS_USAGE, "doctor takes one PROGRAM; see memwatch help doctor");
	preflight_check(argv[0], &preflight);
	shim = launch_find_shim(&no_shim);
	out = out_fd(STDOUT_FILENO, "standard output");
	status = print_verdict(out, argv[0], &preflight, shim, &no_shim);
	print_program(out, &preflight);
	print_system(out);
	out_printf(out, "  %-18s %s\n", "shim", shim ? shim : "missing");
	free(shim);
	return out_close(out, &err) ? msg_error(STATUS_FAILED, "%s", err.text) : status;
}

const struct cmd cmd_doctor = {
	.name = "doctor",
	.command = OPTS_DOCTOR,
	.synopsis = "doctor PROGRAM",
	.summary = "Says whether PROGRAM can be watched, and what to do if not.",
	.details = "\nExit status: 0 if it can, else that of a run: 125, 126 or 127.\n",
	.run = run,
};
