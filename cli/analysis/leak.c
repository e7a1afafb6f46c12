/*
 * Blocks are first gathered by stack id, which needs no names and happens once per block; then each group is named,
 * and groups whose stacks read the same (several ids of one stack, a module loaded twice, frames cut) become one.
 */
#include "cli/analysis/leak.h"

#include "cli/analysis/classify.h"
#include "cli/analysis/fingerprint.h"
#include "cli/analysis/held.h"
#include "cli/base/xalloc.h"
#include "common/wire.h"

#include <stdlib.h>
#include <string.h>

#define MAX_THREAD_NAMES 8

struct group {
	uint32_t stack, last_thread;
	uint8_t kind;
	uint8_t verdict;
	uint8_t n_names;
	uint32_t rule; /* that suppresses it: index + 1; 0 = none */
	uint64_t blocks, bytes;
	uint64_t indirect_blocks, indirect_bytes;
	uint64_t tagged_blocks;
	uint64_t sample; /* address of the oldest of the blocks, whose holder is told */
	uint64_t first_ns, last_ns;
	const char *names[MAX_THREAD_NAMES]; /* of the store */
};

/* Of an open-addressing table. */
struct slot {
	uint32_t hash;
	uint32_t group; /* index + 1; 0 = a free slot */
};

struct gather {
	const struct process *process;
	const struct scan_result *scan; /* NULL: all is unclassified */
	const struct classify *classify;
	struct store *store;
	struct group *groups;
	size_t n, cap;
	struct slot *slots;
	size_t n_slots;
};

/* A leak in the making. */
struct draft {
	struct group *group;
	struct report_stack stack;
	uint64_t hash;
	const char *const *held_by;
	size_t n_held_by;
};

struct leaks {
	struct gather gather;
	struct names *names;
	struct symbols *symbols;
	uint32_t depth;
	unsigned unread; /* as of struct build_options */
	size_t at;       /* groups of the slots before it are named */
	struct draft *drafts;
	size_t n;
	uint32_t *slots; /* by what a stack reads: index of a draft + 1; 0 = free; as many as those of groups */
	struct report_suppression *suppressions;
	size_t n_suppressions;
};

static uint64_t mix(uint64_t h, uint64_t value)
{
	h = (h ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

/* Of what sets groups apart, beside their stacks, and of `value`. */
static uint64_t group_mix(const struct group *group, uint64_t value)
{
	return mix(group->kind | (uint64_t)group->verdict << 8 | (uint64_t)group->rule << 16, value);
}

static bool group_same(const struct group *a, const struct group *b)
{
	return a->stack == b->stack && a->kind == b->kind && a->verdict == b->verdict && a->rule == b->rule;
}

static struct slot *group_slot(const struct gather *gather, const struct group *key, uint32_t hash)
{
	size_t mask = gather->n_slots - 1, i = hash & mask;

	for (;; i = (i + 1) & mask) {
		struct slot *slot = &gather->slots[i];

		if (!slot->group || (slot->hash == hash && group_same(&gather->groups[slot->group - 1], key)))
			return slot;
	}
}

static void gather_grow(struct gather *gather)
{
	struct slot *old = gather->slots;
	size_t n_old = gather->n_slots;

	gather->n_slots = n_old * 2;
	gather->slots = xcalloc(gather->n_slots, sizeof(*gather->slots));
	for (size_t i = 0; i < n_old; i++)
		if (old[i].group)
			*group_slot(gather, &gather->groups[old[i].group - 1], old[i].hash) = old[i];
	free(old);
}

static void group_add_name(struct group *group, const char *name)
{
	for (unsigned i = 0; i < group->n_names; i++)
		if (group->names[i] == name)
			return;
	if (group->n_names < MAX_THREAD_NAMES)
		group->names[group->n_names++] = name;
}

static void group_add_thread(struct gather *gather, struct group *group, uint32_t thread)
{
	const char *name = threads_get(gather->process->threads, thread)->name;

	if (name[0])
		group_add_name(group, store_string(gather->store, name));
	group->last_thread = thread;
}

/* The group that a block belongs to, made if need be; valid until the next call. */
static struct group *gather_group(struct gather *gather, const struct process_block *block,
				  const struct block_class *class)
{
	const struct group key = {.stack = stacks_canonical(gather->process->stacks, block->stack),
				  .kind = block->kind,
				  .verdict = (uint8_t) class->verdict,
				  .rule = class->rule};
	uint32_t hash = (uint32_t)group_mix(&key, key.stack);
	struct slot *slot;

	if ((gather->n + 1) * 4 > gather->n_slots * 3)
		gather_grow(gather);
	slot = group_slot(gather, &key, hash);
	if (!slot->group) {
		gather->groups = xgrow(gather->groups, &gather->cap, gather->n + 1, sizeof(*gather->groups));
		gather->groups[gather->n++] = key;
		*slot = (struct slot){hash, (uint32_t)gather->n};
	}
	return &gather->groups[slot->group - 1];
}

/* What hangs on a lost block is told with it too. */
static void gather_indirect(struct gather *gather, const struct process_block *block, uint32_t owner)
{
	struct process_block held_by;
	struct block_class class;
	struct group *group;

	if (owner == SCAN_NONE ||
	    !process_find_block(gather->process, scan_block_get(gather->scan, owner).addr, &held_by))
		return;
	class = classify_block(gather->classify, &held_by);
	group = gather_group(gather, &held_by, &class);
	group->indirect_blocks++;
	group->indirect_bytes += block->size_bytes;
}

static void gather_block(void *ctx, const struct process_block *block)
{
	struct gather *gather = ctx;
	struct block_class class;
	struct group *group;

	if (block->inherited)
		return;
	class = classify_block(gather->classify, block);
	gather_indirect(gather, block, class.owner);
	group = gather_group(gather, block, &class);
	if (group->blocks == 0) {
		group->first_ns = group->last_ns = block->birth_ns;
		group_add_thread(gather, group, block->thread);
	} else if (group->last_thread != block->thread) {
		group_add_thread(gather, group, block->thread);
	}
	if (group->blocks == 0 || block->birth_ns < group->first_ns ||
	    (block->birth_ns == group->first_ns && block->addr < group->sample))
		group->sample = block->addr;
	group->blocks++;
	group->bytes += block->size_bytes;
	group->tagged_blocks += class.tagged;
	if (block->birth_ns < group->first_ns)
		group->first_ns = block->birth_ns;
	if (block->birth_ns > group->last_ns)
		group->last_ns = block->birth_ns;
}

static void group_merge(struct group *into, const struct group *group)
{
	into->blocks += group->blocks;
	into->bytes += group->bytes;
	into->indirect_blocks += group->indirect_blocks;
	into->indirect_bytes += group->indirect_bytes;
	into->tagged_blocks += group->tagged_blocks;
	if (group->first_ns < into->first_ns)
		into->first_ns = group->first_ns;
	if (group->last_ns > into->last_ns)
		into->last_ns = group->last_ns;
	for (unsigned i = 0; i < group->n_names; i++)
		group_add_name(into, group->names[i]);
}

static bool draft_same(const struct draft *a, const struct draft *b)
{
	return a->hash == b->hash && a->group->kind == b->group->kind && a->group->verdict == b->group->verdict &&
	       a->stack.n_frames == b->stack.n_frames && a->stack.truncated == b->stack.truncated &&
	       (a->stack.n_frames == 0 ||
		memcmp(a->stack.frames, b->stack.frames, a->stack.n_frames * sizeof(*a->stack.frames)) == 0);
}

static void draft_hash(struct draft *draft)
{
	uint64_t h = group_mix(draft->group, draft->stack.truncated);

	for (size_t i = 0; i < draft->stack.n_frames; i++)
		h = mix(h, (uint64_t)(uintptr_t)draft->stack.frames[i]);
	draft->hash = h;
}

static enum verdict group_verdict(const struct group *group, bool scanned)
{
	if (group->verdict != VERDICT_SUPPRESSED)
		return (enum verdict)group->verdict;
	return scanned ? VERDICT_REACHABLE : VERDICT_UNCLASSIFIED; /* the program ignores it */
}

/* One block of the record stands for all of it. */
static void draft_held_by(const struct leaks *leaks, struct draft *draft)
{
	const struct gather *gather = &leaks->gather;
	enum verdict verdict = group_verdict(draft->group, gather->scan != NULL);
	uint32_t index;

	if (leaks->unread & 1u << verdict || (verdict != VERDICT_REACHABLE && verdict != VERDICT_POSSIBLE))
		return;
	index = scan_find(gather->scan, draft->group->sample);
	if (index != SCAN_NONE)
		draft->held_by = held_by(gather->process, gather->scan, index, leaks->names, leaks->symbols,
					 gather->store, &draft->n_held_by);
}

static void keep_frames(struct report_stack *stack, struct store *store)
{
	size_t n_bytes = stack->n_frames * sizeof(*stack->frames);

	if (n_bytes)
		stack->frames = memcpy(store_alloc(store, 1, n_bytes), stack->frames, n_bytes);
}

/* Names a group and merges it with one that reads the same. */
static void name_group(struct leaks *leaks, struct group *group)
{
	struct draft *draft = &leaks->drafts[leaks->n];
	size_t mask = leaks->gather.n_slots - 1, i;

	*draft = (struct draft){.group = group};
	if (!(leaks->unread & 1u << group->verdict))
		draft->stack = names_stack(leaks->names, group->stack, leaks->depth);
	draft_hash(draft);
	for (i = draft->hash & mask; leaks->slots[i] && !draft_same(&leaks->drafts[leaks->slots[i] - 1], draft);)
		i = (i + 1) & mask;
	if (leaks->slots[i]) {
		group_merge(leaks->drafts[leaks->slots[i] - 1].group, group);
		return;
	}
	keep_frames(&draft->stack, leaks->gather.store);
	draft_held_by(leaks, draft);
	leaks->slots[i] = (uint32_t)++leaks->n;
}

bool leak_name(struct leaks *leaks, size_t n)
{
	for (; n && leaks->at < leaks->gather.n_slots; leaks->at++) {
		uint32_t group = leaks->gather.slots[leaks->at].group;

		if (!group)
			continue;
		name_group(leaks, &leaks->gather.groups[group - 1]);
		n--;
	}
	return leaks->at == leaks->gather.n_slots;
}

void leak_complete(struct leaks *leaks)
{
	leak_name(leaks, SIZE_MAX);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void leak_fill(struct report_leak *leak, const struct draft *draft, bool scanned, struct store *store)
{
	const struct group *group = draft->group;
	const char **names = store_alloc(store, group->n_names, sizeof(*names));

	memcpy(names, group->names, group->n_names * sizeof(*names));
	qsort(names, group->n_names, sizeof(*names), compare_names);
	*leak = (struct report_leak){
		.verdict = group_verdict(group, scanned),
		.suppressed_by = group->verdict == VERDICT_SUPPRESSED ? "ignored by the program" : NULL,
		.direct = {group->blocks, group->bytes},
		.indirect = {group->indirect_blocks, group->indirect_bytes},
		.allocator = wire_kind_name(group->kind),
		.first_seconds = (double)group->first_ns / 1e9,
		.last_seconds = (double)group->last_ns / 1e9,
		.thread_names = names,
		.n_thread_names = group->n_names,
		.tagged_blocks = group->tagged_blocks,
		.stack = draft->stack,
		.held_by = draft->held_by,
		.n_held_by = draft->n_held_by,
	};
}

static void leak_suppress(struct report_leak *leak, uint32_t rule, struct report_suppression *suppressions)
{
	if (!rule)
		return;
	leak->suppressed_by = suppressions[rule - 1].name;
	suppressions[rule - 1].records++;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_strings(const char *a, const char *b)
{
	return a == b ? 0 : strcmp(a ? a : "", b ? b : "");
}

static int compare_stacks(const struct report_stack *a, const struct report_stack *b)
{
	for (size_t i = 0; i < a->n_frames && i < b->n_frames; i++) {
		const struct report_frame *x = a->frames[i], *y = b->frames[i];
		int order = x == y ? 0 : compare_strings(x->module, y->module);

		if (order == 0)
			order = compare_numbers(x->offset, y->offset);
		if (order)
			return order;
	}
	return compare_numbers(a->n_frames, b->n_frames);
}

static int compare_leaks(const void *a, const void *b)
{
	const struct report_leak *x = a, *y = b;
	int order = compare_numbers(y->direct.bytes + y->indirect.bytes, x->direct.bytes + x->indirect.bytes);

	if (order == 0)
		order = compare_numbers(y->direct.blocks + y->indirect.blocks, x->direct.blocks + x->indirect.blocks);
	if (order == 0)
		order = strcmp(x->id, y->id);
	if (order == 0)
		order = strcmp(x->allocator, y->allocator);
	if (order == 0)
		order = (int)x->verdict - (int)y->verdict;
	if (order == 0)
		order = compare_strings(x->suppressed_by, y->suppressed_by);
	return order ? order : compare_stacks(&x->stack, &y->stack);
}

struct leaks *leak_begin(const struct process *process, const struct build_options *options, struct names *names,
			 struct symbols *symbols, struct store *store)
{
	struct leaks *leaks = xcalloc(1, sizeof(*leaks));
	struct classify *classify = classify_new(process, options, names);

	*leaks = (struct leaks){
		.gather = {.process = process,
			   .scan = options->scan && options->scan->scanned ? options->scan : NULL,
			   .classify = classify,
			   .store = store,
			   .n_slots = 256},
		.names = names,
		.symbols = symbols,
		.depth = options->depth,
		.unread = options->unread,
	};
	leaks->gather.slots = xcalloc(leaks->gather.n_slots, sizeof(*leaks->gather.slots));
	process_each_block(process, gather_block, &leaks->gather);
	leaks->suppressions = classify_suppressions(classify, store);
	leaks->n_suppressions = leaks->suppressions ? options->suppressions->n_rules : 0;
	leaks->drafts = xcalloc(leaks->gather.n + 1, sizeof(*leaks->drafts));
	leaks->slots = xcalloc(leaks->gather.n_slots, sizeof(*leaks->slots));
	leaks->gather.classify = NULL;
	classify_free(classify);
	return leaks;
}

void leak_end(struct leaks *leaks, struct report_process *out)
{
	struct store *store = leaks->gather.store;
	struct report_leak *to = store_alloc(store, leaks->n, sizeof(*to));
	struct fingerprints *fingerprints = fingerprints_new();

	for (size_t i = 0; i < leaks->n; i++) {
		leak_fill(&to[i], &leaks->drafts[i], leaks->gather.scan != NULL, store);
		fingerprints_stack(fingerprints, &to[i].stack, to[i].id);
		leak_suppress(&to[i], leaks->drafts[i].group->rule, leaks->suppressions);
	}
	fingerprints_free(fingerprints);
	qsort(to, leaks->n, sizeof(*to), compare_leaks);
	out->leaks = to;
	out->n_leaks = leaks->n;
	out->suppressions = leaks->suppressions;
	out->n_suppressions = leaks->n_suppressions;
	free(leaks->drafts);
	free(leaks->slots);
	free(leaks->gather.groups);
	free(leaks->gather.slots);
	free(leaks);
}
