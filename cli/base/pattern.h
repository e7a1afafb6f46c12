/*
 * Names of report files: %p pid, %e program name, %n sequence number, %t time of the start (20260131-235959), %q{VAR}
 * the environment variable, %% a percent sign.
 */
#ifndef CLI_BASE_PATTERN_H
#define CLI_BASE_PATTERN_H

#include "cli/base/err.h"

#include <stdbool.h>
#include <time.h>

struct pattern_values {
	int pid;
	const char *program; /* a path; its last component is used */
	unsigned sequence;
	time_t time;
};

/* The name for `values`, to be freed; NULL and `err` when the pattern is malformed or a variable is not set. */
char *pattern_expand(const char *pattern, const struct pattern_values *values, struct err *err);

/* 0 if pattern_expand() would succeed. */
int pattern_check(const char *pattern, struct err *err);

/* True if the name differs from process to process: it has %p, %e or %n. */
bool pattern_per_process(const char *pattern);

/* True if the name depends on the pid. */
bool pattern_has_pid(const char *pattern);

/* For a file that is read before the program runs, or (`program` NULL) before it is known: what is not known then, %p,
 * %n and %e, is an error. */
char *pattern_expand_input(const char *pattern, const char *program, struct err *err);

#endif
