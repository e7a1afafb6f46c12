/*
 * memwatch doctor PROGRAM: can it be watched, and what of the system matters for it? With --self-test: does watching
 * work here at all?
 */
#include "cli/base/msg.h"
#include "cli/cmd/cmd.h"
#include "cli/cmd/selftest.h"
#include "cli/scan/stop.h"
#include "cli/start/launch.h"
#include "cli/start/preflight.h"
#include "cli/symbols/object_file.h"
#include "common/io.h"

#include <fcntl.h>
#include <gnu/libc-version.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
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

static void print_tracer(struct out *out)
{
	FILE *file = fopen("/proc/self/status", "re");
	char line[128];
	int tracer = 0;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "TracerPid: %d", &tracer) == 1)
			break;
	if (file)
		fclose(file);
	if (tracer)
		out_printf(out, "  %-18s process %d\n", "traced by", tracer);
	else
		out_printf(out, "  %-18s nobody\n", "traced by");
}

/* Tried out on a child, as a program would be: what forbids it may be Yama, a container's rules, or a debugger that
 * follows children. */
static void print_stopping(struct out *out)
{
	pid_t child = fork();
	struct stop stop;

	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	if (child < 0)
		return;
	if (stop_begin(&stop, child) == 0)
		out_printf(out, "  %-18s can be stopped for a leak scan\n", "threads");
	else
		out_printf(out, "  %-18s cannot be stopped (ptrace: %s): with threads, verdicts are not certain\n",
			   "threads", strerror(stop.error));
	stop_end(&stop);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
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
	print_tracer(out);
	print_stopping(out);
}

static void print_debug_info(struct out *out, const char *path)
{
	struct object_file file;
	uint64_t bias;

	if (object_file_open(&file, path, NULL, 0))
		return;
	out_printf(out, "  %-18s %s\n", "debug information",
		   object_file_dwarf(&file, &bias) ? "found" : "none: no lines, build with -g");
	object_file_release(&file);
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
	if (pf->code == PREFLIGHT_OK)
		print_debug_info(out, pf->binary[0] ? pf->binary : pf->path);
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
	int status, program_status;

	if (options->self_test_victim)
		return selftest_victim();
	if (argc > 1 || (argc == 0 && !options->self_test))
		return msg_error(STATUS_USAGE, "doctor takes one PROGRAM; see memwatch help doctor");
	shim = launch_find_shim(&no_shim);
	out = out_fd(STDOUT_FILENO, "standard output");
	status = options->self_test ? selftest_run(out) : STATUS_OK;
	if (argc == 1) {
		preflight_check(argv[0], &preflight);
		program_status = print_verdict(out, argv[0], &preflight, shim, &no_shim);
		status = program_status ? program_status : status;
		print_program(out, &preflight);
	}
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
	.details = "\nPROGRAM may be left out with --self-test.\nExit status: 0 if it can, else that of a run: 125, "
		   "126 or 127. 125 also if --self-test did not "
		   "find all.\n",
	.run = run,
};
