#include "cli/gates.h"

#include "cli/base/status.h"

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

	if (options->leak_check == LEAK_CHECK_SUMMARY)
		return rules;
	if (options->error_kinds)
		return rules | verdict_rules(options->error_kinds);
	return rules | 1u << GATE_DEFINITE | 1u << GATE_POSSIBLE;
}

int gates_open(struct gates *gates, const struct options *options, struct err *err)
{
	struct gate *gate = &gates->gate;
	const struct {
		uint64_t bound;
		enum gate_rule rule;
	} budgets[] = {
		{options->max_leaked, GATE_MAX_LEAKED},
		{options->max_leaked_blocks, GATE_MAX_LEAKED_BLOCKS},
		{options->max_peak, GATE_MAX_PEAK},
	};

	(void)err;
	*gates = (struct gates){.exit_code = (int)options->exit_code};
	*gate = (struct gate){
		.rules = options->fail_on,
		.max_leaked_bytes = options->max_leaked,
		.max_leaked_blocks = options->max_leaked_blocks,
		.max_peak_bytes = options->max_peak,
		.limit_percent = options->warn.n ? options->warn.percent[options->warn.n - 1] : 100,
	};
	for (size_t i = 0; i < MW_ARRAY_LEN(budgets); i++)
		if (budgets[i].bound != UINT64_MAX)
			gate->rules |= 1u << budgets[i].rule;
	if (options->error_exitcode) {
		gates->exit_code = (int)options->error_exitcode;
		if (!gate->rules)
			gate->rules = error_rules(options);
	}
	return 0;
}

void gates_judge(struct gates *gates, struct report *report)
{
	gate_judge(&gates->gate, report, &gates->outcome);
	gate_publish(&gates->outcome, report);
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
}
