#include "cli/answers/busiest.h"

#include "cli/analysis/store.h"
#include "cli/base/clock.h"
#include "cli/base/xalloc.h"
#include "cli/render/format.h"

#include <stdlib.h>
#include <string.h>

#define LOOKS_KEPT     4u                 /* earlier ones */
#define SEARCH_MOST_NS UINT64_C(20000000) /* of one look, to compare stacks with the filter: the session waits */

enum match {
	MATCH_UNKNOWN,
	MATCH_NO,
	MATCH_YES,
};

struct point {
	uint32_t stack;
	uint64_t live_bytes, allocated_bytes;
};

/* An earlier look: by stack. */
struct look {
	uint64_t number; /* 0 = none */
	double seconds;
	struct point *points;
	size_t n;
};

struct busiest {
	const struct process *process;
	struct symbols *symbols;
	struct store *store;
	struct names *names;
	uint32_t n_modules;            /* when the names were begun: they know no others */
	struct look looks[LOOKS_KEPT]; /* number n is at n % LOOKS_KEPT */
	uint64_t n_looks;
	char filter[REQUEST_FILTER_MAX + 1];
	uint8_t *matches; /* enum match by stack, for this filter */
	size_t n_matches;
};

struct busiest *busiest_new(const struct process *process, struct symbols *symbols)
{
	struct busiest *busiest = xcalloc(1, sizeof(*busiest));

	busiest->process = process;
	busiest->symbols = symbols;
	return busiest;
}

static void forget_names(struct busiest *busiest)
{
	names_free(busiest->names);
	store_free(busiest->store);
	busiest->names = NULL;
	busiest->store = NULL;
}

static void forget_matches(struct busiest *busiest)
{
	free(busiest->matches);
	busiest->matches = NULL;
	busiest->n_matches = 0;
}

void busiest_free(struct busiest *busiest)
{
	if (!busiest)
		return;
	forget_names(busiest);
	forget_matches(busiest);
	for (size_t i = 0; i < LOOKS_KEPT; i++)
		free(busiest->looks[i].points);
	free(busiest);
}

struct store *busiest_store(struct busiest *busiest)
{
	busiest_names(busiest);
	return busiest->store;
}

struct names *busiest_names(struct busiest *busiest)
{
	uint32_t n_modules = modules_count(busiest->process->modules);

	if (busiest->names && busiest->n_modules != n_modules)
		forget_names(busiest);
	if (!busiest->names) {
		busiest->n_modules = n_modules;
		busiest->store = store_new();
		busiest->names = names_new(busiest->process, busiest->process->exe, busiest->symbols, busiest->store);
	}
	return busiest->names;
}

/* ---- what each stack has */

struct gather {
	struct stacks *stacks;
	struct busiest_row *rows;
	size_t n, cap;
};

static void gather_use(void *ctx, uint32_t stack, const struct process_use *use)
{
	struct gather *gather = ctx;

	gather->rows = xgrow(gather->rows, &gather->cap, gather->n + 1, sizeof(*gather->rows));
	gather->rows[gather->n++] = (struct busiest_row){
		.stack = stacks_canonical(gather->stacks, stack),
		.live = {use->live_blocks, use->live_bytes},
		.allocated = {use->allocations, use->allocated_bytes},
		.freed_ms = use->freed_ms,
	};
}

static int by_stack(const void *a, const void *b)
{
	const struct busiest_row *x = a, *y = b;

	return (x->stack > y->stack) - (x->stack < y->stack);
}

static void add_row(struct busiest_row *into, const struct busiest_row *row)
{
	into->live.blocks += row->live.blocks;
	into->live.bytes += row->live.bytes;
	into->allocated.blocks += row->allocated.blocks;
	into->allocated.bytes += row->allocated.bytes;
	into->freed_ms += row->freed_ms;
}

/* Ids come in ascending order, and most are their own canonical ones. */
static void gather_rows(const struct process *process, struct gather *gather)
{
	bool sorted = true;
	size_t kept = 0;

	gather->stacks = process->stacks;
	process_each_use(process, gather_use, gather);
	for (size_t i = 1; i < gather->n && sorted; i++)
		sorted = gather->rows[i - 1].stack < gather->rows[i].stack;
	if (sorted)
		return;
	qsort(gather->rows, gather->n, sizeof(*gather->rows), by_stack);
	for (size_t i = 1; i < gather->n; i++) {
		if (gather->rows[i].stack == gather->rows[kept].stack)
			add_row(&gather->rows[kept], &gather->rows[i]);
		else
			gather->rows[++kept] = gather->rows[i];
	}
	gather->n = kept + 1;
}

/* ---- rates */

/* The one that was named, else the oldest; NULL: there was none. */
static const struct look *earlier_look(const struct busiest *busiest, uint64_t number)
{
	const struct look *oldest = NULL;

	for (size_t i = 0; i < LOOKS_KEPT; i++) {
		const struct look *look = &busiest->looks[i];

		if (look->number && look->number == number)
			return look;
		if (look->number && (!oldest || look->number < oldest->number))
			oldest = look;
	}
	return number ? oldest : NULL;
}

static void keep_look(struct busiest *busiest, const struct gather *gather, double seconds)
{
	struct look *look = &busiest->looks[++busiest->n_looks % LOOKS_KEPT];

	free(look->points);
	*look = (struct look){busiest->n_looks, seconds, xcalloc(gather->n, sizeof(*look->points)), gather->n};
	for (size_t i = 0; i < gather->n; i++)
		look->points[i] = (struct point){gather->rows[i].stack, gather->rows[i].live.bytes,
						 gather->rows[i].allocated.bytes};
}

/* Both are by stack. */
static void find_rates(struct gather *gather, const struct look *earlier, double period)
{
	size_t at = 0;

	for (size_t i = 0; i < gather->n; i++) {
		struct busiest_row *row = &gather->rows[i];
		struct point before = {0};

		while (earlier && at < earlier->n && earlier->points[at].stack < row->stack)
			at++;
		if (earlier && at < earlier->n && earlier->points[at].stack == row->stack)
			before = earlier->points[at];
		if (period > 0) {
			row->growth = ((double)row->live.bytes - (double)before.live_bytes) / period;
			row->rate = ((double)row->allocated.bytes - (double)before.allocated_bytes) / period;
		}
	}
}

/* ---- the filter */

static bool contains(const char *text, const char *filter)
{
	return text && strcasestr(text, filter);
}

static bool stack_matches(struct busiest *busiest, uint32_t id)
{
	struct report_stack stack = names_stack(busiest_names(busiest), id, 0);

	for (size_t i = 0; i < stack.n_frames; i++) {
		const struct report_frame *frame = stack.frames[i];

		if (contains(frame->function, busiest->filter) ||
		    (frame->file && contains(format_basename(frame->file), busiest->filter)) ||
		    (frame->module && contains(format_basename(frame->module), busiest->filter)))
			return true;
	}
	return false;
}

static void set_filter(struct busiest *busiest, const char *filter)
{
	size_t n = (size_t)stacks_max(busiest->process->stacks) + 1;

	if (strcmp(busiest->filter, filter) != 0) {
		strcpy(busiest->filter, filter);
		forget_matches(busiest);
	}
	if (!filter[0] || n <= busiest->n_matches)
		return;
	busiest->matches = xreallocarray(busiest->matches, n, 1);
	memset(busiest->matches + busiest->n_matches, MATCH_UNKNOWN, n - busiest->n_matches);
	busiest->n_matches = n;
}

static enum match match_of(struct busiest *busiest, uint32_t stack, uint64_t until_ns)
{
	if (!busiest->filter[0])
		return MATCH_YES;
	if (stack >= busiest->n_matches)
		return MATCH_NO;
	if (busiest->matches[stack] == MATCH_UNKNOWN && clock_now_ns() < until_ns)
		busiest->matches[stack] = stack_matches(busiest, stack) ? MATCH_YES : MATCH_NO;
	return busiest->matches[stack];
}

/* ---- the largest */

static double measure(const struct busiest_row *row, enum request_sort sort)
{
	switch (sort) {
	case SORT_BLOCKS:
		return (double)row->live.blocks;
	case SORT_GROWTH:
		return row->growth;
	case SORT_RATE:
		return row->rate;
	default:
		return (double)row->live.bytes;
	}
}

static bool is_before(const struct busiest_row *x, const struct busiest_row *y, enum request_sort sort)
{
	double a = measure(x, sort), b = measure(y, sort);

	if (a < b || a > b)
		return a > b;
	return x->live.bytes != y->live.bytes ? x->live.bytes > y->live.bytes : x->stack < y->stack;
}

/* Puts it in its place among the first `most`; few get there. */
static void keep_row(struct busiest_look *look, size_t most, const struct busiest_row *row, enum request_sort sort)
{
	size_t at = look->n_rows;

	if (most == 0 || (at == most && !is_before(row, &look->rows[most - 1], sort)))
		return;
	if (at == most)
		at--;
	else
		look->n_rows++;
	for (; at > 0 && is_before(row, &look->rows[at - 1], sort); at--)
		look->rows[at] = look->rows[at - 1];
	look->rows[at] = *row;
}

static void choose(struct busiest *busiest, const struct gather *gather, const struct request_top *want, size_t most,
		   struct busiest_look *look)
{
	uint64_t until_ns = clock_now_ns() + SEARCH_MOST_NS;

	look->rows = xcalloc(most + 1, sizeof(*look->rows));
	for (size_t i = 0; i < gather->n; i++) {
		const struct busiest_row *row = &gather->rows[i];
		enum match match;

		if (row->stack == want->stack)
			look->chosen = *row;
		if (row->live.blocks == 0 && row->rate <= 0)
			continue;
		look->n_stacks++;
		match = match_of(busiest, row->stack, until_ns);
		look->n_matching += match == MATCH_YES;
		look->n_unsearched += match == MATCH_UNKNOWN;
		if (match == MATCH_YES)
			keep_row(look, most, row, want->sort);
	}
}

struct busiest_look busiest_look(struct busiest *busiest, const struct request_top *want, unsigned n_rows,
				 double seconds)
{
	struct busiest_look look = {0};
	struct gather gather = {0};
	const struct look *earlier = earlier_look(busiest, want->since);

	gather_rows(busiest->process, &gather);
	look.since_start = !earlier;
	look.period_seconds = earlier ? seconds - earlier->seconds : seconds;
	find_rates(&gather, earlier, look.period_seconds);
	keep_look(busiest, &gather, seconds);
	look.number = busiest->n_looks;
	set_filter(busiest, want->filter);
	choose(busiest, &gather, want, n_rows < BUSIEST_ROWS_MAX ? n_rows : BUSIEST_ROWS_MAX, &look);
	free(gather.rows);
	return look;
}
