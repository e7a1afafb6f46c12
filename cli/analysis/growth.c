#include "cli/analysis/growth.h"

#include "cli/analysis/fingerprint.h"
#include "cli/analysis/held.h"
#include "cli/base/xalloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OTHERS_MAX  50u  /* bounded and unclear ones that are told, each */
#define AGE_FACTOR  1.25 /* between judgements while it runs … */
#define FIRST_AFTER 5.0  /* … from this age on, seconds */
#define CLEANED     2    /* live bytes fell to less than one in so many since: it has cleaned up */

/* A row of the windows and the stack that it belongs to: several ids may be one stack. */
struct share {
	uint32_t canonical, row;
};

struct judging {
	const struct process *process;
	const struct windows *windows;
	struct share *shares; /* by canonical stack */
	size_t n_shares;
	struct survivors_set survivors;
	size_t n_few; /* of these, that have few blocks */
	struct growth_finding *findings;
	size_t n, cap;
};

static int by_stack(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	if (x->canonical != y->canonical)
		return x->canonical < y->canonical ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

static void gather_shares(struct judging *j)
{
	j->n_shares = j->windows->n_rows;
	j->shares = xcalloc(j->n_shares, sizeof(*j->shares));
	for (size_t i = 0; i < j->n_shares; i++) {
		uint32_t stack = windows_row(j->windows, i)->stack;

		j->shares[i] = (struct share){stacks_canonical(j->process->stacks, stack), (uint32_t)i};
	}
	if (j->n_shares)
		qsort(j->shares, j->n_shares, sizeof(*j->shares), by_stack);
}

/* The end of the shares of the same stack as `from`'s. */
static size_t same_until(const struct judging *j, size_t from)
{
	size_t end = from;

	while (end < j->n_shares && j->shares[end].canonical == j->shares[from].canonical)
		end++;
	return end;
}

static uint64_t live_blocks_of(const struct judging *j, size_t from, size_t end)
{
	uint64_t n = 0;

	for (size_t i = from; i < end; i++)
		n += process_stack_use(j->process, windows_row(j->windows, j->shares[i].row)->stack).live_blocks;
	return n;
}

/* Blocks whose stack is not known are of no one stack. */
static void want_survivors(struct judging *j)
{
	for (size_t i = 0, end; i < j->n_shares; i = end) {
		size_t index = SURVIVORS_NEW;

		end = same_until(j, i);
		if (j->shares[i].canonical == 0 || live_blocks_of(j, i, end) < JUDGE_BLOCKS_LEAST)
			continue;
		j->n_few += live_blocks_of(j, i, end) <= SURVIVORS_FEW;
		for (size_t k = i; k < end; k++)
			index = survivors_want(&j->survivors, windows_row(j->windows, j->shares[k].row)->stack, index);
	}
}

static void add_share(const struct judging *j, const struct windows_row *row, struct judge_stack *stack)
{
	struct process_use use = process_stack_use(j->process, row->stack);

	for (size_t i = 0; i < j->windows->n_ticks; i++) {
		stack->points[i].allocations += (double)row->points[i].allocations;
		stack->points[i].allocated_bytes += (double)row->points[i].allocated_bytes;
		stack->points[i].live_bytes += (double)row->points[i].live_bytes;
	}
	stack->live.blocks += use.live_blocks;
	stack->live.bytes += use.live_bytes;
	stack->frees += use.allocations - use.live_blocks;
	stack->freed_ms += use.freed_ms;
}

static const struct survivors *survivors_of(const struct judging *j, uint32_t stack)
{
	uint32_t index = stack < j->survivors.n_ids ? j->survivors.index_of[stack] : 0;

	return index ? &j->survivors.items[index - 1] : NULL;
}

static void judge_stack(struct judging *j, size_t from, size_t end)
{
	struct judge_stack stack = {
		.windows = j->windows, .peak_bytes = j->process->totals.peak_live_bytes, .n_few = j->n_few};
	struct growth_finding finding = {.stack = j->shares[from].canonical, .first_seconds = -1};

	for (size_t i = from; i < end; i++)
		add_share(j, windows_row(j->windows, j->shares[i].row), &stack);
	finding.member = windows_row(j->windows, j->shares[from].row)->stack;
	stack.survivors = survivors_of(j, finding.member);
	if (!judge(&stack, &finding.judgement))
		return;
	finding.live = stack.live;
	finding.lifetime_seconds = stack.frees ? (double)stack.freed_ms / 1e3 / (double)stack.frees : -1;
	if (stack.survivors && stack.survivors->n_blocks) {
		finding.first_seconds = stack.survivors->first_seconds;
		finding.sample = stack.survivors->sample;
	}
	j->findings = xgrow(j->findings, &j->cap, j->n + 1, sizeof(*j->findings));
	j->findings[j->n++] = finding;
}

/* Growing ones by their rate, then bounded and unclear ones by what they have. */
static int in_order(const void *a, const void *b)
{
	const struct growth_finding *x = a, *y = b;

	if (x->judgement.verdict != y->judgement.verdict)
		return x->judgement.verdict < y->judgement.verdict ? -1 : 1;
	if (x->judgement.bytes_per_second != y->judgement.bytes_per_second)
		return x->judgement.bytes_per_second < y->judgement.bytes_per_second ? 1 : -1;
	if (x->live.bytes != y->live.bytes)
		return x->live.bytes < y->live.bytes ? 1 : -1;
	return (x->stack > y->stack) - (x->stack < y->stack);
}

static int larger_first(const void *a, const void *b)
{
	const struct growth_finding *x = a, *y = b;

	if (x->live.bytes != y->live.bytes)
		return x->live.bytes < y->live.bytes ? 1 : -1;
	return (x->stack > y->stack) - (x->stack < y->stack);
}

/* Those that grow have to be a good part of all that grows. */
static void confirm(struct judging *j)
{
	size_t kept = 0;

	if (j->n)
		qsort(j->findings, j->n, sizeof(*j->findings), larger_first);
	for (size_t i = 0; i < j->n; i++) {
		struct growth_finding *finding = &j->findings[i];

		if (finding->judgement.verdict != GROWTH_GROWING ||
		    judge_share(survivors_of(j, finding->member), j->survivors.all, &finding->judgement))
			j->findings[kept++] = *finding;
	}
	j->n = kept;
}

static size_t cut(struct growth_finding *findings, size_t n)
{
	size_t kept = 0, of_verdict[] = {[GROWTH_GROWING] = 0, [GROWTH_BOUNDED] = 0, [GROWTH_UNCLEAR] = 0};

	for (size_t i = 0; i < n; i++)
		if (of_verdict[findings[i].judgement.verdict]++ < OTHERS_MAX ||
		    findings[i].judgement.verdict == GROWTH_GROWING)
			findings[kept++] = findings[i];
	return kept;
}

void growth_judge(struct growth *growth, const struct process *process, bool final)
{
	struct judging j = {.process = process, .windows = &growth->windows};
	double seconds = (double)(process->end_monotonic_ns - process->start_monotonic_ns) / 1e9;

	windows_add(&growth->windows, process, seconds, true);
	seconds = growth->windows.ticks[growth->windows.n_ticks - 1].seconds;
	gather_shares(&j);
	want_survivors(&j);
	survivors_count(&j.survivors, process, &growth->windows);
	for (size_t i = 0, end; i < j.n_shares; i = end) {
		end = same_until(&j, i);
		if (j.shares[i].canonical != 0)
			judge_stack(&j, i, end);
	}
	confirm(&j);
	if (j.n)
		qsort(j.findings, j.n, sizeof(*j.findings), in_order);
	free(growth->findings);
	growth->findings = j.findings;
	growth->n_findings = cut(j.findings, j.n);
	if (growth->n_findings < j.cap) /* of many stacks most are cut, and this is kept until the next judgement */
		growth->findings = xreallocarray(j.findings, growth->n_findings + 1, sizeof(*j.findings));
	growth->judged_seconds = seconds;
	growth->judged_bytes = process->totals.live_bytes;
	growth->due_seconds = fmax(FIRST_AFTER, seconds * AGE_FACTOR);
	growth->final = final;
	survivors_release(&j.survivors);
	free(j.shares);
}

void growth_sample(struct growth *growth, const struct process *process, double seconds)
{
	windows_add(&growth->windows, process, seconds, false);
	if (seconds >= fmax(FIRST_AFTER, growth->due_seconds) && !growth->final)
		growth_judge(growth, process, false);
}

/* ---- the report */

static void build_finding(const struct growth_finding *finding, double now, struct store *store,
			  struct report_growth *out)
{
	const struct judgement *judgement = &finding->judgement;

	*out = (struct report_growth){
		.verdict = judgement->verdict,
		.bytes_per_second = judgement->bytes_per_second,
		.blocks_per_second = judgement->blocks_per_second,
		.survivor_ratio = judgement->survivor_ratio,
		.confidence = judgement->confidence,
		.live = finding->live,
		.oldest_seconds = finding->first_seconds >= 0 ? fmax(0, now - finding->first_seconds) : -1,
		.lifetime_mean_seconds = finding->lifetime_seconds,
		.since_seconds = judgement->since_seconds,
		.why = store_string(store, judgement->why),
	};
}

static void build_stack(const struct growth_finding *finding, struct names *names, struct store *store, uint32_t depth,
			struct report_growth *out)
{
	const struct report_frame **frames;

	out->stack = names_stack(names, finding->stack, depth);
	frames = store_alloc(store, out->stack.n_frames, sizeof(*frames));
	if (out->stack.n_frames)
		memcpy(frames, out->stack.frames, out->stack.n_frames * sizeof(*frames));
	out->stack.frames = frames;
	fingerprint_stack(&out->stack, out->id);
}

static struct report_growth *build_findings(const struct growth *growth, struct names *names, struct store *store,
					    uint32_t depth, struct report_process *out)
{
	struct report_growth *items = store_alloc(store, growth->n_findings, sizeof(*items));

	for (size_t i = 0; i < growth->n_findings; i++) {
		build_finding(&growth->findings[i], growth->judged_seconds, store, &items[i]);
		build_stack(&growth->findings[i], names, store, depth, &items[i]);
	}
	out->growth = items;
	out->n_growth = growth->n_findings;
	return items;
}

void growth_build(struct growth *growth, const struct process *process, const struct scan_result *scan,
		  struct names *names, struct symbols *symbols, struct store *store, uint32_t depth,
		  struct report_process *out)
{
	bool cleaned = process->ended && growth->judged_bytes / CLEANED > process->totals.live_bytes;
	struct report_growth *items;

	if (!growth->final && !cleaned)
		growth_judge(growth, process, process->ended);
	items = build_findings(growth, names, store, depth, out);
	for (size_t i = 0; i < growth->n_findings; i++) {
		const struct growth_finding *finding = &growth->findings[i];
		uint32_t index = SCAN_NONE;

		if (scan && scan->scanned && finding->sample)
			index = scan_find(scan, finding->sample);
		if (index != SCAN_NONE)
			items[i].held_by = held_by(process, scan, index, names, symbols, store, &items[i].n_held_by);
	}
}

void growth_build_judged(const struct growth *growth, struct names *names, struct store *store, uint32_t depth,
			 struct report_process *out)
{
	build_findings(growth, names, store, depth, out);
}

void growth_release(struct growth *growth)
{
	windows_release(&growth->windows);
	free(growth->findings);
	*growth = (struct growth){0};
}
