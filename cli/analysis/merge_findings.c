#include "cli/analysis/merge_findings.h"

#include "cli/analysis/fingerprint.h"
#include "cli/analysis/store.h"
#include "cli/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 8 /* of threads, as in each report */

/* A finding of a program: its kind says which part is used. */
enum merge_kind {
	MERGE_LEAK,
	MERGE_GROWTH,
	MERGE_MISMATCH,
	MERGE_SUPPRESSION,
	MERGE_WARNING,
	N_MERGE_KINDS,
};

struct merge_entry {
	enum merge_kind kind;
	uint64_t hash;
	union {
		struct report_leak leak;
		struct report_growth growth;
		struct report_mismatch mismatch;
		struct report_suppression suppression;
		struct report_warning warning;
	};
};

/* ---- copies, in the store */

static struct report_stack copy_stack(struct store *store, const struct report_stack *from)
{
	struct report_frame *frames = store_alloc(store, from->n_frames, sizeof(*frames));
	const struct report_frame **pointers = store_alloc(store, from->n_frames, sizeof(*pointers));

	for (size_t i = 0; i < from->n_frames; i++) {
		frames[i] = *from->frames[i];
		frames[i].function = store_string(store, frames[i].function);
		frames[i].symbol = store_string(store, frames[i].symbol);
		frames[i].file = store_string(store, frames[i].file);
		frames[i].module = store_string(store, frames[i].module);
		frames[i].build_id = store_string(store, frames[i].build_id);
		pointers[i] = &frames[i];
	}
	return (struct report_stack){pointers, from->n_frames, from->truncated};
}

const char *const *merge_copy_texts(struct store *store, const char *const *texts, size_t n)
{
	const char **copies = store_alloc(store, n, sizeof(*copies));

	for (size_t i = 0; i < n; i++)
		copies[i] = store_string(store, texts[i]);
	return copies;
}

/* ---- finding the entry of a finding */

static uint64_t hash_text(uint64_t h, const char *s)
{
	for (; s && *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return (h ^ 0xff) * UINT64_C(0x100000001b3);
}

static bool texts_equal(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Two leaks with one fingerprint may differ in lines or inlining; the first one's stack is kept. */
static bool entry_is(const struct merge_entry *a, const struct merge_entry *b)
{
	if (a->kind != b->kind || a->hash != b->hash)
		return false;
	switch (a->kind) {
	case MERGE_LEAK:
		return strcmp(a->leak.id, b->leak.id) == 0 && a->leak.verdict == b->leak.verdict &&
		       texts_equal(a->leak.suppressed_by, b->leak.suppressed_by) &&
		       texts_equal(a->leak.allocator, b->leak.allocator);
	case MERGE_GROWTH:
		return strcmp(a->growth.id, b->growth.id) == 0 && a->growth.verdict == b->growth.verdict;
	case MERGE_SUPPRESSION:
		return texts_equal(a->suppression.name, b->suppression.name) &&
		       texts_equal(a->suppression.file, b->suppression.file) &&
		       a->suppression.line == b->suppression.line;
	case MERGE_WARNING:
		return a->warning.level_percent == b->warning.level_percent &&
		       texts_equal(a->warning.limit_source, b->warning.limit_source);
	default:
		return true; /* the hash is of two fingerprints */
	}
}

static size_t *find_slot(const struct merge_findings *findings, const struct merge_entry *key)
{
	size_t mask = findings->n_slots - 1, i = (key->hash ^ key->hash >> 32) & mask;

	while (findings->slots[i] && !entry_is(&findings->entries[findings->slots[i] - 1], key))
		i = (i + 1) & mask;
	return &findings->slots[i];
}

static void findings_grow(struct merge_findings *findings)
{
	free(findings->slots);
	findings->n_slots = findings->n_slots ? findings->n_slots * 2 : 256;
	findings->slots = xcalloc(findings->n_slots, sizeof(*findings->slots));
	for (size_t i = 0; i < findings->n; i++)
		*find_slot(findings, &findings->entries[i]) = i + 1;
}

/* The entry that `key` belongs to; `is_new`: it is a copy of the key, whose strings are still the report's. */
static struct merge_entry *find_entry(struct merge_findings *findings, const struct merge_entry *key, bool *is_new)
{
	size_t *slot;

	if ((findings->n + 1) * 4 > findings->n_slots * 3)
		findings_grow(findings);
	slot = find_slot(findings, key);
	*is_new = *slot == 0;
	if (*is_new) {
		findings->entries =
			xgrow(findings->entries, &findings->cap, findings->n + 1, sizeof(*findings->entries));
		findings->entries[findings->n++] = *key;
		*slot = findings->n;
	}
	return &findings->entries[*slot - 1];
}

/* ---- adding up */

static void add_amount(struct report_amount *to, struct report_amount from)
{
	to->blocks += from.blocks;
	to->bytes += from.bytes;
}

static void add_leak(struct merge_findings *findings, const struct report_leak *leak)
{
	struct merge_entry key = {.kind = MERGE_LEAK, .leak = *leak};
	struct store *store = findings->store;
	struct merge_entry *entry;
	bool is_new;

	key.hash = hash_text(hash_text((uint64_t)leak->verdict + 1, leak->id), leak->suppressed_by);
	entry = find_entry(findings, &key, &is_new);
	if (is_new) {
		size_t n_names = leak->n_thread_names < NAMES_MAX ? leak->n_thread_names : NAMES_MAX;

		entry->leak.allocator = store_string(store, leak->allocator);
		entry->leak.suppressed_by = store_string(store, leak->suppressed_by);
		entry->leak.thread_names = merge_copy_texts(store, leak->thread_names, n_names);
		entry->leak.n_thread_names = n_names;
		entry->leak.held_by = merge_copy_texts(store, leak->held_by, leak->n_held_by);
		entry->leak.stack = copy_stack(store, &leak->stack);
		return;
	}
	add_amount(&entry->leak.direct, leak->direct);
	add_amount(&entry->leak.indirect, leak->indirect);
	entry->leak.tagged_blocks += leak->tagged_blocks;
	if (leak->first_seconds < entry->leak.first_seconds)
		entry->leak.first_seconds = leak->first_seconds;
	if (leak->last_seconds > entry->leak.last_seconds)
		entry->leak.last_seconds = leak->last_seconds;
}

static void add_growth(struct merge_findings *findings, const struct report_growth *growth)
{
	struct merge_entry key = {.kind = MERGE_GROWTH, .growth = *growth};
	struct store *store = findings->store;
	struct merge_entry *entry;
	bool is_new;

	key.hash = hash_text((uint64_t)growth->verdict + 100, growth->id);
	entry = find_entry(findings, &key, &is_new);
	if (is_new) {
		entry->growth.why = store_string(store, growth->why);
		entry->growth.held_by = merge_copy_texts(store, growth->held_by, growth->n_held_by);
		entry->growth.stack = copy_stack(store, &growth->stack);
		return;
	}
	/* the evidence stays that of the first; a suite grows as fast as its fastest process */
	add_amount(&entry->growth.live, growth->live);
	if (growth->bytes_per_second > entry->growth.bytes_per_second)
		entry->growth.bytes_per_second = growth->bytes_per_second;
	if (growth->blocks_per_second > entry->growth.blocks_per_second)
		entry->growth.blocks_per_second = growth->blocks_per_second;
}

static void add_mismatch(struct merge_findings *findings, const struct report_mismatch *mismatch)
{
	struct merge_entry key = {.kind = MERGE_MISMATCH, .mismatch = *mismatch};
	struct store *store = findings->store;
	struct merge_entry *entry;
	char alloc[17], free_id[17];
	bool is_new;

	fingerprint_stack(&mismatch->alloc, alloc);
	fingerprint_stack(&mismatch->free, free_id);
	key.hash = hash_text(hash_text((uint64_t)mismatch->kind + 200, alloc), free_id);
	key.hash = hash_text(hash_text(key.hash, mismatch->allocator), mismatch->deallocator);
	entry = find_entry(findings, &key, &is_new);
	if (is_new) {
		entry->mismatch.allocator = store_string(store, mismatch->allocator);
		entry->mismatch.deallocator = store_string(store, mismatch->deallocator);
		entry->mismatch.alloc = copy_stack(store, &mismatch->alloc);
		entry->mismatch.free = copy_stack(store, &mismatch->free);
		entry->mismatch.first_free = copy_stack(store, &mismatch->first_free);
		return;
	}
	entry->mismatch.count += mismatch->count;
	entry->mismatch.bytes += mismatch->bytes;
}

static void add_suppression(struct merge_findings *findings, const struct report_suppression *suppression)
{
	struct merge_entry key = {.kind = MERGE_SUPPRESSION, .suppression = *suppression};
	struct merge_entry *entry;
	bool is_new;

	key.hash = hash_text(hash_text(suppression->line + UINT64_C(300), suppression->name), suppression->file);
	entry = find_entry(findings, &key, &is_new);
	if (is_new) {
		entry->suppression.name = store_string(findings->store, suppression->name);
		entry->suppression.file = store_string(findings->store, suppression->file);
		entry->suppression.expires = store_string(findings->store, suppression->expires);
		return;
	}
	add_amount(&entry->suppression.amount, suppression->amount);
	entry->suppression.records += suppression->records;
	if (suppression->state == SUPPRESSION_EXCEEDED ||
	    (suppression->state == SUPPRESSION_USED && entry->suppression.state == SUPPRESSION_UNUSED))
		entry->suppression.state = suppression->state;
}

/* Of each threshold the crossing with the highest use. */
static void add_warning(struct merge_findings *findings, const struct report_warning *warning)
{
	struct merge_entry key = {.kind = MERGE_WARNING, .warning = *warning};
	struct merge_entry *entry;
	bool is_new;

	key.hash = hash_text(warning->level_percent + UINT64_C(400), warning->limit_source);
	entry = find_entry(findings, &key, &is_new);
	if (!is_new && warning->used_bytes > entry->warning.used_bytes)
		entry->warning = *warning;
	entry->warning.severity = store_string(findings->store, entry->warning.severity);
	entry->warning.limit_source = store_string(findings->store, entry->warning.limit_source);
}

void merge_findings_add(struct merge_findings *findings, const struct report_process *process)
{
	for (size_t i = 0; i < process->n_leaks; i++)
		add_leak(findings, &process->leaks[i]);
	for (size_t i = 0; i < process->n_growth; i++)
		add_growth(findings, &process->growth[i]);
	for (size_t i = 0; i < process->n_mismatches; i++)
		add_mismatch(findings, &process->mismatches[i]);
	for (size_t i = 0; i < process->n_suppressions; i++)
		add_suppression(findings, &process->suppressions[i]);
	for (size_t i = 0; i < process->n_warnings; i++)
		add_warning(findings, &process->warnings[i]);
}

/* ---- the result */

static uint64_t entry_weight(const struct merge_entry *entry)
{
	switch (entry->kind) {
	case MERGE_LEAK:
		return entry->leak.direct.bytes + entry->leak.indirect.bytes;
	case MERGE_GROWTH:
		return entry->growth.verdict == GROWTH_GROWING ? UINT64_MAX : entry->growth.live.bytes;
	case MERGE_MISMATCH:
		return entry->mismatch.count;
	case MERGE_SUPPRESSION:
		return 0; /* as in the files */
	default:
		return 100 - entry->warning.level_percent;
	}
}

/* Kinds together; in each as the report has them. Ties by id, so that the order of reports does not matter. */
static int by_kind_and_weight(const void *a, const void *b)
{
	const struct merge_entry *x = a, *y = b;
	int order = (x->kind > y->kind) - (x->kind < y->kind);

	if (!order)
		order = (entry_weight(x) < entry_weight(y)) - (entry_weight(x) > entry_weight(y));
	if (!order && x->kind == MERGE_LEAK)
		order = strcmp(x->leak.id, y->leak.id);
	return order ? order : (x->hash > y->hash) - (x->hash < y->hash);
}

/* The entries of one kind, as an array of the store. */
#define TAKE(findings, member, process, to, count, kind_taken)                                                         \
	do {                                                                                                           \
		size_t begin = first[kind_taken], n_taken = first[(kind_taken) + 1] - begin;                           \
		__typeof__((findings)->entries[0].member) *taken =                                                     \
			store_alloc((findings)->store, n_taken, sizeof(*taken));                                       \
                                                                                                                       \
		for (size_t at = 0; at < n_taken; at++)                                                                \
			taken[at] = (findings)->entries[begin + at].member;                                            \
		(process)->to = taken;                                                                                 \
		(process)->count = n_taken;                                                                            \
	} while (0)

void merge_findings_take(struct merge_findings *findings, struct report_process *process)
{
	size_t first[N_MERGE_KINDS + 1] = {0};

	if (findings->n)
		qsort(findings->entries, findings->n, sizeof(*findings->entries), by_kind_and_weight);
	for (size_t i = 0; i < findings->n; i++)
		first[findings->entries[i].kind + 1]++;
	for (int kind = 0; kind < N_MERGE_KINDS; kind++)
		first[kind + 1] += first[kind];
	TAKE(findings, leak, process, leaks, n_leaks, MERGE_LEAK);
	TAKE(findings, growth, process, growth, n_growth, MERGE_GROWTH);
	TAKE(findings, mismatch, process, mismatches, n_mismatches, MERGE_MISMATCH);
	TAKE(findings, suppression, process, suppressions, n_suppressions, MERGE_SUPPRESSION);
	TAKE(findings, warning, process, warnings, n_warnings, MERGE_WARNING);
}

void merge_findings_release(struct merge_findings *findings)
{
	free(findings->entries);
	free(findings->slots);
	*findings = (struct merge_findings){0};
}
