/*
 * Odd cases: a script's own set-user-id bit counts for nothing, its interpreter's does; a file that may be executed but
 * not read is let through unchecked; the loader itself (`ld.so ./prog`) has no interpreter but does preload.
 */
#include "cli/start/preflight.h"

#include "cli/base/status.h"
#include "cli/start/elfcheck.h"
#include "cli/start/securexec.h"
#include "common/compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRIPT_LEVELS_MAX 4   /* the kernel gives up with ELOOP beyond */
#define SCRIPT_LINE_BYTES 256 /* what the kernel reads of a #! line (BINPRM_BUF_SIZE) */
#define GLIBC_LOADER      "ld-linux-x86-64.so.2"

static void check_file(struct preflight *pf, const char *path, unsigned level);

MW_PRINTF(4, 5)
static void refuse(struct preflight *pf, enum preflight_code code, const char *remedy, const char *fmt, ...)
{
	va_list ap;

	pf->code = code;
	snprintf(pf->remedy, sizeof(pf->remedy), "%s", remedy);
	va_start(ap, fmt);
	vsnprintf(pf->problem, sizeof(pf->problem), fmt, ap);
	va_end(ap);
}

/* ---- which file */

/* 0, or the errno that execve() would give for reasons of access. */
static int executable(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return errno;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) ? errno : 0;
}

/* As execvp(): an empty element is the current folder, and what cannot be executed is passed over. */
static int search_path(const char *program, char *path)
{
	const char *dirs = getenv("PATH");
	int found = ENOENT;

	if (!dirs)
		dirs = "/bin:/usr/bin";
	for (;; dirs++) {
		size_t n = strcspn(dirs, ":");
		int errnum;

		if (snprintf(path, PATH_MAX, "%.*s%s%s", (int)n, dirs, n ? "/" : "", program) < PATH_MAX) {
			errnum = executable(path);
			if (!errnum)
				return 0;
			if (errnum == EACCES)
				found = EACCES;
		}
		dirs += n;
		if (!*dirs)
			return found;
	}
}

static int find_program(struct preflight *pf, const char *program)
{
	int errnum;

	if (strlen(program) >= PATH_MAX - 1) {
		errnum = ENAMETOOLONG;
	} else if (strchr(program, '/')) {
		snprintf(pf->path, sizeof(pf->path), "%s", program);
		errnum = executable(program);
	} else {
		errnum = *program ? search_path(program, pf->path) : ENOENT;
	}
	if (!errnum)
		return 0;
	if (errnum == ENOENT && !strchr(program, '/'))
		refuse(pf, PREFLIGHT_NOT_FOUND, "Give its path, or check PATH.", "%s is not found in PATH", program);
	else if (errnum == ENOENT || errnum == ENOTDIR)
		refuse(pf, PREFLIGHT_NOT_FOUND, "", "%s does not exist", program);
	else if (errnum == EACCES)
		refuse(pf, PREFLIGHT_CANNOT_EXECUTE, "",
		       "%s cannot be executed: it is a folder, or has no execute permission", program);
	else
		refuse(pf, PREFLIGHT_CANNOT_EXECUTE, "", "%.200s cannot be executed: %s", program, strerror(errnum));
	pf->path[0] = '\0';
	return -1;
}

/* ---- what kind of file */

static void check_secure(struct preflight *pf, const char *path, int fd)
{
	static const char remedy[] =
		"Watch a copy without these rights (cp and run the copy), or run memwatch as the user "
		"that the program changes to.";
	struct securexec_user user;
	struct securexec_file file;

	securexec_read_user(&user);
	if (securexec_read_file(fd, &file))
		return;
	switch (securexec_decide(&user, &file)) {
	case SECUREXEC_NO:
		break;
	case SECUREXEC_SETUID:
		refuse(pf, PREFLIGHT_SECURE, remedy,
		       "%s is set-user-id, and the loader preloads nothing into such programs", path);
		break;
	case SECUREXEC_SETGID:
		refuse(pf, PREFLIGHT_SECURE, remedy,
		       "%s is set-group-id, and the loader preloads nothing into such programs", path);
		break;
	case SECUREXEC_CAPABILITIES:
		refuse(pf, PREFLIGHT_SECURE, remedy,
		       "%s has file capabilities, and the loader preloads nothing into such programs", path);
		break;
	case SECUREXEC_CALLER:
		refuse(pf, PREFLIGHT_SECURE, "Start memwatch with equal real and effective ids.",
		       "%s would run with differing real and effective ids, and the loader then preloads nothing",
		       path);
		break;
	}
}

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_loader(const char *path)
{
	char real[PATH_MAX];

	return realpath(path, real) && !strcmp(last_component(real), GLIBC_LOADER);
}

static void check_loader(struct preflight *pf, const char *path, const char *loader)
{
	const char *name = last_component(loader);

	snprintf(pf->loader, sizeof(pf->loader), "%s", loader);
	if (!strncmp(name, "ld-musl", 7))
		refuse(pf, PREFLIGHT_LIBC, "Watch a build against glibc, for example in a Debian container.",
		       "%s is linked with musl, and memwatch needs glibc", path);
	else if (strcmp(name, GLIBC_LOADER))
		refuse(pf, PREFLIGHT_LIBC, "Watch a build against glibc.",
		       "%s is started by %s, and memwatch needs glibc's " GLIBC_LOADER, path, loader);
	else if (executable(loader))
		refuse(pf, PREFLIGHT_NOT_FOUND, "Install glibc's loader there.", "the loader %s of %s is missing",
		       loader, path);
}

static void check_elf(struct preflight *pf, const char *path, int fd, const struct elf_info *elf)
{
	snprintf(pf->binary, sizeof(pf->binary), "%s", path);
	switch (elf->verdict) {
	case ELF_DYNAMIC:
		check_loader(pf, path, elf->interpreter);
		if (elf->sanitizer)
			refuse(pf, PREFLIGHT_SANITIZER, "Watch a build without that -fsanitize option.",
			       "%s is built with %s, whose runtime lets nothing be preloaded before it", path,
			       elf->sanitizer);
		break;
	case ELF_STATIC:
		if (!is_loader(path))
			refuse(pf, PREFLIGHT_STATIC,
			       "Link it dynamically: without -static or -static-pie; Go: with cgo or "
			       "-linkmode=external; Rust: a -gnu target without +crt-static.",
			       "%s is statically linked, so that nothing can be preloaded into it", path);
		break;
	case ELF_FOREIGN:
		refuse(pf, PREFLIGHT_FOREIGN, "Watch a build for x86-64.",
		       "%s is for %s, and this memwatch watches x86-64 programs", path, elf->machine);
		break;
	case ELF_NOT_PROGRAM:
		refuse(pf, PREFLIGHT_CANNOT_EXECUTE, "", "%s cannot be executed: it is an object file, not a program",
		       path);
		break;
	case ELF_BROKEN:
	case ELF_NONE:
		refuse(pf, PREFLIGHT_CANNOT_EXECUTE, "", "%s cannot be executed: its ELF headers are damaged", path);
		break;
	}
	if (pf->code == PREFLIGHT_OK)
		check_secure(pf, path, fd);
}

/* `env NAME …` is how most scripts find their interpreter: look at NAME, too. */
static void check_env_argument(struct preflight *pf, char *argument, unsigned level)
{
	char path[PATH_MAX];

	argument[strcspn(argument, " \t")] = '\0';
	if (!*argument || *argument == '-' || strchr(argument, '=') || strchr(argument, '/'))
		return;
	if (!search_path(argument, path))
		check_file(pf, path, level + 1);
}

/* `line` is what follows "#!", up to the end of the line. */
static void check_script(struct preflight *pf, const char *path, char *line, unsigned level)
{
	char *interpreter = line + strspn(line, " \t");
	char *argument = interpreter + strcspn(interpreter, " \t");
	int errnum;

	if (*argument)
		*argument++ = '\0';
	argument += strspn(argument, " \t");
	if (!*interpreter) {
		refuse(pf, PREFLIGHT_CANNOT_EXECUTE, "", "%s cannot be executed: its #! line names no interpreter",
		       path);
		return;
	}
	errnum = executable(interpreter);
	if (errnum == ENOENT || errnum == ENOTDIR) {
		refuse(pf, PREFLIGHT_NOT_FOUND, "", "the interpreter %s of %s does not exist", interpreter, path);
		return;
	}
	if (errnum) {
		refuse(pf, PREFLIGHT_CANNOT_EXECUTE, "", "the interpreter %s of %s cannot be executed", interpreter,
		       path);
		return;
	}
	check_file(pf, interpreter, level + 1);
	if (pf->code == PREFLIGHT_OK && !strcmp(last_component(interpreter), "env"))
		check_env_argument(pf, argument, level);
}

static void check_text(struct preflight *pf, const char *path, char *head, size_t n, unsigned level)
{
	const size_t line_bytes = strcspn(head, "\n");

	if (n >= 2 && !memcmp(head, "#!", 2)) {
		head[line_bytes] = '\0';
		check_script(pf, path, head + 2, level);
	} else if (line_bytes < n && head[line_bytes] == '\0') {
		/* execvp() would let the shell try; what comes of it is never what was meant */
		refuse(pf, PREFLIGHT_CANNOT_EXECUTE, "",
		       "%s cannot be executed: it is neither an ELF program nor a script", path);
	} else if (level) {
		refuse(pf, PREFLIGHT_CANNOT_EXECUTE, "", "%s cannot be executed: it is not a program", path);
	} else {
		pf->via_shell = true;
		check_file(pf, "/bin/sh", level + 1);
	}
}

static void check_file(struct preflight *pf, const char *path, unsigned level)
{
	char head[SCRIPT_LINE_BYTES + 1];
	struct elf_info elf;
	ssize_t n;
	int fd;

	if (level > SCRIPT_LEVELS_MAX) {
		refuse(pf, PREFLIGHT_CANNOT_EXECUTE, "", "%s cannot be executed: too many interpreters call each other",
		       pf->path);
		return;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return; /* may be executed, not read */
	elfcheck_read(fd, &elf);
	if (elf.verdict != ELF_NONE) {
		check_elf(pf, path, fd, &elf);
	} else {
		n = pread(fd, head, sizeof(head) - 1, 0);
		head[n > 0 ? n : 0] = '\0';
		check_text(pf, path, head, n > 0 ? (size_t)n : 0, level);
	}
	close(fd);
}

void preflight_check(const char *program, struct preflight *pf)
{
	memset(pf, 0, sizeof(*pf));
	if (!find_program(pf, program))
		check_file(pf, pf->path, 0);
}

int preflight_status(enum preflight_code code)
{
	switch (code) {
	case PREFLIGHT_OK:
		return STATUS_OK;
	case PREFLIGHT_NOT_FOUND:
		return STATUS_NOT_FOUND;
	case PREFLIGHT_CANNOT_EXECUTE:
		return STATUS_CANNOT_EXECUTE;
	default:
		return STATUS_FAILED;
	}
}
