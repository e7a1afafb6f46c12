#include "cli/render/findings.h"

#include "cli/analysis/fingerprint.h"
#include "cli/base/xalloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct finding_rule finding_rules[N_FINDING_KINDS] = {
	[FINDING_DEFINITE] =
		{"MW001",
		 "definite-leak",
		 "Memory that is definitely lost",
		 "A block was not freed, and no pointer to it was left anywhere when the program ended.",
		 "Free the block on each way out of the scope that owns it. The code flow leads from main() "
		 "to the allocation.",
		 {401},
		 FINDING_ERROR},
	[FINDING_INDIRECT] =
		{"MW002",
		 "indirect-leak",
		 "Memory that is lost with another block",
		 "A block was not freed, and the only pointers to it were in blocks that are lost.",
		 "Look at the definite leak that holds it first: freeing that one properly frees this one.",
		 {401},
		 FINDING_NOTE},
	[FINDING_POSSIBLE] =
		{"MW003",
		 "possible-leak",
		 "Memory that is possibly lost",
		 "A block was not freed, and only pointers into its inside were left.",
		 "If the program keeps such pointers on purpose, suppress the finding; else free the block.",
		 {401},
		 FINDING_WARNING},
	[FINDING_REACHABLE] = {"MW004",
			       "reachable-memory",
			       "Memory that is still reachable",
			       "A block was not freed before the program ended, but a pointer to it was left.",
			       "No leak unless there are more and more of them; free it if the end is to be clean.",
			       {401},
			       FINDING_NOTE},
	[FINDING_UNCLASSIFIED] = {"MW005",
				  "unfreed-memory",
				  "Memory that was not freed",
				  "A block was not freed, and whether a pointer to it was left could not be told.",
				  "The report says why no leak scan was made.",
				  {401},
				  FINDING_NOTE},
	[FINDING_GROWTH] =
		{"MW101",
		 "growing-memory",
		 "Memory that grows without an end",
		 "The live blocks of one allocation site became more and more while the program ran.",
		 "Look for the container that the blocks stay in, and for the way by which they should leave.",
		 {770},
		 FINDING_WARNING},
	[FINDING_LIMIT] = {"MW102",
			   "memory-limit",
			   "Memory use near its limit",
			   "The use of memory crossed a threshold of the limit that is set for it.",
			   "The stack is the one that held most when the program used most.",
			   {770},
			   FINDING_ERROR},
	[FINDING_MISMATCH] = {"MW201",
			      "invalid-free",
			      "A free that does not fit",
			      "A block was freed twice, or by another family of functions than allocated it, or an "
			      "address was freed that is of no block.",
			      "Free each block once, with the counterpart of what allocated it.",
			      {415, 590, 762},
			      FINDING_ERROR},
};

static const enum finding_kind kind_of_verdict[N_VERDICTS] = {
	[VERDICT_DEFINITE] = FINDING_DEFINITE,         [VERDICT_INDIRECT] = FINDING_INDIRECT,
	[VERDICT_POSSIBLE] = FINDING_POSSIBLE,         [VERDICT_REACHABLE] = FINDING_REACHABLE,
	[VERDICT_UNCLASSIFIED] = FINDING_UNCLASSIFIED,
};

/* ---- what there is */

static struct finding *add(struct findings *findings, enum finding_kind kind, const struct report_process *process)
{
	struct finding *finding;

	findings->items = xgrow(findings->items, &findings->cap, findings->n + 1, sizeof(*findings->items));
	finding = &findings->items[findings->n++];
	*finding = (struct finding){
		.kind = kind, .level = finding_rules[kind].level, .process = process, .n_processes = 1};
	return finding;
}

static void add_leaks(struct findings *findings, const struct report_process *process, unsigned show)
{
	for (size_t i = 0; i < process->n_leaks; i++) {
		const struct report_leak *leak = &process->leaks[i];
		struct finding *finding;

		if (leak->suppressed_by || (leak->verdict != VERDICT_UNCLASSIFIED && !(show & 1u << leak->verdict)))
			continue;
		finding = add(findings, kind_of_verdict[leak->verdict], process);
		finding->leak = leak;
		finding->indirect = leak->indirect;
		finding->amount.blocks = leak->direct.blocks + leak->indirect.blocks;
		finding->amount.bytes = leak->direct.bytes + leak->indirect.bytes;
		finding->stack = &leak->stack;
		strcpy(finding->id, leak->id);
	}
}

static void add_growth(struct findings *findings, const struct report_process *process)
{
	for (size_t i = 0; i < process->n_growth; i++) {
		const struct report_growth *growth = &process->growth[i];
		struct finding *finding;

		if (growth->verdict != GROWTH_GROWING)
			continue;
		finding = add(findings, FINDING_GROWTH, process);
		finding->growth = growth;
		finding->amount = growth->live;
		finding->stack = &growth->stack;
		strcpy(finding->id, growth->id);
	}
}

/* The highest crossing alone: the lower ones lie on the way. */
static void add_limit(struct findings *findings, const struct report_process *process)
{
	const struct report_warning *highest = NULL;
	struct finding *finding;

	for (size_t i = 0; i < process->n_warnings; i++)
		if (!highest || process->warnings[i].level_percent > highest->level_percent)
			highest = &process->warnings[i];
	if (!highest)
		return;
	finding = add(findings, FINDING_LIMIT, process);
	finding->warning = highest;
	finding->amount.bytes = highest->live_bytes;
	if (!strcmp(highest->severity, "notice"))
		finding->level = FINDING_NOTE;
	else if (!strcmp(highest->severity, "warning"))
		finding->level = FINDING_WARNING;
	if (process->n_peak)
		finding->stack = &process->peak[0].stack;
	fingerprint_stack(finding->stack ? finding->stack : &(struct report_stack){0}, finding->id);
}

static uint64_t number_of(const struct report_stack *stack)
{
	char id[17];

	fingerprint_stack(stack, id);
	return strtoull(id, NULL, 16);
}

static void add_mismatches(struct findings *findings, const struct report_process *process)
{
	for (size_t i = 0; i < process->n_mismatches; i++) {
		const struct report_mismatch *mismatch = &process->mismatches[i];
		struct finding *finding = add(findings, FINDING_MISMATCH, process);

		finding->mismatch = mismatch;
		finding->count = mismatch->count;
		finding->amount = (struct report_amount){mismatch->count, mismatch->bytes};
		finding->stack = mismatch->free.n_frames ? &mismatch->free : &mismatch->alloc;
		finding->other = mismatch->free.n_frames && mismatch->alloc.n_frames ? &mismatch->alloc : NULL;
		snprintf(finding->id, sizeof(finding->id), "%016" PRIx64,
			 number_of(&mismatch->free) * 31 + number_of(&mismatch->alloc) * 7 + mismatch->kind);
	}
}

/* ---- the same ones put together, and their order */

static int by_name(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	if (!order)
		order = (x->kind > y->kind) - (x->kind < y->kind);
	/* processes lie in one array */
	return order ? order : (x->process > y->process) - (x->process < y->process);
}

static void merge_same(struct findings *findings)
{
	size_t n = 0;

	qsort(findings->items, findings->n, sizeof(*findings->items), by_name);
	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *next = &findings->items[i];
		struct finding *last = n ? &findings->items[n - 1] : NULL;

		if (!last || last->kind != next->kind || strcmp(last->id, next->id)) {
			findings->items[n++] = *next;
			continue;
		}
		last->amount.blocks += next->amount.blocks;
		last->amount.bytes += next->amount.bytes;
		last->indirect.blocks += next->indirect.blocks;
		last->indirect.bytes += next->indirect.bytes;
		last->count += next->count;
		last->n_processes++;
		if (next->level > last->level)
			last->level = next->level;
	}
	findings->n = n;
}

static int by_weight(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;
	int order = (x->level < y->level) - (x->level > y->level);

	if (!order)
		order = (x->amount.bytes < y->amount.bytes) - (x->amount.bytes > y->amount.bytes);
	if (!order)
		order = (x->kind > y->kind) - (x->kind < y->kind);
	return order ? order : strcmp(x->id, y->id);
}

struct findings findings_collect(const struct report *report, const struct render_options *options)
{
	struct findings findings = {0};

	for (size_t i = 0; i < report->n_processes; i++) {
		const struct report_process *process = &report->processes[i];

		add_mismatches(&findings, process);
		add_leaks(&findings, process, options->show);
		add_growth(&findings, process);
		add_limit(&findings, process);
	}
	if (findings.n) {
		merge_same(&findings);
		qsort(findings.items, findings.n, sizeof(*findings.items), by_weight);
	}
	return findings;
}

void findings_release(struct findings *findings)
{
	free(findings->items);
	*findings = (struct findings){0};
}
