/*
 * Gates: what makes a run fail that went well for the program. A rule judges the whole report: all its processes but
 * the shells on the way, which the text leaves out too. What is suppressed never fails.
 *
 * The rules that need verdicts fail as well where there are none, or where not all was seen: a detector that did not
 * run must not pass. With a baseline only what is not in it, or has grown, fails the rules of --fail-on; budgets are
 * of the whole. A process with nothing left to judge passes them (all was freed, or what is left is suppressed),
 * and so does one that another program replaced, as under Memcheck.
 */
#ifndef CLI_ANALYSIS_GATE_H
#define CLI_ANALYSIS_GATE_H

#include "cli/analysis/report.h"
#include "cli/analysis/tally.h"
#include "cli/base/err.h"

#include <stddef.h>
#include <stdint.h>

enum gate_rule {
	GATE_DEFINITE = VERDICT_DEFINITE, /* the first four are verdicts */
	GATE_INDIRECT = VERDICT_INDIRECT,
	GATE_POSSIBLE = VERDICT_POSSIBLE,
	GATE_REACHABLE = VERDICT_REACHABLE,
	GATE_GROWTH,     /* a stack whose live bytes grow */
	GATE_LIMIT,      /* limit_percent of the limit was crossed, or --hard-limit refused an allocation */
	GATE_MISMATCH,   /* a free that does not fit */
	GATE_NEW,        /* a finding that is not in the baseline, or has grown since */
	GATE_GREW,       /* one that has grown */
	GATE_MAX_LEAKED, /* definite and indirect bytes of all processes */
	GATE_MAX_LEAKED_BLOCKS,
	GATE_MAX_PEAK, /* live bytes of one process at its peak */
	N_GATE_RULES,
};

struct gate {
	unsigned rules; /* set of 1 << enum gate_rule */
	uint64_t max_leaked_bytes, max_leaked_blocks, max_peak_bytes;
	unsigned limit_percent;
	const struct tally *known, *now; /* findings of the baseline and of the report; NULL = there is no baseline */
	const struct report_changes *changes; /* from one to the other */
};

/* Its name in --fail-on and in report_gate_failure.rule; budgets have that of their option. */
const char *gate_rule_name(enum gate_rule rule);

/* A list of --fail-on, with commas. Returns -1 and a sentence if it has a word that is no rule. */
int gate_parse(const char *list, unsigned *rules, struct err *err);

/* Whether the rules are, or have among them, those of the word "any". */
bool gate_is_any(unsigned rules);

/* What was judged; all strings live as long as it does. */
struct gate_outcome {
	struct store *store;
	struct report_gate_failure *failures; /* in the order of the rules */
	size_t n_failures, cap_failures;
	const char **rules; /* names of those that were set */
	size_t n_rules;
};

/* Why the leaks of a process cannot be judged; NULL = they can. */
const char *gate_why_unknown(const struct report_process *process);

void gate_judge(const struct gate *gate, const struct report *report, struct gate_outcome *outcome);

/* Puts it into the report, which borrows it. */
void gate_publish(const struct gate_outcome *outcome, struct report *report);

void gate_outcome_release(struct gate_outcome *outcome);

#endif
