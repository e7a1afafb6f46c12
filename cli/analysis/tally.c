#include "cli/analysis/tally.h"

#include "cli/analysis/fingerprint.h"
#include "cli/analysis/origin.h"
#include "cli/analysis/store.h"
#include "cli/base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHERE_FUNCTIONS 4
#define TOLERANCE_BYTES 64

const char *tally_kind_name(enum tally_kind kind)
{
	static const char *const names[N_TALLY_KINDS] = {
		[TALLY_LEAK] = "leak",     [TALLY_REACHABLE] = "reachable", [TALLY_UNCLASSIFIED] = "unclassified",
		[TALLY_GROWTH] = "growth", [TALLY_MISMATCH] = "mismatch",
	};

	return names[kind];
}

void tally_init(struct tally *tally)
{
	*tally = (struct tally){.store = store_new()};
}

void tally_release(struct tally *tally)
{
	store_free(tally->store);
	free(tally->items);
	*tally = (struct tally){0};
}

void tally_add(struct tally *tally, const struct tally_item *item)
{
	tally->items = xgrow(tally->items, &tally->cap, tally->n + 1, sizeof(*tally->items));
	tally->items[tally->n] = *item;
	tally->items[tally->n].where = store_string(tally->store, item->where ? item->where : "");
	tally->n++;
}

/* The innermost functions of the program's own code, and its module: nothing that differs between builds. */
static void write_where(const struct report_stack *stack, char *where, size_t n_bytes)
{
	size_t end = report_stack_above_start(stack), n = 0, length = 0;
	const struct report_frame *first = NULL;

	where[0] = '\0';
	for (size_t i = 0; i < end && n < WHERE_FUNCTIONS; i++) {
		const struct report_frame *frame = stack->frames[i];

		if (frame->system)
			continue;
		first = first ? first : frame;
		length += (size_t)snprintf(where + length, n_bytes - length, "%s%.100s", n ? " < " : "",
					   frame->function ? frame->function : "?");
		n++;
	}
	if (!first && stack->n_frames)
		first = stack->frames[0];
	if (first)
		snprintf(where + length, n_bytes - length, "%sin %.100s", n ? " " : "",
			 first->module ? origin_basename(first->module) : "?");
}

static void add_finding(struct tally *tally, enum tally_kind kind, const char *id, struct report_amount amount,
			const struct report_stack *stack)
{
	struct tally_item item = {.kind = kind, .amount = amount, .stack = stack};
	char where[640];

	write_where(stack, where, sizeof(where));
	memcpy(item.id, id, sizeof(item.id));
	item.where = where;
	tally_add(tally, &item);
}

static enum tally_kind kind_of(enum verdict verdict)
{
	if (verdict == VERDICT_REACHABLE)
		return TALLY_REACHABLE;
	return verdict == VERDICT_UNCLASSIFIED ? TALLY_UNCLASSIFIED : TALLY_LEAK;
}

static const struct report_stack *mismatch_stack(const struct report_mismatch *mismatch)
{
	return mismatch->free.n_frames ? &mismatch->free : &mismatch->alloc;
}

void tally_mismatch_id(const struct report_mismatch *mismatch, char id[17])
{
	fingerprint_stack(mismatch_stack(mismatch), id);
}

static void add_process(struct tally *tally, const struct report_process *process, unsigned kinds)
{
	for (size_t i = 0; i < process->n_leaks; i++) {
		const struct report_leak *leak = &process->leaks[i];

		if (!leak->suppressed_by && kinds & 1u << kind_of(leak->verdict))
			add_finding(tally, kind_of(leak->verdict), leak->id, leak->direct, &leak->stack);
	}
	for (size_t i = 0; i < process->n_growth && kinds & 1u << TALLY_GROWTH; i++)
		if (process->growth[i].verdict == GROWTH_GROWING)
			add_finding(tally, TALLY_GROWTH, process->growth[i].id, process->growth[i].live,
				    &process->growth[i].stack);
	for (size_t i = 0; i < process->n_mismatches && kinds & 1u << TALLY_MISMATCH; i++) {
		const struct report_mismatch *mismatch = &process->mismatches[i];
		char id[17];

		tally_mismatch_id(mismatch, id);
		add_finding(tally, TALLY_MISMATCH, id, (struct report_amount){mismatch->count, mismatch->bytes},
			    mismatch_stack(mismatch));
	}
}

void tally_add_report(struct tally *tally, const struct report *report, unsigned kinds)
{
	for (size_t i = 0; i < report->n_processes; i++)
		if (report_process_counts(report, &report->processes[i]))
			add_process(tally, &report->processes[i], kinds);
}

static int by_id(const void *a, const void *b)
{
	const struct tally_item *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	return order ? order : (x->kind > y->kind) - (x->kind < y->kind);
}

/* The place as well: which of two equal stacks is kept must not hang on the order of processes. */
static int by_id_and_where(const void *a, const void *b)
{
	const struct tally_item *x = a, *y = b;
	int order = by_id(a, b);

	return order ? order : strcmp(x->where, y->where);
}

void tally_sort(struct tally *tally)
{
	size_t n = 0;

	if (tally->n == 0)
		return;
	qsort(tally->items, tally->n, sizeof(*tally->items), by_id_and_where);
	for (size_t i = 0; i < tally->n; i++) {
		struct tally_item *last = n ? &tally->items[n - 1] : NULL;

		if (!last || by_id(last, &tally->items[i]) != 0) {
			tally->items[n++] = tally->items[i];
			continue;
		}
		last->amount.blocks += tally->items[i].amount.blocks;
		last->amount.bytes += tally->items[i].amount.bytes;
	}
	tally->n = n;
}

const struct tally_item *tally_find(const struct tally *tally, enum tally_kind kind, const char *id)
{
	struct tally_item key = {.kind = kind};

	snprintf(key.id, sizeof(key.id), "%s", id);
	return tally->n ? bsearch(&key, tally->items, tally->n, sizeof(key), by_id) : NULL;
}

/* Whether `now` is beyond the tolerance above `old`. */
static bool is_more(const struct tally_item *now, const struct tally_item *old)
{
	uint64_t bytes = old->amount.bytes / 10 > TOLERANCE_BYTES ? old->amount.bytes / 10 : TOLERANCE_BYTES;
	uint64_t more_blocks = now->amount.blocks > old->amount.blocks ? now->amount.blocks - old->amount.blocks : 0;
	uint64_t more_bytes = now->amount.bytes > old->amount.bytes ? now->amount.bytes - old->amount.bytes : 0;

	return more_blocks > old->amount.blocks / 10 || more_bytes > bytes;
}

/* Where both are there. `same`: within the tolerance. */
static enum report_change_kind change_of(const struct tally_item *old, const struct tally_item *now, bool *same)
{
	*same = false;
	if (!old)
		return CHANGE_NEW;
	if (!now)
		return CHANGE_GONE;
	if (now->kind != TALLY_GROWTH && is_more(now, old))
		return CHANGE_GREW;
	*same = now->kind == TALLY_GROWTH || !is_more(old, now);
	return CHANGE_SHRANK;
}

static int by_weight(const void *a, const void *b)
{
	const struct report_change *x = a, *y = b;
	uint64_t x_bytes = x->after.bytes + x->before.bytes, y_bytes = y->after.bytes + y->before.bytes;
	int order = (x->change > y->change) - (x->change < y->change);

	if (!order)
		order = (x_bytes < y_bytes) - (x_bytes > y_bytes);
	return order ? order : strcmp(x->id, y->id);
}

void tally_compare(const struct tally *old, const struct tally *now, unsigned kinds, struct store *store,
		   struct report_changes *changes)
{
	struct report_change *items = store_alloc(store, old->n + now->n, sizeof(*items));

	changes->items = items;
	for (size_t i = 0, k = 0; i < old->n || k < now->n;) {
		const struct tally_item *a = i < old->n ? &old->items[i] : NULL;
		const struct tally_item *b = k < now->n ? &now->items[k] : NULL;
		int order = !a ? 1 : !b ? -1 : by_id(a, b);
		const struct tally_item *one = order >= 0 ? b : a;
		enum report_change_kind change;
		bool same;

		a = order <= 0 ? a : NULL;
		b = order >= 0 ? b : NULL;
		i += a != NULL;
		k += b != NULL;
		change = change_of(a, b, &same);
		if (same || !(kinds & 1u << one->kind))
			continue;
		changes->count[change]++;
		items[changes->n++] = (struct report_change){
			.change = change,
			.id = store_string(store, one->id),
			.kind = tally_kind_name(one->kind),
			.where = store_string(store, one->where),
			.before = a ? a->amount : (struct report_amount){0},
			.after = b ? b->amount : (struct report_amount){0},
			.stack = b && b->stack ? b->stack
				 : a           ? a->stack
					       : NULL,
		};
	}
	if (changes->n)
		qsort(items, changes->n, sizeof(*items), by_weight);
}

bool tally_is_known(const struct tally *known, const struct tally *now, enum tally_kind kind, const char *id)
{
	const struct tally_item *old = tally_find(known, kind, id), *item = tally_find(now, kind, id);
	bool same;

	return old && item && change_of(old, item, &same) != CHANGE_GREW;
}
