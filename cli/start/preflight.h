/*
 * Before the start: which file would run, and can it be watched? What LD_PRELOAD cannot reach is told here, with the
 * remedy, and not found out from an empty report.
 */
#ifndef CLI_START_PREFLIGHT_H
#define CLI_START_PREFLIGHT_H

#include <limits.h>
#include <stdbool.h>

enum preflight_code {
	PREFLIGHT_OK,
	PREFLIGHT_NOT_FOUND,
	PREFLIGHT_CANNOT_EXECUTE,
	PREFLIGHT_STATIC,
	PREFLIGHT_SECURE,  /* set-user-id and its like */
	PREFLIGHT_FOREIGN, /* another architecture */
	PREFLIGHT_LIBC,    /* not glibc */
	PREFLIGHT_SANITIZER,
};

struct preflight {
	enum preflight_code code;
	bool via_shell;             /* a text without "#!": execvp() gives it to /bin/sh */
	char path[PATH_MAX];        /* the file that was found */
	char binary[PATH_MAX];      /* the ELF file that runs it: itself, or the interpreter of a script */
	char loader[PATH_MAX];      /* of that file */
	char problem[2 * PATH_MAX]; /* a sentence without full stop; "" when OK */
	char remedy[512];           /* "" = none known */
};

/* Searches `program` as execvp() does, follows #! lines, and looks at the file that will run. */
void preflight_check(const char *program, struct preflight *preflight);

/* The exit status that memwatch gives: 0, 125, 126 or 127. */
int preflight_status(enum preflight_code code);

#endif
