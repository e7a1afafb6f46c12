/*
 * The gates of a command: from its options to rules, and from a failed rule to the exit status. For commands that make
 * or read a report.
 */
#ifndef CLI_OUTPUTS_GATES_H
#define CLI_OUTPUTS_GATES_H

#include "cli/analysis/gate.h"
#include "cli/base/err.h"
#include "cli/opts/opts.h"

struct gates {
	struct gate gate;
	int exit_code;
	const char *write_baseline; /* FILE pattern; NULL = none */
	char *baseline;             /* the file that was read */
	unsigned kinds;             /* of findings that baselines have, as of tally_add_report() */
	struct tally known, now;
	struct report_changes changes;
	struct gate_outcome outcome;
};

/* Before anything is run, so that a mistake is told at once: -1 and a sentence. `program`: its path; NULL = not known.
 */
int gates_open(struct gates *gates, const struct options *options, const char *program, struct err *err);

/* Judges, puts the result into the report, which borrows it (keep `gates` longer), and writes the new baseline. -1 and
 * a sentence if that cannot be written; the report is as good then. */
int gates_judge(struct gates *gates, struct report *report, struct err *err);

/* The exit status: a program that failed by itself keeps its own. */
int gates_status(const struct gates *gates, int program_status);

void gates_release(struct gates *gates);

#endif
