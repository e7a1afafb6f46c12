#include "cli/render/checks.h"

#include "cli/base/xalloc.h"
#include "cli/render/format.h"
#include "cli/render/text.h"

#include <stdlib.h>
#include <string.h>

#define LOST (1u << FINDING_DEFINITE | 1u << FINDING_INDIRECT)

/* What the gates' rules are called as tests; others keep their name. */
static const struct {
	const char *rule, *name;
	unsigned kinds;
} known[] = {
	{"definite", "no definite leaks", 1u << FINDING_DEFINITE},
	{"indirect", "no indirect leaks", 1u << FINDING_INDIRECT},
	{"possible", "no possible leaks", 1u << FINDING_POSSIBLE},
	{"reachable", "no reachable memory at exit", 1u << FINDING_REACHABLE},
	{"growth", "no memory grows", 1u << FINDING_GROWTH},
	{"limit", "the memory limit is not reached", 1u << FINDING_LIMIT},
	{"mismatch", "no free that does not fit", 1u << FINDING_MISMATCH},
	{"new", "no new leaks", LOST | 1u << FINDING_POSSIBLE},
	{"max-leaked", "leaked bytes are within --max-leaked", LOST},
	{"max-leaked-blocks", "leaked blocks are within --max-leaked-blocks", LOST},
	{"max-peak", "the peak is within --max-peak", 0},
};

static struct check *add(struct checks *checks, const char *rule)
{
	struct check *check;

	checks->items = xgrow(checks->items, &checks->cap, checks->n + 1, sizeof(*checks->items));
	check = &checks->items[checks->n++];
	*check = (struct check){.rule = rule, .name = rule};
	for (size_t i = 0; i < MW_ARRAY_LEN(known); i++) {
		if (!strcmp(known[i].rule, rule)) {
			check->name = known[i].name;
			check->kinds = known[i].kinds;
		}
	}
	return check;
}

/* The first message decides; what else there is to say follows. */
static void fail(struct check *check, enum check_result result, const char *message)
{
	char *more = check->message ? xasprintf("%s; %s", check->message, message) : xstrdup(message);

	free(check->message);
	check->message = more;
	if (result > check->result)
		check->result = result;
}

/* Its own failure comes first: tests that all pass must not hide that it crashed. */
static void add_program(struct checks *checks, const struct report *report)
{
	const struct report_process *program = report_main_process(report);
	struct out *out;

	if (!program ||
	    (program->exit.kind != EXIT_SIGNAL && (program->exit.kind != EXIT_EXIT || program->exit.code == 0)))
		return;
	out = out_memory();
	text_ending(out, &program->exit);
	fail(add(checks, "program"), CHECK_ERROR, out_text(out, NULL));
	out_close(out, NULL);
}

static void add_gates(struct checks *checks, const struct report *report)
{
	for (size_t i = 0; i < report->n_gate_rules; i++)
		add(checks, report->gate_rules[i]);
	for (size_t i = 0; i < report->n_gate_failures; i++) {
		const struct report_gate_failure *failure = &report->gate_failures[i];
		struct check *check = NULL;

		for (size_t k = 0; k < checks->n && !check; k++)
			check = strcmp(checks->items[k].rule, failure->rule) ? NULL : &checks->items[k];
		fail(check ? check : add(checks, failure->rule), CHECK_FAILED, failure->message);
	}
}

/* Nothing lost of one verdict, in any process. */
static void add_verdict(struct checks *checks, const struct report *report, enum verdict verdict)
{
	struct check *check = add(checks, verdict_name(verdict));
	struct report_amount sum = {0};
	struct format_buf amount;
	char *message;

	for (size_t i = 0; i < report->n_processes; i++) {
		const struct report_verdicts *verdicts = &report->processes[i].verdicts;

		sum.blocks += verdicts->by_verdict[verdict].blocks;
		sum.bytes += verdicts->by_verdict[verdict].bytes;
		if (verdicts->scanned || report->processes[i].shell ||
		    !verdicts->by_verdict[VERDICT_UNCLASSIFIED].blocks || check->result == CHECK_ERROR)
			continue;
		message = xasprintf("no leak scan of process %d: %s", report->processes[i].pid,
				    verdicts->why_not ? verdicts->why_not : "the reason is not known");
		fail(check, CHECK_ERROR, message);
		free(message);
	}
	if (sum.blocks) {
		message = xasprintf("%s %s", format_amount(&amount, sum), text_verdict(verdict, EXIT_EXIT));
		fail(check, CHECK_FAILED, message);
		free(message);
	}
}

static void add_mismatches(struct checks *checks, const struct report *report)
{
	struct check *check = add(checks, "mismatch");
	struct format_buf count;
	uint64_t n = 0;

	for (size_t i = 0; i < report->n_processes; i++)
		n += text_count_mismatches(&report->processes[i]);
	if (n) {
		char *message = xasprintf("%s %s not fit", format_noun(&count, n, "free"), n == 1 ? "does" : "do");

		fail(check, CHECK_FAILED, message);
		free(message);
	}
}

struct checks checks_collect(const struct report *report)
{
	struct checks checks = {0};

	add_program(&checks, report);
	add_gates(&checks, report);
	if (report->n_gate_rules == 0 && report->n_gate_failures == 0) {
		add_verdict(&checks, report, VERDICT_DEFINITE);
		add_verdict(&checks, report, VERDICT_INDIRECT);
		add_mismatches(&checks, report);
	}
	return checks;
}

void checks_release(struct checks *checks)
{
	for (size_t i = 0; i < checks->n; i++)
		free(checks->items[i].message);
	free(checks->items);
	*checks = (struct checks){0};
}

size_t checks_count(const struct checks *checks, enum check_result result)
{
	size_t n = 0;

	for (size_t i = 0; i < checks->n; i++)
		n += checks->items[i].result == result;
	return n;
}
