#include "cli/analysis/gate.h"

#include "cli/analysis/store.h"
#include "tests/unit/sample_report.h"

#include <criterion/criterion.h>
#include <string.h>

#define RULE(name) (1u << (name))

static struct report_process processes[4];
static struct report report;
static struct gate_outcome outcome;

TestSuite(gate, .timeout = 10);

static void judge(const struct gate *gate, size_t n)
{
	report = sample_report(processes, n);
	gate_judge(gate, &report, &outcome);
	gate_publish(&outcome, &report);
	cr_expect_eq(report.gate_passed, report.n_gate_failures == 0);
}

static void expect_failure(size_t i, const char *rule, const char *message)
{
	cr_assert(i < report.n_gate_failures, "no failure %zu: %s", i, message);
	cr_expect_str_eq(report.gate_failures[i].rule, rule);
	cr_expect_str_eq(report.gate_failures[i].message, message);
}

static void expect_end(size_t n)
{
	cr_expect_eq(report.n_gate_failures, n, "%zu failures, the last: %s", report.n_gate_failures,
		     report.n_gate_failures ? report.gate_failures[report.n_gate_failures - 1].message : "");
	gate_outcome_release(&outcome);
}

Test(gate, words)
{
	struct err err = {0};
	unsigned rules = 77;

	cr_assert_eq(gate_parse("definite,limit", &rules, &err), 0);
	cr_expect_eq(rules, RULE(GATE_DEFINITE) | RULE(GATE_LIMIT));
	cr_assert_eq(gate_parse("leak", &rules, &err), 0);
	cr_expect_eq(rules, RULE(GATE_DEFINITE) | RULE(GATE_INDIRECT));
	cr_assert_eq(gate_parse("any", &rules, &err), 0);
	for (enum gate_rule rule = 0; rule <= GATE_NEW; rule++)
		cr_expect(rules & RULE(rule), "any has no %s", gate_rule_name(rule));
	cr_expect_not(rules & RULE(GATE_MAX_LEAKED));
	cr_assert_eq(gate_parse("none", &rules, &err), 0);
	cr_expect_eq(rules, 0u);
	for (const char *const *wrong =
		     (const char *const[]){"", "definite,", ",leak", "def", "max-peak", "suppressed", NULL};
	     *wrong; wrong++) {
		err = (struct err){0};
		cr_expect_eq(gate_parse(*wrong, &rules, &err), -1, "'%s' is taken", *wrong);
		cr_expect(strstr(err.text, "is not one of: definite"), "%s", err.text);
	}
}

Test(gate, none_is_set)
{
	processes[0] = sample_process();
	judge(&(struct gate){0}, 1);
	cr_expect_eq(report.n_gate_rules, 0u);
	expect_end(0);
}

Test(gate, each_verdict)
{
	const struct gate gate = {.rules = RULE(GATE_DEFINITE) | RULE(GATE_INDIRECT) | RULE(GATE_POSSIBLE) |
					   RULE(GATE_REACHABLE)};

	processes[0] = sample_scanned();
	judge(&gate, 1);
	cr_expect_eq(report.n_gate_rules, 4u);
	cr_expect_str_eq(report.gate_rules[3], "reachable");
	expect_failure(0, "definite", "server (pid 4242): 1048576 bytes in 16 blocks definitely lost, none is allowed");
	expect_failure(1, "indirect", "server (pid 4242): 0 bytes in 3 blocks indirectly lost, none is allowed");
	expect_failure(2, "possible", "server (pid 4242): 1000 bytes in 1 block possibly lost, none is allowed");
	expect_failure(3, "reachable", "server (pid 4242): 1 byte in 1 block still reachable, none is allowed");
	expect_end(4);
}

Test(gate, all_processes_but_the_shells)
{
	processes[0] = sample_scanned();
	processes[0].shell = true;
	processes[1] = sample_clean(2, "/bin/true", ORIGIN_EXEC);
	processes[2] = sample_scanned();
	processes[2].pid = 3;
	processes[2].verdicts.by_verdict[VERDICT_DEFINITE] = (struct report_amount){1, 10};
	processes[3] = sample_scanned();
	processes[3].pid = 4;
	judge(&(struct gate){.rules = RULE(GATE_DEFINITE)}, 4);
	expect_failure(
		0, "definite",
		"server (pid 4) and 1 more process: 1048586 bytes in 17 blocks definitely lost, none is allowed");
	expect_end(1);
	judge(&(struct gate){.rules = RULE(GATE_DEFINITE)}, 2);
	expect_end(0);
	judge(&(struct gate){.rules = RULE(GATE_DEFINITE)}, 1); /* the shell is all there is */
	expect_failure(0, "definite", "server (pid 4242): 1048576 bytes in 16 blocks definitely lost, none is allowed");
	expect_end(1);
}

Test(gate, budgets)
{
	struct gate gate = {.rules = RULE(GATE_MAX_LEAKED) | RULE(GATE_MAX_LEAKED_BLOCKS) | RULE(GATE_MAX_PEAK),
			    .max_leaked_bytes = 1048576,
			    .max_leaked_blocks = 19,
			    .max_peak_bytes = 5452595};

	processes[0] = sample_scanned();
	judge(&gate, 1);
	expect_end(0);
	gate.max_leaked_bytes--;
	gate.max_leaked_blocks = 1;
	gate.max_peak_bytes--;
	judge(&gate, 1);
	expect_failure(0, "max-leaked",
		       "server (pid 4242): 1048576 bytes in 19 blocks leaked, at most 1048575 bytes are allowed");
	expect_failure(1, "max-leaked-blocks",
		       "server (pid 4242): 1048576 bytes in 19 blocks leaked, at most 1 block is allowed");
	expect_failure(2, "max-peak", "server (pid 4242): 5452595 bytes live at the peak, at most 5452594 are allowed");
	expect_end(3);
}

Test(gate, no_verdict_is_no_pass)
{
	const struct gate gate = {.rules = RULE(GATE_POSSIBLE) | RULE(GATE_MAX_LEAKED), .max_leaked_bytes = UINT64_MAX};
	static const char *const reasons[] = {"3 calls could not be recorded in the program."};

	processes[0] = sample_process();
	judge(&gate, 1);
	expect_failure(0, "possible", "server (pid 4242): no verdict is possible: --no-scan was given");
	expect_failure(1, "max-leaked", "server (pid 4242): no verdict is possible: --no-scan was given");
	expect_end(2);

	/* seen in part */
	processes[0] = sample_clean(5, "/srv/tool", ORIGIN_RUN);
	processes[0].verdicts.scanned = true;
	judge(&gate, 1);
	expect_end(0);
	processes[0].completeness.complete = false;
	processes[0].completeness.reasons = reasons;
	processes[0].completeness.n_reasons = 1;
	judge(&gate, 1);
	expect_failure(0, "possible",
		       "tool (pid 5): verdicts are not certain: 3 calls could not be recorded in the program.");
	expect_end(2);
}

Test(gate, nothing_left_to_judge)
{
	const struct gate gate = {.rules = RULE(GATE_DEFINITE) | RULE(GATE_REACHABLE)};

	processes[0] = sample_clean(5, "/srv/tool", ORIGIN_RUN); /* not scanned, all freed */
	processes[1] = sample_process();                         /* not scanned, all suppressed */
	processes[1].verdicts.by_verdict[VERDICT_SUPPRESSED] = processes[1].verdicts.by_verdict[VERDICT_UNCLASSIFIED];
	processes[1].verdicts.by_verdict[VERDICT_UNCLASSIFIED] = (struct report_amount){0};
	processes[2] = sample_process(); /* replaced */
	processes[2].exit = (struct report_exit){.kind = EXIT_EXEC};
	processes[3] = sample_scanned(); /* scanned, all suppressed */
	memset(processes[3].verdicts.by_verdict, 0, sizeof(processes[3].verdicts.by_verdict));
	processes[3].verdicts.by_verdict[VERDICT_SUPPRESSED] = (struct report_amount){21, 1049577};
	judge(&gate, 4);
	expect_end(0);
}

Test(gate, limits)
{
	struct gate gate = {.rules = RULE(GATE_LIMIT), .limit_percent = 90};

	processes[0] = sample_course();
	judge(&gate, 1);
	expect_failure(0, "limit",
		       "server (pid 4242): 5452595 bytes in use, at most 90 % of 5592405 (--limit) are allowed");
	expect_failure(1, "limit", "server (pid 4242): 2 allocations beyond --hard-limit, none is allowed");
	expect_end(2);
	gate.limit_percent = 91;
	processes[0].totals.refused_allocations = 0;
	judge(&gate, 1);
	expect_end(0);
}

Test(gate, growth)
{
	const struct report_growth growth[] = {
		{.verdict = GROWTH_GROWING, .bytes_per_second = 100},
		{.verdict = GROWTH_GROWING, .bytes_per_second = 2000.4},
		{.verdict = GROWTH_BOUNDED},
		{.verdict = GROWTH_UNCLEAR},
	};

	processes[0] = sample_process();
	processes[0].growth = growth;
	processes[0].n_growth = 4;
	judge(&(struct gate){.rules = RULE(GATE_GROWTH)}, 1);
	expect_failure(0, "growth",
		       "server (pid 4242): 2 call stacks whose live bytes grow, the fastest by 2000 bytes/s; none is "
		       "allowed");
	expect_end(1);
	processes[0].growth = growth + 2;
	processes[0].n_growth = 2;
	judge(&(struct gate){.rules = RULE(GATE_GROWTH)}, 1);
	expect_end(0);
}

Test(gate, mismatches)
{
	processes[0] = sample_mismatched();
	judge(&(struct gate){.rules = RULE(GATE_MISMATCH)}, 1);
	expect_failure(0, "mismatch", "server (pid 4242): 6 frees do not fit, none is allowed");
	expect_end(1);
	processes[0].n_mismatches = 0;
	judge(&(struct gate){.rules = RULE(GATE_MISMATCH)}, 1);
	expect_end(0);
}

/* The gates of a report that has a baseline with these findings. */
static void judge_with(unsigned rules, struct tally *known)
{
	struct report_changes changes = {.old_name = "known.json"};
	struct gate gate = {.rules = rules, .known = known, .changes = &changes};
	struct tally now;

	report = sample_report(processes, 1);
	tally_init(&now);
	tally_add_report(&now, &report, TALLY_ALL);
	tally_sort(&now);
	tally_sort(known);
	tally_compare(known, &now, TALLY_ALL & ~(1u << TALLY_REACHABLE), now.store, &changes);
	gate.now = &now;
	judge(&gate, 1);
	tally_release(&now);
}

Test(gate, what_the_baseline_knows_does_not_fail)
{
	const unsigned rules = RULE(GATE_DEFINITE) | RULE(GATE_INDIRECT) | RULE(GATE_POSSIBLE) | RULE(GATE_NEW);
	struct tally known;

	processes[0] = sample_scanned();
	tally_init(&known);
	tally_add(&known, &(struct tally_item){.id = "00112233445566aa", .kind = TALLY_LEAK, .amount = {16, 1048576}});
	tally_add(&known, &(struct tally_item){.id = "00112233445566ab", .kind = TALLY_LEAK, .amount = {1, 1000}});
	judge_with(rules, &known);
	expect_failure(0, "indirect", "server (pid 4242): 0 bytes in 3 blocks indirectly lost, none is allowed");
	expect_failure(1, "new",
		       "1 finding new or grown since known.json, none is allowed: first a leak of 0 bytes in 3 blocks, "
		       "cache_add < handle_request < handle_request < handle_request in server");
	expect_end(2);
	tally_add(&known, &(struct tally_item){.id = "00112233445566ad", .kind = TALLY_LEAK, .amount = {2, 0}});
	judge_with(RULE(GATE_GREW) | RULE(GATE_DEFINITE), &known);
	expect_failure(0, "grew",
		       "1 finding grown since known.json, none is allowed: first a leak of 0 bytes in 3 blocks, "
		       "cache_add < handle_request < handle_request < handle_request in server");
	expect_end(1);
	tally_release(&known);
}
