#include "shim/cfi.h"

#include "shim/cfi_expr.h"
#include "shim/cfi_reader.h"
#include "shim/cfi_row.h"
#include "shim/sys.h"

#include <string.h>
#include <ucontext.h>

/* mov $__NR_rt_sigreturn, %rax; syscall: what the kernel has handlers return to, in any libc. It is returned to without
 * having been called, so that `pc` is the byte before it. */
static bool is_sigreturn(uint64_t pc)
{
	static const uint8_t code[] = {0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05};

	return memcmp((const void *)(uintptr_t)(pc + 1), code, sizeof(code)) == 0;
}

/* DW_OP_bregN offset [DW_OP_deref]: true with the offset if the expression is just that, on rbp. */
static bool simple_bp_expression(const uint8_t *expr, bool deref, int64_t *offset)
{
	struct dwarf_bytes r = {expr, expr + 16};
	uint64_t n = dwarf_bytes_uleb(&r);

	if (n == 0 || n > 12)
		return false;
	r.end = r.p + n;
	if (*r.p++ != 0x70 + CFI_RBP)
		return false;
	*offset = dwarf_bytes_sleb(&r);
	if (deref && (r.p >= r.end || *r.p++ != 0x06))
		return false;
	return r.p == r.end;
}

static bool rule_bp(const struct cfi_row *row, struct rule *rule)
{
	const struct cfi_reg *bp = &row->regs[CFI_RBP];
	int64_t offset;

	rule->bp = RULE_BP_SAME;
	if (bp->how == CFI_SAME || bp->how == CFI_UNSET || bp->how == CFI_UNDEFINED)
		return true;
	if (bp->how == CFI_AT_CFA) {
		rule->bp = RULE_BP_AT_CFA;
		offset = bp->value;
	} else if (bp->how == CFI_AT_EXPR && simple_bp_expression(bp->expr, false, &offset)) {
		rule->bp = RULE_BP_AT_BP;
	} else {
		return false;
	}
	rule->bp_off = (int16_t)offset;
	return rule->bp_off == offset && offset % 8 == 0;
}

static bool rule_cfa(const struct cfi_row *row, struct rule *rule)
{
	int64_t offset = row->cfa_off;

	if (row->cfa_expr) {
		if (!simple_bp_expression(row->cfa_expr, true, &offset))
			return false;
		rule->kind = RULE_BP_DEREF;
	} else if (row->cfa_reg == CFI_RSP) {
		rule->kind = RULE_SP;
	} else if (row->cfa_reg == CFI_RBP) {
		rule->kind = RULE_BP;
	} else {
		return false;
	}
	rule->cfa_off = (int32_t)offset;
	return rule->cfa_off == offset;
}

void mw_cfi_rule(uint64_t pc, const struct libc_object *object, struct rule *rule)
{
	struct cfi_row row;

	*rule = (struct rule){.pc = pc, .kind = RULE_NO_FDE};
	if (!object || !object->eh_frame_hdr || !mw_cfi_row(pc, object, &row))
		return;
	if (row.signal_frame && is_sigreturn(pc)) {
		rule->kind = RULE_SIGNAL;
		return;
	}
	if (row.regs[CFI_RA].how == CFI_UNDEFINED) {
		rule->kind = RULE_END;
		return;
	}
	if (row.signal_frame || row.regs[CFI_RA].how != CFI_AT_CFA || row.regs[CFI_RA].value != -8 ||
	    !rule_cfa(&row, rule) || !rule_bp(&row, rule))
		rule->kind = RULE_COMPLEX;
}

static enum cfi_step step_signal(struct cfi_regs *regs)
{
	/* after `ret` to the sigreturn code, sp points at the ucontext */
	const ucontext_t *uc = (const ucontext_t *)(uintptr_t)regs->r[CFI_RSP];
	static const int8_t from[CFI_REGS] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
					      REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
					      REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};

	for (int i = 0; i < CFI_REGS; i++)
		regs->r[i] = (uint64_t)uc->uc_mcontext.gregs[from[i]];
	return CFI_STEP_INTERRUPTED;
}

/* Registers that the callee leaves alone keep their values; the others are rarely right, and rarely asked for. */
static bool apply_row(const struct cfi_row *row, struct cfi_regs *regs)
{
	struct cfi_regs old = *regs;
	uint64_t cfa;

	if (row->cfa_expr) {
		if (!mw_cfi_eval(row->cfa_expr, &old, 0, false, &cfa))
			return false;
	} else {
		cfa = old.r[row->cfa_reg] + (uint64_t)row->cfa_off;
	}
	regs->r[CFI_RSP] = cfa;
	for (int i = 0; i < CFI_REGS; i++) {
		const struct cfi_reg *reg = &row->regs[i];
		uint64_t at = cfa + (uint64_t)reg->value;

		switch (reg->how) {
		case CFI_UNSET:
		case CFI_SAME:
		case CFI_UNDEFINED:
			break;
		case CFI_AT_EXPR:
			if (!mw_cfi_eval(reg->expr, &old, cfa, true, &at))
				return false;
			/* fall through */
		case CFI_AT_CFA:
			if (!sys_readable(at))
				return false;
			regs->r[i] = *(const uint64_t *)(uintptr_t)at;
			break;
		case CFI_IS_CFA:
			regs->r[i] = at;
			break;
		case CFI_IS_EXPR:
			if (!mw_cfi_eval(reg->expr, &old, cfa, true, &regs->r[i]))
				return false;
			break;
		case CFI_IN_REG:
			regs->r[i] = old.r[reg->value];
			break;
		}
	}
	return true;
}

static enum cfi_step step_frame_pointer(struct cfi_regs *regs)
{
	uint64_t bp = regs->r[CFI_RBP];

	if (!mw_frame_pointer_usable(bp, regs->r[CFI_RSP]))
		return CFI_STEP_END;
	regs->r[CFI_RA] = ((const uint64_t *)(uintptr_t)bp)[1];
	regs->r[CFI_RBP] = ((const uint64_t *)(uintptr_t)bp)[0];
	regs->r[CFI_RSP] = bp + 16;
	return regs->r[CFI_RA] ? CFI_STEP_CALLER : CFI_STEP_END;
}

enum cfi_step mw_cfi_step(struct cfi_regs *regs, uint64_t pc)
{
	struct libc_object object;
	struct cfi_row row;
	uint64_t sp = regs->r[CFI_RSP];

	if (!libc_find_object(pc, &object) || !object.eh_frame_hdr || !mw_cfi_row(pc, &object, &row))
		return step_frame_pointer(regs);
	if (row.signal_frame && is_sigreturn(pc))
		return step_signal(regs);
	if (row.regs[CFI_RA].how == CFI_UNDEFINED)
		return CFI_STEP_END;
	if (!apply_row(&row, regs))
		return CFI_STEP_LOST;
	if (regs->r[CFI_RA] == 0)
		return CFI_STEP_END;
	return row.signal_frame ? CFI_STEP_INTERRUPTED : regs->r[CFI_RSP] > sp ? CFI_STEP_CALLER : CFI_STEP_LOST;
}
