#include "cli/analysis/classify.h"

#include "cli/base/xalloc.h"
#include "cli/scan/scan.h"
#include "cli/suppress/match.h"

#include <stdlib.h>

/* Blocks of one stack, allocation function and verdict: what a rule can tell apart. */
struct site {
	uint32_t stack;
	uint8_t kind, verdict;
	bool used;
	uint32_t rule; /* index + 1 */
};

struct classify {
	const struct process *process;
	const struct scan_result *scan; /* NULL: all is unclassified */
	const struct build_options *options;
	struct names *names;
	const struct suppress_set *set; /* NULL: no rules */
	struct suppress_matcher *matcher;
	unsigned verdicts;  /* set of 1 << enum verdict that rules are for */
	struct site *sites; /* open addressing; n_slots is a power of two */
	size_t n_sites, n_slots;
	bool *cut;       /* by the scan's index: suppressed by a rule of its own */
	uint32_t *owner; /* by the scan's index */
	bool any_cut;
	bool *off;                     /* by rule: over its limits */
	struct report_amount *amounts; /* by rule */
};

/* SUPPRESSED: ignored by the program itself. */
static enum verdict verdict_of(const struct classify *classify, const struct process_block *block, uint32_t *index,
			       struct scan_block *scanned)
{
	static const enum verdict verdicts[N_SCAN_VERDICTS] = {
		[SCAN_DEFINITE] = VERDICT_DEFINITE,
		[SCAN_INDIRECT] = VERDICT_INDIRECT,
		[SCAN_POSSIBLE] = VERDICT_POSSIBLE,
		[SCAN_REACHABLE] = VERDICT_REACHABLE,
	};

	bool known = classify->scan && block->birth_ns <= classify->scan->at_ns;

	if (block->ignored) {
		*index = SCAN_NONE;
		return VERDICT_SUPPRESSED;
	}
	/* Blocks that were made after the scan, by exit handlers or other threads, have no verdict, and not that of the
	 * block that was at their address before. */
	*index = known ? scan_find(classify->scan, block->addr) : SCAN_NONE;
	if (*index == SCAN_NONE)
		return VERDICT_UNCLASSIFIED;
	*scanned = scan_block_get(classify->scan, *index);
	if (scanned->ignored)
		return VERDICT_SUPPRESSED;
	return verdicts[scanned->verdict];
}

/* ---- sites */

static size_t site_slot(const struct classify *classify, const struct site *key)
{
	uint64_t h = (key->stack | (uint64_t)key->kind << 32 | (uint64_t)key->verdict << 40) *
		     UINT64_C(0x9e3779b97f4a7c15); /* Fibonacci hashing */
	size_t mask = classify->n_slots - 1, i = h >> 32 & mask;

	for (;; i = (i + 1) & mask) {
		const struct site *site = &classify->sites[i];

		if (!site->used ||
		    (site->stack == key->stack && site->kind == key->kind && site->verdict == key->verdict))
			return i;
	}
}

static void grow_sites(struct classify *classify)
{
	struct site *old = classify->sites;
	size_t n_old = classify->n_slots;

	classify->n_slots *= 2;
	classify->sites = xcalloc(classify->n_slots, sizeof(*classify->sites));
	for (size_t i = 0; i < n_old; i++)
		if (old[i].used)
			classify->sites[site_slot(classify, &old[i])] = old[i];
	free(old);
}

static void match_site(struct classify *classify, struct site *site, size_t first)
{
	struct report_stack stack = names_stack(classify->names, site->stack, classify->options->depth);
	size_t rule = suppress_match(classify->matcher, &stack, site->kind, (enum verdict)site->verdict, classify->off,
				     first);

	site->rule = rule == SUPPRESS_NONE ? 0 : (uint32_t)rule + 1;
}

static struct site site_key(const struct classify *classify, const struct process_block *block, enum verdict verdict)
{
	return (struct site){.stack = stacks_canonical(classify->process->stacks, block->stack),
			     .kind = block->kind,
			     .verdict = (uint8_t)verdict,
			     .used = true};
}

static void see_block(void *ctx, const struct process_block *block)
{
	struct classify *classify = ctx;
	struct scan_block scanned;
	struct site key;
	uint32_t index;
	size_t slot;

	if (block->inherited)
		return;
	key = site_key(classify, block, verdict_of(classify, block, &index, &scanned));
	if (!(classify->verdicts & 1u << key.verdict))
		return;
	slot = site_slot(classify, &key);
	if (classify->sites[slot].used)
		return;
	if ((classify->n_sites + 1) * 4 > classify->n_slots * 3) {
		grow_sites(classify);
		slot = site_slot(classify, &key);
	}
	match_site(classify, &key, 0);
	classify->sites[slot] = key;
	classify->n_sites++;
}

static uint32_t rule_of(const struct classify *classify, const struct process_block *block, enum verdict verdict)
{
	const struct site key = site_key(classify, block, verdict);

	return classify->n_slots ? classify->sites[site_slot(classify, &key)].rule : 0;
}

/* ---- what hangs on what */

static void cut_block(void *ctx, const struct process_block *block)
{
	struct classify *classify = ctx;
	struct scan_block scanned;
	uint32_t index;
	enum verdict verdict;

	if (block->inherited)
		return;
	verdict = verdict_of(classify, block, &index, &scanned);
	if ((verdict != VERDICT_DEFINITE && verdict != VERDICT_INDIRECT) || !rule_of(classify, block, verdict))
		return;
	classify->cut[index] = true;
	classify->any_cut = true;
}

static void find_owners(struct classify *classify)
{
	if (!classify->scan || !classify->scan->edges)
		return;
	free(classify->cut);
	free(classify->owner);
	classify->owner = NULL;
	classify->any_cut = false;
	classify->cut = xcalloc(classify->scan->n_blocks + 1, sizeof(*classify->cut));
	process_each_block(classify->process, cut_block, classify);
	if (classify->any_cut)
		classify->owner = scan_owners(classify->scan, classify->cut);
}

/* The rule of the owner itself, which is a block of the model unless it was freed since the scan. */
static uint32_t rule_of_owner(const struct classify *classify, uint32_t owner)
{
	const struct scan_block scanned = scan_block_get(classify->scan, owner);
	struct process_block block;

	if (!process_find_block(classify->process, scanned.addr, &block))
		return 0;
	return rule_of(classify, &block, scanned.verdict == SCAN_DEFINITE ? VERDICT_DEFINITE : VERDICT_INDIRECT);
}

struct block_class classify_block(const struct classify *classify, const struct process_block *block)
{
	struct block_class class = {.owner = SCAN_NONE};
	struct scan_block scanned;
	uint32_t index;

	class.verdict = verdict_of(classify, block, &index, &scanned);
	class.tagged = index != SCAN_NONE && scanned.tagged;
	if (classify->set)
		class.rule = rule_of(classify, block, class.verdict);
	if (class.verdict != VERDICT_INDIRECT || class.rule)
		return class;
	class.owner = classify->owner ? classify->owner[index] : scanned.leader;
	if (classify->owner && class.owner != SCAN_NONE && classify->cut[class.owner])
		class.rule = rule_of_owner(classify, class.owner);
	return class;
}

/* ---- limits */

static void count_block(void *ctx, const struct process_block *block)
{
	struct classify *classify = ctx;
	struct block_class class;

	if (block->inherited)
		return;
	class = classify_block(classify, block);
	if (class.rule) {
		classify->amounts[class.rule - 1].blocks++;
		classify->amounts[class.rule - 1].bytes += block->size_bytes;
	}
}

static void rematch(struct classify *classify, size_t rule)
{
	for (size_t i = 0; i < classify->n_slots; i++)
		if (classify->sites[i].used && classify->sites[i].rule == rule + 1)
			match_site(classify, &classify->sites[i], rule + 1);
}

/* Puts out of force what is over its limits; its amount stays, to be told. False if there was none. */
static bool apply_limits(struct classify *classify)
{
	bool any = false;

	for (size_t i = 0; i < classify->set->n_rules; i++) {
		if (classify->off[i])
			continue;
		classify->amounts[i] = (struct report_amount){0};
	}
	process_each_block(classify->process, count_block, classify);
	for (size_t i = 0; i < classify->set->n_rules; i++) {
		const struct suppress_rule *rule = &classify->set->rules[i];

		if (classify->off[i] ||
		    (classify->amounts[i].bytes <= rule->max_bytes && classify->amounts[i].blocks <= rule->max_blocks))
			continue;
		classify->off[i] = true;
		any = true;
	}
	for (size_t i = 0; any && i < classify->set->n_rules; i++)
		if (classify->off[i])
			rematch(classify, i);
	return any;
}

struct classify *classify_new(const struct process *process, const struct build_options *options, struct names *names)
{
	struct classify *classify = xcalloc(1, sizeof(*classify));

	classify->process = process;
	classify->options = options;
	classify->names = names;
	classify->scan = options->scan && options->scan->scanned ? options->scan : NULL;
	if (!options->suppressions || !options->suppressions->n_rules)
		return classify;
	classify->set = options->suppressions;
	classify->matcher = suppress_matcher_new(classify->set);
	classify->off = xcalloc(classify->set->n_rules, sizeof(*classify->off));
	classify->amounts = xcalloc(classify->set->n_rules, sizeof(*classify->amounts));
	for (size_t i = 0; i < classify->set->n_rules; i++)
		if (!classify->set->rules[i].expired)
			classify->verdicts |= classify->set->rules[i].verdicts;
	classify->n_slots = 256;
	classify->sites = xcalloc(classify->n_slots, sizeof(*classify->sites));
	process_each_block(process, see_block, classify);
	do {
		find_owners(classify);
	} while (apply_limits(classify));
	return classify;
}

void classify_free(struct classify *classify)
{
	if (!classify)
		return;
	suppress_matcher_free(classify->matcher);
	free(classify->sites);
	free(classify->cut);
	free(classify->owner);
	free(classify->off);
	free(classify->amounts);
	free(classify);
}

struct report_suppression *classify_suppressions(const struct classify *classify, struct store *store)
{
	size_t n = classify->set ? classify->set->n_rules : 0;
	struct report_suppression *suppressions = n ? store_alloc(store, n, sizeof(*suppressions)) : NULL;

	for (size_t i = 0; i < n; i++) {
		const struct suppress_rule *rule = &classify->set->rules[i];

		suppressions[i] = (struct report_suppression){
			.name = store_string(store, rule->name),
			.file = store_string(store, rule->file),
			.line = rule->line,
			.state = rule->expired                 ? SUPPRESSION_EXPIRED
				 : classify->off[i]            ? SUPPRESSION_EXCEEDED
				 : classify->amounts[i].blocks ? SUPPRESSION_USED
							       : SUPPRESSION_UNUSED,
			.amount = classify->amounts[i],
			.max_bytes = rule->max_bytes,
			.max_blocks = rule->max_blocks,
			.expires = store_string(store, rule->expires),
		};
	}
	return suppressions;
}
