#include "cli/outputs/gates.h"

#include "cli/analysis/store.h"
#include "cli/base/pattern.h"
#include "cli/base/status.h"
#include "cli/load/baseline.h"
#include "cli/outputs/outputs.h"

#include <stdlib.h>

/* The rules that `verdicts`, a set of 1 << enum verdict, stands for. */
static unsigned verdict_rules(unsigned verdicts)
{
	unsigned rules = 0;

	for (int v = VERDICT_DEFINITE; v <= VERDICT_REACHABLE; v++)
		if (verdicts & 1u << v)
			rules |= 1u << v; /* the rules of verdicts have their numbers */
	return rules;
}

/* What Memcheck counts as errors: frees that do not fit; and leaks, where they are not only summed up. */
static unsigned error_rules(const struct options *options)
{
	unsigned rules = 1u << GATE_MISMATCH;

	if (options->leak_check == LEAK_CHECK_SUMMARY || options->leak_check == LEAK_CHECK_NO)
		return rules;
	if (options->error_kinds)
		return rules | verdict_rules(options->error_kinds);
	return rules | 1u << GATE_DEFINITE | 1u << GATE_POSSIBLE;
}

/* Budgets are rules once they are set. */
static unsigned budget_rules(const struct options *options)
{
	return (options->max_leaked != UINT64_MAX ? 1u << GATE_MAX_LEAKED : 0) |
	       (options->max_leaked_blocks != UINT64_MAX ? 1u << GATE_MAX_LEAKED_BLOCKS : 0) |
	       (options->max_peak != UINT64_MAX ? 1u << GATE_MAX_PEAK : 0);
}

static int open_baseline(struct gates *gates, const struct options *options, const char *program, struct err *err)
{
	const unsigned of_changes = 1u << GATE_NEW | 1u << GATE_GREW;

	gates->kinds = 1u << TALLY_LEAK | 1u << TALLY_GROWTH | 1u << TALLY_MISMATCH;
	if (gates->gate.rules & 1u << GATE_REACHABLE)
		gates->kinds |= 1u << TALLY_REACHABLE;
	gates->write_baseline = options->write_baseline;
	if (options->baseline) {
		gates->baseline = pattern_expand_input(options->baseline, program, err);
		gates->changes.old_name = gates->baseline;
		return gates->baseline ? baseline_read(gates->baseline, &gates->known, err) : -1;
	}
	if (gates->gate.rules & of_changes && !gate_is_any(gates->gate.rules))
		return err_set(err, "--fail-on=new needs a baseline to compare with: --baseline=FILE, that "
				    "--write-baseline=FILE writes");
	gates->gate.rules &= ~of_changes;
	return 0;
}

int gates_open(struct gates *gates, const struct options *options, const char *program, struct err *err)
{
	struct gate *gate = &gates->gate;

	*gates = (struct gates){.exit_code = (int)options->exit_code};
	*gate = (struct gate){
		.rules = options->fail_on | budget_rules(options),
		.max_leaked_bytes = options->max_leaked,
		.max_leaked_blocks = options->max_leaked_blocks,
		.max_peak_bytes = options->max_peak,
		.limit_percent = options->warn.n ? options->warn.percent[options->warn.n - 1] : 100,
	};
	if (options->error_exitcode) {
		gates->exit_code = (int)options->error_exitcode;
		if (!gate->rules)
			gate->rules = error_rules(options);
	}
	return open_baseline(gates, options, program, err);
}

/* A baseline without the leaks of a process that could not be judged would make them all new. */
static int write_baseline(const struct gates *gates, const struct report *report, struct err *err)
{
	char *path;
	int ret;

	for (size_t i = 0; i < report->n_processes; i++) {
		const struct report_process *process = &report->processes[i];
		const char *why = report_process_counts(report, process) ? gate_why_unknown(process) : NULL;

		if (why)
			return err_set(err, "the baseline %s is not written: process %d cannot be judged: %s",
				       gates->write_baseline, process->pid, why);
	}
	path = outputs_path(gates->write_baseline, report, 0, err);
	ret = path ? baseline_write(path, &gates->now, err) : -1;
	free(path);
	return ret;
}

int gates_judge(struct gates *gates, struct report *report, struct err *err)
{
	tally_init(&gates->now);
	if (gates->known.store || gates->write_baseline) {
		tally_add_report(&gates->now, report, gates->kinds);
		tally_sort(&gates->now);
	}
	if (gates->known.store) {
		tally_compare(&gates->known, &gates->now, gates->kinds, gates->now.store, &gates->changes);
		gates->gate.known = &gates->known;
		gates->gate.now = &gates->now;
		gates->gate.changes = &gates->changes;
		report->baseline = &gates->changes;
	}
	gate_judge(&gates->gate, report, &gates->outcome);
	gate_publish(&gates->outcome, report);
	return gates->write_baseline ? write_baseline(gates, report, err) : 0;
}

int gates_status(const struct gates *gates, int program_status)
{
	if (program_status != STATUS_OK || gates->outcome.n_failures == 0)
		return program_status;
	return gates->exit_code;
}

void gates_release(struct gates *gates)
{
	gate_outcome_release(&gates->outcome);
	tally_release(&gates->known);
	tally_release(&gates->now);
	free(gates->baseline);
}
