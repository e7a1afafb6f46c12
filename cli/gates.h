/*
 * The gates of a command: from its options to rules, and from a failed rule to the exit status. For commands that make
 * or read a report.
 */
#ifndef CLI_GATES_H
#define CLI_GATES_H

#include "cli/analysis/gate.h"
#include "cli/base/err.h"
#include "cli/opts.h"

struct gates {
	struct gate gate;
	int exit_code;
	struct gate_outcome outcome;
};

/* Before anything is run, so that a mistake is told at once: -1 and a sentence. */
int gates_open(struct gates *gates, const struct options *options, struct err *err);

/* Judges, and puts the result into the report, which borrows it: keep `gates` longer. */
void gates_judge(struct gates *gates, struct report *report);

/* The exit status: a program that failed by itself keeps its own. */
int gates_status(const struct gates *gates, int program_status);

void gates_release(struct gates *gates);

#endif
