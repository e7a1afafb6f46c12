#include "shim/rules.h"

#include "shim/modules.h"
#include "shim/own_memory.h"
#include "shim/process.h"
#include "shim/writer.h"

#include <string.h>

#define INDEX_BITS 15

/*
 * A word: bits 63-32 the upper 32 bits of the 47-bit pc, 31 whether it is in its neighbour's place, 30-28 kind, 27-26
 * bp, 25-10 cfa_off / 8, 9-0 bp_off / 8. The index is a bijection of the lower 15 bits for given upper ones, so a word
 * and its place belong to one pc. 0 = free: no kind is 0.
 */
struct mw_rules {
	_Atomic uint64_t words[1 << INDEX_BITS];
};

#define KEY_SHIFT 31
#define DISPLACED (UINT64_C(1) << KEY_SHIFT)

static inline uint32_t rule_index(uint64_t pc)
{
	return (uint32_t)(pc ^ pc >> INDEX_BITS) & ((1u << INDEX_BITS) - 1);
}

static inline uint64_t rule_key(uint64_t pc)
{
	return pc >> INDEX_BITS << (KEY_SHIFT + 1);
}

/* 0 if it does not fit. */
static uint64_t rule_pack(const struct rule *rule)
{
	int64_t cfa = rule->cfa_off / 8, bp = rule->bp_off / 8;

	if (rule->pc >> 47 || rule->cfa_off % 8 || rule->bp_off % 8 || cfa != (int16_t)cfa || bp < -512 || bp > 511)
		return 0;
	return rule_key(rule->pc) | (uint64_t)rule->kind << 28 | (uint64_t)rule->bp << 26 |
	       (uint64_t)(uint16_t)cfa << 10 | ((uint64_t)bp & 0x3ff);
}

static void rule_unpack(uint64_t word, uint64_t pc, struct rule *rule)
{
	rule->pc = pc;
	rule->kind = word >> 28 & 7;
	rule->bp = word >> 26 & 3;
	rule->cfa_off = (int32_t)(int16_t)(word >> 10) * 8;
	rule->bp_off = (int16_t)(((int32_t)(word << 22) >> 22) * 8);
}

static struct mw_rules *rules_table(void)
{
	struct mw_rules *rules = atomic_load_explicit(&mw_proc->rules, memory_order_acquire), *none = NULL;

	if (MW_LIKELY(rules))
		return rules;
	rules = mw_alloc(sizeof(*rules));
	if (rules && !atomic_compare_exchange_strong(&mw_proc->rules, &none, rules)) {
		sys_unmap(rules, sizeof(*rules));
		rules = none;
	}
	return rules;
}

/* In its place, or in the neighbour's if that is free. */
static void rule_keep(struct mw_rules *rules, const struct rule *rule)
{
	uint32_t at = rule_index(rule->pc);
	uint64_t word = rule_pack(rule);

	if (word && atomic_load_explicit(&rules->words[at], memory_order_relaxed) &&
	    !atomic_load_explicit(&rules->words[at ^ 1], memory_order_relaxed)) {
		at ^= 1;
		word |= DISPLACED;
	}
	atomic_store_explicit(&rules->words[at], word, memory_order_relaxed);
}

/* The word of a rule that was kept; 0 = none. */
static uint64_t rule_kept(const struct mw_rules *rules, uint64_t pc)
{
	uint32_t at = rule_index(pc);
	uint64_t key = rule_key(pc), word = atomic_load_explicit(&rules->words[at], memory_order_relaxed);

	if (MW_LIKELY(word && (word ^ key) >> KEY_SHIFT == 0))
		return word;
	word = atomic_load_explicit(&rules->words[at ^ 1], memory_order_relaxed);
	return (word ^ key ^ DISPLACED) >> KEY_SHIFT == 0 ? word : 0;
}

static void rule_make(struct writer *w, uint64_t pc, struct rule *rule, struct mw_rules *rules)
{
	struct libc_object object;

	if (!libc_find_object(pc, &object)) {
		mw_cfi_rule(pc, NULL, rule);
		atomic_store_explicit(&mw_proc->unknown_code, 1, memory_order_relaxed);
		return;
	}
	mw_modules_note(w, &object);
	mw_cfi_rule(pc, &object, rule);
	if (rules)
		rule_keep(rules, rule);
}

void mw_rule_find(struct writer *w, uint64_t pc, struct rule *rule)
{
	struct mw_rules *rules = rules_table();
	uint64_t word = MW_LIKELY(rules != NULL) ? rule_kept(rules, pc) : 0;

	/* another thread's rule is of no use before this stream has told of the object */
	if (MW_LIKELY(word && mw_modules_announced(w, pc)))
		rule_unpack(word, pc, rule);
	else
		rule_make(w, pc, rule, rules);
}

void mw_rules_forget(void)
{
	struct mw_rules *rules = atomic_load(&mw_proc->rules);

	for (uint32_t i = 0; rules && i < MW_ARRAY_LEN(rules->words); i++)
		atomic_store_explicit(&rules->words[i], 0, memory_order_relaxed);
}
