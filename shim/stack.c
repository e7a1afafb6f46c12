#include "shim/stack.h"

#include "shim/endings.h"
#include "shim/nodes.h"
#include "shim/reference.h"
#include "shim/rules.h"
#include "shim/stamp.h"
#include "shim/writer.h"

#include <ucontext.h>

#define FAR (1u << 20) /* a frame bigger than this is checked before it is read */

const uint64_t mw_no_slot;

/* ---- rules ---- */

static inline const struct rule *rule_get(struct writer *w, uint64_t pc)
{
	struct rule *rule = &w->stacks.rules[(pc ^ pc >> 10) % STACK_RULES];

	if (MW_UNLIKELY(rule->pc != pc))
		mw_rule_find(w, pc, rule);
	return rule;
}

/* ---- one step ---- */

enum step {
	STEP_ON,
	STEP_END,
	STEP_COMPLEX, /* this walk cannot do it */
};

static MW_NOINLINE enum step step_no_fde(struct stack_frame *f, struct stack_frame *caller)
{
	const uint64_t *bp = (const uint64_t *)(uintptr_t)f->bp;

	f->needs_bp = 1;
	if (!mw_frame_pointer_usable(f->bp, f->sp))
		return STEP_END;
	f->bp_slot = bp;
	f->ra_slot = bp + 1;
	caller->bp = bp[0];
	caller->ip = bp[1];
	caller->sp = f->bp + 16;
	return STEP_ON;
}

static MW_NOINLINE enum step step_signal(struct stack_frame *f, struct stack_frame *caller)
{
	const ucontext_t *uc = (const ucontext_t *)(uintptr_t)f->sp;

	f->barrier = 1;
	caller->ip = (uint64_t)uc->uc_mcontext.gregs[REG_RIP];
	caller->sp = (uint64_t)uc->uc_mcontext.gregs[REG_RSP];
	caller->bp = (uint64_t)uc->uc_mcontext.gregs[REG_RBP];
	caller->exact = 1;
	return STEP_ON;
}

static inline enum step step(const struct rule *rule, struct stack_frame *f, struct stack_frame *caller)
{
	uint64_t cfa;

	f->kind = rule->kind;
	if (MW_LIKELY(rule->kind == RULE_SP)) {
		cfa = f->sp + (uint64_t)(int64_t)rule->cfa_off;
	} else if (rule->kind == RULE_BP) {
		cfa = f->bp + (uint64_t)(int64_t)rule->cfa_off;
	} else if (rule->kind == RULE_BP_DEREF) {
		uint64_t at = f->bp + (uint64_t)(int64_t)rule->cfa_off;

		f->barrier = 1;
		if (at - f->sp > FAR && !sys_readable(at))
			return STEP_END;
		cfa = *(const uint64_t *)(uintptr_t)at;
	} else if (rule->kind == RULE_NO_FDE) {
		return step_no_fde(f, caller);
	} else if (rule->kind == RULE_SIGNAL) {
		return step_signal(f, caller);
	} else {
		return rule->kind == RULE_END ? STEP_END : STEP_COMPLEX;
	}
	if (MW_UNLIKELY(cfa - f->sp - 8 > FAR) && (cfa <= f->sp || !sys_readable(cfa - 8)))
		return STEP_END;
	f->ra_slot = (const uint64_t *)(uintptr_t)(cfa - 8);
	caller->ip = *f->ra_slot;
	caller->sp = cfa;
	if (rule->bp == RULE_BP_SAME) {
		caller->bp = f->bp;
		f->bp_slot = NULL;
	} else {
		uint64_t at = (rule->bp == RULE_BP_AT_CFA ? cfa : f->bp) + (uint64_t)(int64_t)rule->bp_off;

		if (MW_UNLIKELY(at - f->sp > FAR) && !sys_readable(at))
			return STEP_END;
		f->bp_slot = (const uint64_t *)(uintptr_t)at;
		caller->bp = *f->bp_slot;
	}
	return STEP_ON;
}

/* ---- the previous stack ---- */

static MW_NOINLINE bool special_holds(const struct stack_cache *c, int i)
{
	const struct stack_frame *f = &c->frames[i];

	if (f->barrier)
		return false;
	return i == 0 || !f->bp_slot || *f->bp_slot == c->frames[i - 1].bp;
}

/* Whether all that the walk from frames[j] outwards read last time is still so: -1. On a change, the index where. In
 * this order, since a slot may be read only if what led to it still holds. */
static inline int still_the_same(const struct stack_cache *c, int j)
{
	for (int i = j; i > 0; i--) {
		if (MW_UNLIKELY(c->special[i]) && !special_holds(c, i))
			return i;
		if (*c->ra_slots[i] != c->ips[i - 1])
			return i;
	}
	if (c->special[0] && !special_holds(c, 0))
		return 0;
	return *c->ra_slots[0] == 0 ? -1 : 0;
}

static inline unsigned node_flags(const struct stack_cache *c, const struct stack_frame *f, uint32_t index)
{
	return (f->exact ? WIRE_NODE_EXACT : 0u) | (c->cut && index == 0 ? WIRE_NODE_TRUNCATED : 0u);
}

/* The node of frames[index], found through its callers' where it is not known. */
static MW_NOINLINE uint32_t node_of_callers(struct writer *w, uint32_t index)
{
	struct stack_cache *c = &w->stacks;
	uint32_t node, first = index;

	while (first > 0 && c->frames[first - 1].node == 0)
		first--;
	node = first > 0 ? c->frames[first - 1].node : 0;
	for (uint32_t i = first; i <= index; i++) {
		struct stack_frame *f = &c->frames[i];

		node = f->node = mw_node(w, node, f->ip, f->path, node_flags(c, f, i));
	}
	return node;
}

static inline uint32_t node_of(struct writer *w, uint32_t index)
{
	struct stack_frame *f = &w->stacks.frames[index];

	if (f->node == 0)
		f->node = mw_node_known(f->path);
	return MW_LIKELY(f->node) ? f->node : node_of_callers(w, index);
}

/* Stacks that are deeper than is kept: the next one is walked whole. */
static MW_COLD uint32_t join_deep(struct writer *w, int kept, uint32_t n_fresh)
{
	struct stack_cache *c = &w->stacks;
	uint32_t node = kept >= 0 ? node_of(w, (uint32_t)kept) : 0;

	for (uint32_t i = n_fresh; i-- > 0;) {
		const struct stack_frame *f = &c->fresh[i];

		node = mw_node(w, node, f->ip, f->path, node_flags(c, f, (uint32_t)kept + n_fresh - i));
	}
	c->n = 0;
	return node;
}

/* The paths of the fresh frames; the place of the innermost one's node is asked for. */
static inline void set_paths(struct stack_cache *c, int kept, uint32_t n_fresh)
{
	uint64_t path = kept >= 0 ? c->frames[kept].path : 0;

	for (uint32_t i = n_fresh; i-- > 0;) {
		path = mw_node_path(path, c->fresh[i].ip);
		c->fresh[i].path = path;
	}
	mw_node_prefetch(path);
}

/* Puts the fresh frames onto the kept ones, and finds the node of the whole. */
static uint32_t join(struct writer *w, int kept, uint32_t n_fresh, bool cut)
{
	struct stack_cache *c = &w->stacks;
	uint8_t needs_bp = kept >= 0 ? c->frames[kept].needs_bp : 0;
	uint32_t at = (uint32_t)(kept + 1);

	set_paths(c, kept, n_fresh);
	c->n_fresh = n_fresh;
	if (kept < 0)
		c->cut = cut;
	if (MW_UNLIKELY(at + n_fresh > STACK_MAX_FRAMES))
		return join_deep(w, kept, n_fresh);
	for (uint32_t i = n_fresh; i-- > 0; at++) {
		struct stack_frame *f = &c->fresh[i];

		/* the caller's bp matters only if the caller, or one beyond that it goes to unsaved, uses it */
		if (!needs_bp && !f->barrier)
			f->bp_slot = NULL;
		f->needs_bp = (f->kind == RULE_BP || f->kind == RULE_BP_DEREF || f->kind == RULE_NO_FDE ||
			       (needs_bp && !f->bp_slot)) &&
			      !mw_calls_main(f->ip);
		needs_bp = f->needs_bp;
		f->node = 0;
		c->ips[at] = f->ip;
		c->ra_slots[at] = f->ra_slot;
		c->special[at] = f->barrier || f->bp_slot;
		c->beyond[at] = 0;
		c->frames[at] = *f;
	}
	c->n = at;
	return node_of(w, at - 1);
}

/* ---- stacks with frames that need all registers ---- */

static MW_COLD void full_registers(struct cfi_regs *regs)
{
	__asm__ volatile("movq %%rbx, 24(%0)\n\tmovq %%rbp, 48(%0)\n\tmovq %%rsp, 56(%0)\n\t"
			 "movq %%r12, 96(%0)\n\tmovq %%r13, 104(%0)\n\tmovq %%r14, 112(%0)\n\tmovq %%r15, 120(%0)\n\t"
			 "leaq 0(%%rip), %%rax\n\tmovq %%rax, 128(%0)"
			 :
			 : "r"(regs)
			 : "rax", "memory");
}

/* Walks from here with all registers and keeps what lies at and beyond `at`. */
static MW_COLD uint32_t capture_complex(struct writer *w, const struct regs *at)
{
	struct stack_cache *c = &w->stacks;
	struct cfi_regs regs = {{0}};
	bool exact = true, found = false;
	uint32_t n = 0;
	bool cut = false;

	atomic_fetch_add_explicit(&mw_proc->shm->slow_stacks, 1, memory_order_relaxed);
	full_registers(&regs);
	for (;;) {
		uint64_t ip = regs.r[CFI_RA], pc = exact ? ip : ip - 1;
		enum cfi_step s;

		found = found || (ip == at->ip && regs.r[CFI_RSP] == at->sp);
		if (found) {
			rule_get(w, pc); /* announces the module */
			c->fresh[n++] = (struct stack_frame){.ip = ip, .exact = exact, .barrier = 1};
		}
		if (n == STACK_MAX_FRAMES) {
			cut = true;
			break;
		}
		s = mw_cfi_step(&regs, pc);
		if (s == CFI_STEP_END)
			break;
		if (s == CFI_STEP_LOST) {
			cut = true;
			break;
		}
		exact = s == CFI_STEP_INTERRUPTED;
	}
	if (n == 0)
		c->fresh[n++] = (struct stack_frame){.ip = at->ip, .barrier = 1};
	if (cut || !found)
		atomic_fetch_add_explicit(&mw_proc->shm->truncated_stacks, 1, memory_order_relaxed);
	n = join(w, -1, n, cut || !found);
	c->n = 0;
	return n;
}

/* ---- capture ---- */

static MW_COLD void caches_drop(struct stack_cache *c, uint32_t epoch)
{
	c->n = 0;
	mw_memo_forget(&c->memo);
	for (uint32_t i = 0; i < STACK_RULES; i++)
		c->rules[i].pc = 0;
	c->epoch = epoch;
}

/* Looks for the frame in the last stack from frames[*j] outwards: true if it is there and all beyond it still holds.
 * Else *j is where to go on looking for the next. */
static inline bool known(const struct stack_cache *c, int *j, uint64_t ip, uint64_t sp, uint64_t bp, bool exact)
{
	const struct stack_frame *old;
	int changed;

	while (*j >= 0 && c->frames[*j].sp < sp)
		--*j;
	if (*j < 0)
		return false;
	old = &c->frames[*j];
	if (old->sp != sp || old->ip != ip || old->exact != exact || (old->bp != bp && old->needs_bp))
		return false;
	changed = still_the_same(c, *j);
	if (changed < 0)
		return true;
	*j = changed - 1; /* all between meets the same change */
	return false;
}

static MW_NOINLINE uint32_t capture(struct writer *w, const struct regs *at)
{
	struct stack_cache *c = &w->stacks;
	struct stack_frame *f = c->fresh;
	int j = (int)c->n - 1;
	uint32_t n = 0;

	if (known(c, &j, at->ip, at->sp, at->bp, false)) {
		c->n = (uint32_t)j + 1;
		c->n_fresh = 0;
		return node_of(w, (uint32_t)j);
	}
	*f = (struct stack_frame){.ip = at->ip, .sp = at->sp, .bp = at->bp};
	for (;;) {
		struct stack_frame *caller;
		enum step s;

		if (n > 0 && known(c, &j, f->ip, f->sp, f->bp, f->exact))
			return join(w, j, n, false);
		if (MW_UNLIKELY(n == STACK_MAX_FRAMES - 1)) {
			atomic_fetch_add_explicit(&mw_proc->shm->truncated_stacks, 1, memory_order_relaxed);
			return join(w, -1, n, true);
		}
		caller = f + 1;
		caller->exact = 0;
		caller->barrier = 0;
		f->ra_slot = &mw_no_slot;
		f->bp_slot = NULL;
		s = step(rule_get(w, f->exact ? f->ip : f->ip - 1), f, caller);
		n++;
		if (s == STEP_END || (s == STEP_ON && caller->ip == 0))
			return join(w, -1, n, false);
		if (s == STEP_COMPLEX)
			return capture_complex(w, at);
		f = caller;
	}
}

uint32_t mw_stack_capture(struct writer *w, const struct regs *at)
{
	uint32_t epoch = atomic_load_explicit(&mw_epoch, memory_order_relaxed);
	bool validates = mw_proc->flags & SHM_FLAG_VALIDATE;
	uint32_t known_node = 0, node;
	bool remembered;

	if (MW_UNLIKELY(w->stacks.epoch != epoch)) {
		caches_drop(&w->stacks, epoch);
		mw_stamp(w); /* what follows is after the change of modules */
	}
	if (MW_UNLIKELY(mw_proc->flags & SHM_FLAG_REFERENCE_UNWINDER))
		return mw_reference_capture(w, at);
	remembered = (MW_UNLIKELY(validates) && mw_memo_find(&w->stacks.memo, at, &known_node)) ||
		     mw_memo_find_other(&w->stacks.memo, at, &known_node);
	if (remembered && !validates)
		return known_node;
	node = capture(w, at);
	mw_memo_keep(&w->stacks.memo, at, &w->stacks);
	if (MW_UNLIKELY(validates))
		mw_reference_check(w, at, known_node == 0 || known_node == node);
	else
		w->trusted = epoch;
	return node;
}
