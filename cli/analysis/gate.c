#include "cli/analysis/gate.h"

#include "cli/analysis/origin.h"
#include "cli/analysis/store.h"
#include "cli/base/xalloc.h"
#include "common/compiler.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULE(name)  (1u << (name))
#define LEAK        (RULE(GATE_DEFINITE) | RULE(GATE_INDIRECT))
#define VERDICTS    (LEAK | RULE(GATE_POSSIBLE) | RULE(GATE_REACHABLE))
#define ANY         (VERDICTS | RULE(GATE_GROWTH) | RULE(GATE_LIMIT) | RULE(GATE_MISMATCH) | RULE(GATE_NEW))
#define WORDS       (ANY | RULE(GATE_GREW))
#define NEED_A_SCAN (VERDICTS | RULE(GATE_NEW) | RULE(GATE_MAX_LEAKED) | RULE(GATE_MAX_LEAKED_BLOCKS))

/* What one judgement works with. */
struct judge {
	const struct gate *gate;
	const struct report *report;
	struct gate_outcome *outcome;
};

const char *gate_rule_name(enum gate_rule rule)
{
	static const char *const names[N_GATE_RULES] = {
		[GATE_DEFINITE] = "definite",
		[GATE_INDIRECT] = "indirect",
		[GATE_POSSIBLE] = "possible",
		[GATE_REACHABLE] = "reachable",
		[GATE_GROWTH] = "growth",
		[GATE_LIMIT] = "limit",
		[GATE_MISMATCH] = "mismatch",
		[GATE_NEW] = "new",
		[GATE_GREW] = "grew",
		[GATE_MAX_LEAKED] = "max-leaked",
		[GATE_MAX_LEAKED_BLOCKS] = "max-leaked-blocks",
		[GATE_MAX_PEAK] = "max-peak",
	};

	return names[rule];
}

/* The rules that a word of --fail-on stands for; -1: it is none. */
static int word_rules(const char *word, size_t length)
{
	static const struct {
		const char *name;
		unsigned rules;
	} groups[] = {{"leak", LEAK}, {"any", ANY}, {"none", 0}};

	for (size_t i = 0; i < MW_ARRAY_LEN(groups); i++)
		if (strlen(groups[i].name) == length && !strncmp(groups[i].name, word, length))
			return (int)groups[i].rules;
	for (enum gate_rule rule = 0; rule < N_GATE_RULES; rule++) {
		const char *name = gate_rule_name(rule);

		if (WORDS & RULE(rule) && strlen(name) == length && !strncmp(name, word, length))
			return RULE(rule);
	}
	return -1;
}

int gate_parse(const char *list, unsigned *rules, struct err *err)
{
	unsigned set = 0;

	for (const char *word = list;; word++) {
		size_t length = strcspn(word, ",");
		int found = word_rules(word, length);

		if (found < 0)
			return err_set(err,
				       "'%.*s' is not one of: definite, indirect, possible, reachable, growth, limit, "
				       "mismatch, new, grew, leak, any, none",
				       (int)length, word);
		set |= (unsigned)found;
		word += length;
		if (!*word)
			break;
	}
	*rules = set;
	return 0;
}

bool gate_is_any(unsigned rules)
{
	return (rules & ANY) == ANY;
}

/* ---- failures */

static void MW_PRINTF(3, 4) fail(const struct judge *judge, enum gate_rule rule, const char *fmt, ...)
{
	struct gate_outcome *outcome = judge->outcome;
	char message[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	outcome->failures =
		xgrow(outcome->failures, &outcome->cap_failures, outcome->n_failures + 1, sizeof(*outcome->failures));
	outcome->failures[outcome->n_failures++] = (struct report_gate_failure){
		.rule = gate_rule_name(rule),
		.message = store_string(outcome->store, message),
	};
}

struct who {
	char text[192];
};

/* "server (pid 12)", "server (pid 12) and 3 more processes" */
static const char *name_who(struct who *who, const struct report_process *process, size_t n)
{
	const char *name = process->exe ? process->exe : process->argc ? process->argv[0] : NULL;
	size_t length;

	name = name ? origin_basename(name) : "a program";
	if (process->merged)
		snprintf(who->text, sizeof(who->text), "%.100s (%" PRIu64 " process%s)", name, process->merged,
			 process->merged == 1 ? "" : "es");
	else
		snprintf(who->text, sizeof(who->text), "%.100s (pid %d)", name, process->pid);
	length = strlen(who->text);
	if (n > 1)
		snprintf(who->text + length, sizeof(who->text) - length, " and %zu more process%s", n - 1,
			 n == 2 ? "" : "es");
	return who->text;
}

struct amount_text {
	char text[96];
};

static const char *amount(struct amount_text *buf, struct report_amount of)
{
	snprintf(buf->text, sizeof(buf->text), "%" PRIu64 " byte%s in %" PRIu64 " block%s", of.bytes,
		 of.bytes == 1 ? "" : "s", of.blocks, of.blocks == 1 ? "" : "s");
	return buf->text;
}

/* ---- rules */

/* Why a process cannot be judged by its leaks; NULL = it can. */
const char *gate_why_unknown(const struct report_process *process)
{
	if (process->exit.kind == EXIT_EXEC)
		return NULL;
	if (!process->completeness.complete)
		return process->completeness.n_reasons ? process->completeness.reasons[0]
						       : "the record of its calls is not complete";
	if (process->verdicts.scanned ||
	    process->totals.live_blocks <= process->verdicts.by_verdict[VERDICT_SUPPRESSED].blocks)
		return NULL;
	return process->verdicts.why_not ? process->verdicts.why_not : "no leak scan was made";
}

static void judge_unknown(const struct judge *judge, enum gate_rule rule)
{
	const struct report_process *first = NULL;
	size_t n = 0;
	struct who who;

	for (size_t i = 0; i < judge->report->n_processes; i++) {
		const struct report_process *process = &judge->report->processes[i];

		if (!report_process_counts(judge->report, process) || !gate_why_unknown(process))
			continue;
		first = first ? first : process;
		n++;
	}
	if (n)
		fail(judge, rule, "%s: %s: %s", name_who(&who, first, n),
		     first->verdicts.scanned ? "verdicts are not certain" : "no verdict is possible",
		     gate_why_unknown(first));
}

struct sum {
	struct report_amount amount;
	const struct report_process *most; /* the process with the most bytes */
	uint64_t most_bytes;
	size_t n; /* processes that have any */
};

/* Whether a finding is in the baseline, and has not grown. */
static bool is_known(const struct gate *gate, enum tally_kind kind, const char *id)
{
	return gate->known && tally_is_known(gate->known, gate->now, kind, id);
}

static struct report_amount unknown_leaks(const struct gate *gate, const struct report_process *process,
					  enum verdict verdict)
{
	enum tally_kind kind = verdict == VERDICT_REACHABLE ? TALLY_REACHABLE : TALLY_LEAK;
	struct report_amount amount = {0};

	for (size_t i = 0; i < process->n_leaks; i++) {
		const struct report_leak *leak = &process->leaks[i];

		if (leak->verdict != verdict || leak->suppressed_by || is_known(gate, kind, leak->id))
			continue;
		amount.blocks += leak->direct.blocks;
		amount.bytes += leak->direct.bytes;
	}
	return amount;
}

/* All that the processes have of some verdicts, without what the baseline knows if there is a `gate`. */
static struct sum sum_verdicts(const struct report *report, unsigned verdicts, const struct gate *gate)
{
	struct sum sum = {0};

	for (size_t i = 0; i < report->n_processes; i++) {
		const struct report_process *process = &report->processes[i];
		struct report_amount own = {0};

		for (int v = 0; v <= VERDICT_REACHABLE && report_process_counts(report, process); v++) {
			struct report_amount part = process->verdicts.by_verdict[v];

			if (!(verdicts & 1u << v))
				continue;
			if (gate && gate->known)
				part = unknown_leaks(gate, process, (enum verdict)v);
			own.blocks += part.blocks;
			own.bytes += part.bytes;
		}
		if (!own.blocks)
			continue;
		sum.amount.blocks += own.blocks;
		sum.amount.bytes += own.bytes;
		sum.n++;
		if (!sum.most || own.bytes > sum.most_bytes) {
			sum.most = process;
			sum.most_bytes = own.bytes;
		}
	}
	return sum;
}

static void judge_verdict(const struct judge *judge, enum gate_rule rule)
{
	static const char *const words[] = {
		[GATE_DEFINITE] = "definitely lost",
		[GATE_INDIRECT] = "indirectly lost",
		[GATE_POSSIBLE] = "possibly lost",
		[GATE_REACHABLE] = "still reachable",
	};
	struct sum sum = sum_verdicts(judge->report, RULE(rule), judge->gate);
	struct amount_text buf;
	struct who who;

	if (sum.n)
		fail(judge, rule, "%s: %s %s, none is allowed", name_who(&who, sum.most, sum.n),
		     amount(&buf, sum.amount), words[rule]);
}

static void judge_leaked(const struct judge *judge, enum gate_rule rule)
{
	struct sum sum = sum_verdicts(judge->report, LEAK, NULL);
	bool blocks = rule == GATE_MAX_LEAKED_BLOCKS;
	uint64_t bound = blocks ? judge->gate->max_leaked_blocks : judge->gate->max_leaked_bytes;
	struct amount_text buf;
	struct who who;

	if ((blocks ? sum.amount.blocks : sum.amount.bytes) > bound)
		fail(judge, rule, "%s: %s leaked, at most %" PRIu64 " %s allowed", name_who(&who, sum.most, sum.n),
		     amount(&buf, sum.amount), bound,
		     blocks       ? bound == 1 ? "block is" : "blocks are"
		     : bound == 1 ? "byte is"
				  : "bytes are");
}

static void judge_peak(const struct judge *judge, enum gate_rule rule)
{
	const struct report_process *highest = NULL;
	uint64_t bound = judge->gate->max_peak_bytes;
	size_t n = 0;
	struct who who;

	for (size_t i = 0; i < judge->report->n_processes; i++) {
		const struct report_process *process = &judge->report->processes[i];

		if (!report_process_counts(judge->report, process) || process->totals.peak_live_bytes <= bound)
			continue;
		n++;
		if (!highest || process->totals.peak_live_bytes > highest->totals.peak_live_bytes)
			highest = process;
	}
	if (highest)
		fail(judge, rule, "%s: %" PRIu64 " bytes live at the peak, at most %" PRIu64 " are allowed",
		     name_who(&who, highest, n), highest->totals.peak_live_bytes, bound);
}

static void judge_growth(const struct judge *judge, enum gate_rule rule)
{
	const struct report_process *where = NULL;
	const struct report_growth *fastest = NULL;
	size_t n = 0, n_processes = 0;
	struct who who;

	for (size_t i = 0; i < judge->report->n_processes; i++) {
		const struct report_process *process = &judge->report->processes[i];
		size_t before = n;

		for (size_t k = 0; k < process->n_growth && report_process_counts(judge->report, process); k++) {
			if (process->growth[k].verdict != GROWTH_GROWING ||
			    is_known(judge->gate, TALLY_GROWTH, process->growth[k].id))
				continue;
			n++;
			if (!fastest || process->growth[k].bytes_per_second > fastest->bytes_per_second) {
				fastest = &process->growth[k];
				where = process;
			}
		}
		n_processes += n > before;
	}
	if (fastest)
		fail(judge, rule,
		     "%s: %zu call stack%s whose live bytes grow, the fastest by %.0f bytes/s; none is allowed",
		     name_who(&who, where, n_processes), n, n == 1 ? "" : "s", fastest->bytes_per_second);
}

/* The highest crossing that counts. */
static const struct report_warning *worst_warning(const struct report_process *process, unsigned limit_percent)
{
	const struct report_warning *worst = NULL;

	for (size_t i = 0; i < process->n_warnings; i++) {
		const struct report_warning *warning = &process->warnings[i];

		if (warning->level_percent >= limit_percent && (!worst || warning->used_bytes > worst->used_bytes))
			worst = warning;
	}
	return worst;
}

static void judge_limit(const struct judge *judge, enum gate_rule rule)
{
	for (size_t i = 0; i < judge->report->n_processes; i++) {
		const struct report_process *process = &judge->report->processes[i];
		const struct report_warning *worst = worst_warning(process, judge->gate->limit_percent);
		struct who who;

		if (!report_process_counts(judge->report, process))
			continue;
		if (worst)
			fail(judge, rule, "%s: %" PRIu64 " bytes in use, at most %u %% of %" PRIu64 " (%s) are allowed",
			     name_who(&who, process, 1), worst->used_bytes, judge->gate->limit_percent,
			     worst->limit_bytes, worst->limit_source ? worst->limit_source : "the limit");
		if (process->totals.refused_allocations)
			fail(judge, rule, "%s: %" PRIu64 " allocation%s beyond --hard-limit, none is allowed",
			     name_who(&who, process, 1), process->totals.refused_allocations,
			     process->totals.refused_allocations == 1 ? "" : "s");
	}
}

/* The wrong frees of a process, without those that the baseline knows. */
static uint64_t count_mismatches(const struct gate *gate, const struct report_process *process)
{
	uint64_t count = 0;
	char id[17];

	for (size_t i = 0; i < process->n_mismatches; i++) {
		tally_mismatch_id(&process->mismatches[i], id);
		if (!is_known(gate, TALLY_MISMATCH, id))
			count += process->mismatches[i].count;
	}
	return count;
}

static void judge_mismatch(const struct judge *judge, enum gate_rule rule)
{
	const struct report_process *first = NULL;
	uint64_t count = 0;
	size_t n = 0;
	struct who who;

	for (size_t i = 0; i < judge->report->n_processes; i++) {
		const struct report_process *process = &judge->report->processes[i];
		uint64_t own = 0;

		if (report_process_counts(judge->report, process))
			own = count_mismatches(judge->gate, process);
		if (!own)
			continue;
		first = first ? first : process;
		n++;
		count += own;
	}
	if (n)
		fail(judge, rule, "%s: %" PRIu64 " free%s not fit, none is allowed", name_who(&who, first, n), count,
		     count == 1 ? " does" : "s do");
}

/* What is new, and what grew; or only the latter. */
static void judge_new(const struct judge *judge, enum gate_rule rule)
{
	const struct report_changes *changes = judge->gate->changes;
	const struct report_change *first = NULL;
	size_t n = 0;

	for (size_t i = 0; changes && i < changes->n; i++) {
		const struct report_change *change = &changes->items[i];

		if (change->change == CHANGE_GREW || (change->change == CHANGE_NEW && rule == GATE_NEW)) {
			first = first ? first : change;
			n++;
		}
	}
	if (n)
		fail(judge, rule,
		     "%zu finding%s %s since %.200s, none is allowed: first a %s of %" PRIu64 " byte%s in %" PRIu64
		     " block%s, %s",
		     n, n == 1 ? "" : "s", rule == GATE_NEW ? "new or grown" : "grown", changes->old_name, first->kind,
		     first->after.bytes, first->after.bytes == 1 ? "" : "s", first->after.blocks,
		     first->after.blocks == 1 ? "" : "s", first->where);
}

void gate_judge(const struct gate *gate, const struct report *report, struct gate_outcome *outcome)
{
	static void (*const judges[N_GATE_RULES])(const struct judge *judge, enum gate_rule rule) = {
		[GATE_DEFINITE] = judge_verdict,
		[GATE_INDIRECT] = judge_verdict,
		[GATE_POSSIBLE] = judge_verdict,
		[GATE_REACHABLE] = judge_verdict,
		[GATE_GROWTH] = judge_growth,
		[GATE_LIMIT] = judge_limit,
		[GATE_MISMATCH] = judge_mismatch,
		[GATE_NEW] = judge_new,
		[GATE_GREW] = judge_new,
		[GATE_MAX_LEAKED] = judge_leaked,
		[GATE_MAX_LEAKED_BLOCKS] = judge_leaked,
		[GATE_MAX_PEAK] = judge_peak,
	};
	const struct judge judge = {gate, report, outcome};

	*outcome = (struct gate_outcome){.store = store_new()};
	outcome->rules = store_alloc(outcome->store, N_GATE_RULES, sizeof(*outcome->rules));
	for (enum gate_rule rule = 0; rule < N_GATE_RULES; rule++) {
		if (!(gate->rules & RULE(rule)))
			continue;
		outcome->rules[outcome->n_rules++] = gate_rule_name(rule);
		judges[rule](&judge, rule);
		if (NEED_A_SCAN & RULE(rule))
			judge_unknown(&judge, rule);
	}
}

void gate_publish(const struct gate_outcome *outcome, struct report *report)
{
	report->gate_rules = outcome->rules;
	report->n_gate_rules = outcome->n_rules;
	report->gate_failures = outcome->failures;
	report->n_gate_failures = outcome->n_failures;
	report->gate_passed = outcome->n_failures == 0;
}

void gate_outcome_release(struct gate_outcome *outcome)
{
	store_free(outcome->store);
	free(outcome->failures);
	*outcome = (struct gate_outcome){0};
}
