#include "cli/answers/top_answer.h"

#include "cli/analysis/held.h"
#include "cli/answers/busiest.h"
#include "cli/model/process.h"
#include "cli/monitor/limit.h"
#include "cli/render/format.h"
#include "cli/render/json_values.h"
#include "cli/render/shorten.h"

#include <jansson.h>
#include <stdlib.h>

#define POINTS_MAX  120u     /* of the history */
#define NAME_BYTES  200      /* of a function, in a table */
#define CALLERS     5        /* told of a stack in the table */
#define WALK_BLOCKS 4000000u /* more live blocks are not walked through for one stack */

struct topping {
	struct tracked *tracked;
	struct busiest *busiest;
	const struct process *process;
	double seconds;
};

/* ---- names */

static void put_function(struct out *out, const struct report_frame *frame)
{
	char *name;

	if (!frame->function) {
		out_printf(out, "%s+0x%llx", frame->module ? format_basename(frame->module) : "?",
			   (unsigned long long)frame->offset);
		return;
	}
	name = shorten_function(frame->function, NAME_BYTES);
	out_str(out, name);
	free(name);
}

static void put_place(struct out *out, const struct report_frame *frame)
{
	if (frame->file && frame->line)
		out_printf(out, " (%s:%u)", format_basename(frame->file), frame->line);
	else if (frame->function && frame->module)
		out_printf(out, " (%s)", format_basename(frame->module));
}

static json_t *take_text(struct out *out)
{
	json_t *text = json_text_or_null(out_text(out, NULL));
	struct err ignored = {0};

	out_close(out, &ignored);
	return text;
}

/* "cache_add (cache.c:42) < handle < main" */
static json_t *where(const struct report_stack *stack)
{
	size_t at = report_stack_project(stack), n = report_stack_above_start(stack);
	struct out *out = out_memory();

	if (stack->n_frames == 0) {
		out_str(out, "(the stack is not known)");
		return take_text(out);
	}
	put_function(out, stack->frames[at]);
	put_place(out, stack->frames[at]);
	for (size_t i = at + 1; i < n && i <= at + CALLERS; i++) {
		out_str(out, " < ");
		put_function(out, stack->frames[i]);
	}
	return take_text(out);
}

static json_t *frames(const struct report_stack *stack)
{
	json_t *array = json_array();

	for (size_t i = 0; i < stack->n_frames; i++) {
		struct out *out = out_memory();

		put_function(out, stack->frames[i]);
		put_place(out, stack->frames[i]);
		json_array_append_new(array, take_text(out));
	}
	if (stack->truncated)
		json_array_append_new(array, json_string("... outer frames are missing"));
	return array;
}

/* ---- stacks */

static const struct growth_finding *finding_of(const struct topping *topping, uint32_t stack)
{
	const struct growth *growth = &topping->tracked->course.growth;

	for (size_t i = 0; i < growth->n_findings; i++)
		if (stacks_canonical(topping->process->stacks, growth->findings[i].stack) == stack)
			return &growth->findings[i];
	return NULL;
}

static json_t *row(const struct topping *topping, const struct busiest_row *from, const struct report_stack *stack)
{
	static const char *const names[] = {
		[GROWTH_GROWING] = "growing", [GROWTH_BOUNDED] = "bounded", [GROWTH_UNCLEAR] = "unclear"};
	const struct growth_finding *finding = finding_of(topping, from->stack);
	json_t *object = json_object();

	json_set(object, "stack", json_number(from->stack));
	json_set(object, "live_bytes", json_number(from->live.bytes));
	json_set(object, "live_blocks", json_number(from->live.blocks));
	json_set(object, "growth", json_signed(from->growth));
	json_set(object, "rate", json_signed(from->rate));
	json_set(object, "verdict", finding ? json_string(names[finding->judgement.verdict]) : json_null());
	json_set(object, "where", where(stack));
	return object;
}

/* What its live blocks tell, one by one. */
struct walk {
	const struct topping *topping;
	uint32_t stack;
	const struct scan_result *scan; /* NULL = there is none */
	uint64_t oldest_ns;
	struct report_amount by_verdict[N_SCAN_VERDICTS], unscanned;
	uint32_t sample; /* the oldest block that somebody holds; SCAN_NONE = none */
	uint64_t sample_ns;
};

static void walk_block(void *ctx, const struct process_block *block)
{
	struct walk *walk = ctx;
	struct report_amount *amount = &walk->unscanned;

	if (block->inherited || stacks_canonical(walk->topping->process->stacks, block->stack) != walk->stack)
		return;
	if (block->birth_ns < walk->oldest_ns)
		walk->oldest_ns = block->birth_ns;
	/* A block that is younger than the scan may be where another was. */
	if (walk->scan && block->birth_ns < walk->scan->at_ns) {
		uint32_t index = scan_find(walk->scan, block->addr);

		if (index != SCAN_NONE) {
			amount = &walk->by_verdict[scan_block_get(walk->scan, index).verdict];
			if (block->birth_ns < walk->sample_ns) {
				walk->sample = index;
				walk->sample_ns = block->birth_ns;
			}
		}
	}
	amount->blocks++;
	amount->bytes += block->size_bytes;
}

static json_t *verdicts(const struct walk *walk)
{
	static const struct {
		enum scan_verdict verdict;
		const char *name;
	} order[] = {{SCAN_DEFINITE, "definite"},
		     {SCAN_INDIRECT, "indirect"},
		     {SCAN_POSSIBLE, "possible"},
		     {SCAN_REACHABLE, "reachable"}};
	json_t *array = json_array();

	for (size_t i = 0; i < MW_ARRAY_LEN(order); i++) {
		const struct report_amount *amount = &walk->by_verdict[order[i].verdict];

		if (amount->blocks)
			json_array_append_new(array, json_pack("{s:s, s:I, s:I}", "verdict", order[i].name, "blocks",
							       (json_int_t)amount->blocks, "bytes",
							       (json_int_t)amount->bytes));
	}
	return array;
}

static void walk_stack(const struct topping *topping, uint32_t stack, struct symbols *symbols, json_t *object)
{
	struct walk walk = {topping, stack, topping->tracked->scan, UINT64_MAX, {{0}}, {0}, SCAN_NONE, UINT64_MAX};
	struct store *store = store_new(); /* the holders' names */
	const char *const *holders = NULL;
	struct names *names;
	size_t n = 0;

	if (walk.scan && !walk.scan->scanned)
		walk.scan = NULL;
	process_each_block(topping->process, walk_block, &walk);
	if (walk.oldest_ns != UINT64_MAX)
		json_set(object, "oldest_seconds", json_measure(topping->seconds - (double)walk.oldest_ns / 1e9));
	json_set(object, "verdicts", verdicts(&walk));
	json_set(object, "unscanned_blocks", json_number(walk.unscanned.blocks));
	if (walk.sample != SCAN_NONE) {
		names = names_new(topping->process, topping->process->exe, symbols, store);
		holders = held_by(topping->process, walk.scan, walk.sample, names, symbols, store, &n);
		names_free(names);
	}
	json_set(object, "held_by", json_texts(holders, n));
	store_free(store);
}

static json_t *chosen(const struct topping *topping, struct symbols *symbols, const struct busiest_row *from)
{
	const struct growth_finding *finding = finding_of(topping, from->stack);
	struct report_stack stack = names_stack(busiest_names(topping->busiest), from->stack, 0);
	uint64_t frees = from->allocated.blocks - from->live.blocks;
	json_t *object = row(topping, from, &stack);

	json_set(object, "allocated_bytes", json_number(from->allocated.bytes));
	json_set(object, "allocations", json_number(from->allocated.blocks));
	if (frees)
		json_set(object, "lifetime_seconds", json_measure((double)from->freed_ms / 1e3 / (double)frees));
	if (finding)
		json_set(object, "why", json_text_or_null(finding->judgement.why));
	json_set(object, "frames", frames(&stack));
	if (topping->process->totals.live_blocks <= WALK_BLOCKS)
		walk_stack(topping, from->stack, symbols, object);
	return object;
}

/* ---- the rest */

static json_t *history(const struct topping *topping)
{
	const struct history *from = &topping->tracked->course.history;
	struct report_sample *points = calloc(from->n + 1, sizeof(*points));
	json_t *live = json_array(), *rate = json_array(), *rss = json_array();

	if (points)
		history_copy(from, points);
	for (size_t i = from->n > POINTS_MAX ? from->n - POINTS_MAX : 0; points && i < from->n; i++) {
		json_array_append_new(live, json_number(points[i].live_bytes));
		json_array_append_new(rate, json_number((uint64_t)points[i].bytes_per_second));
		json_array_append_new(rss, json_number(points[i].rss_bytes));
	}
	free(points);
	return json_pack("{s:o, s:o, s:o}", "live", live, "rate", rate, "rss", rss);
}

static void put_totals(const struct topping *topping, json_t *object)
{
	const struct process_totals *totals = &topping->process->totals;

	json_set(object, "live_bytes", json_number(totals->live_bytes));
	json_set(object, "live_blocks", json_number(totals->live_blocks));
	json_set(object, "peak_live_bytes", json_number(totals->peak_live_bytes));
	json_set(object, "allocated_bytes", json_number(totals->allocated_bytes));
	json_set(object, "allocations", json_number(totals->allocations));
	json_set(object, "frees", json_number(totals->frees));
	json_set(object, "rss_bytes", json_number(limit_use_of(topping->process->pid).rss));
	json_set(object, "limit_bytes", json_number(topping->tracked->course.limit_bytes));
	json_set(object, "limit_source", json_text_or_null(topping->tracked->course.limit_source));
}

static void put_findings(const struct topping *topping, json_t *object)
{
	const struct tracked *tracked = topping->tracked;
	const struct growth *growth = &tracked->course.growth;
	size_t growing = 0;

	json_set(object, "scanned", json_boolean(tracked->n_scans > 0));
	json_set(object, "definite_bytes", json_number(tracked->lost.bytes));
	json_set(object, "definite_blocks", json_number(tracked->lost.blocks));
	json_set(object, "scan_age_seconds", json_measure(topping->seconds - (double)tracked->lost_ns / 1e9));
	for (size_t i = 0; i < growth->n_findings; i++)
		growing += growth->findings[i].judgement.verdict == GROWTH_GROWING;
	json_set(object, "growing", json_number(growing));
	if (growth->judged_seconds > 0)
		json_set(object, "judged_age_seconds", json_measure(topping->seconds - growth->judged_seconds));
}

static void put_stacks(struct tracker *tracker, const struct topping *topping, const struct request *request,
		       json_t *object)
{
	struct busiest_look look = busiest_look(topping->busiest, &request->list, request->how.top, topping->seconds);
	json_t *rows = json_array();

	json_set(object, "look", json_number(look.number));
	json_set(object, "period_seconds", json_measure(look.period_seconds));
	json_set(object, "since_start", json_boolean(look.since_start));
	json_set(object, "n_stacks", json_number(look.n_stacks));
	json_set(object, "n_matching", json_number(look.n_matching));
	json_set(object, "n_unsearched", json_number(look.n_unsearched));
	for (size_t i = 0; i < look.n_rows; i++) {
		const struct report_stack stack = names_stack(busiest_names(topping->busiest), look.rows[i].stack, 0);

		json_array_append_new(rows, row(topping, &look.rows[i], &stack));
	}
	json_set(object, "stacks", rows);
	if (look.chosen.stack)
		json_set(object, "stack", chosen(topping, tracker->symbols, &look.chosen));
	free(look.rows);
}

/* Neither may be known yet of one that has just started. */
static const char *program_of(const struct process *process)
{
	if (process->exe)
		return process->exe;
	return process->argc ? process->argv[0] : NULL;
}

void top_answer(struct tracker *tracker, struct tracked *tracked, const struct request *request, struct out *out)
{
	struct topping topping = {.tracked = tracked, .process = tracked->process};
	const struct process *process = tracked->process;
	json_t *object = json_object();
	char *text;

	if (!tracked->busiest)
		tracked->busiest = busiest_new(process, tracker->symbols);
	topping.busiest = tracked->busiest;
	topping.seconds = tracker_age_seconds(process);
	json_set(object, "schema", json_string("memwatch-top/1"));
	json_set(object, "pid", json_integer(process->pid));
	json_set(object, "program", json_text_or_null(program_of(process)));
	json_set(object, "seconds", json_measure(topping.seconds));
	put_totals(&topping, object);
	put_findings(&topping, object);
	json_set(object, "history", history(&topping));
	put_stacks(tracker, &topping, request, object);
	text = json_dumps(object, JSON_COMPACT);
	out_str(out, text ? text : "{}");
	free(text);
	json_decref(object);
}
