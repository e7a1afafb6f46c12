/*
 * Call frame information (.eh_frame) of the mapped objects: how to get from a frame to its caller. Formats: System V
 * ABI AMD64 supplement (register numbers), LSB "DWARF Extensions" (.eh_frame, .eh_frame_hdr), DWARF 5 section 6.4.
 * Nothing here allocates or locks; any context.
 */
#ifndef SHIM_CFI_H
#define SHIM_CFI_H

#include "shim/libc_glibc.h"
#include "shim/sys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What nearly all frames need: CFA = register + offset, return address at CFA - 8, perhaps a saved rbp. */
enum rule_kind {
	RULE_NONE = 0,
	RULE_SP,       /* CFA = sp + cfa_off */
	RULE_BP,       /* CFA = bp + cfa_off */
	RULE_BP_DEREF, /* CFA = *(bp + cfa_off): functions that realign their stack */
	RULE_END,      /* the outermost frame */
	RULE_SIGNAL,   /* the kernel's signal frame: registers lie in a ucontext at sp */
	RULE_NO_FDE,   /* no information: step by frame pointer, with care */
	RULE_COMPLEX,  /* anything else: mw_cfi_step on all registers */
};

enum rule_bp {
	RULE_BP_SAME = 0,
	RULE_BP_AT_CFA, /* saved at CFA + bp_off */
	RULE_BP_AT_BP,  /* saved at bp + bp_off (realigned stacks) */
};

struct rule {
	uint64_t pc;
	int32_t cfa_off;
	int16_t bp_off;
	uint8_t kind; /* enum rule_kind */
	uint8_t bp;   /* enum rule_bp */
};
_Static_assert(sizeof(struct rule) == 16, "four to a cache line");

/* The rule at `pc` (of the call, not of the return) in `object`; NULL object: code of no object. */
void mw_cfi_rule(uint64_t pc, const struct libc_object *object, struct rule *rule);

/* Registers by DWARF number: 3 rbx, 6 rbp, 7 rsp, 12-15, 16 the return address. */
#define CFI_RBP  6
#define CFI_RSP  7
#define CFI_RA   16
#define CFI_REGS 17

struct cfi_regs {
	uint64_t r[CFI_REGS];
};

enum cfi_step {
	CFI_STEP_CALLER,      /* regs are the caller's; r[CFI_RA] is a return address */
	CFI_STEP_INTERRUPTED, /* the same, but r[CFI_RA] is the interrupted instruction itself */
	CFI_STEP_END,         /* that was the outermost frame */
	CFI_STEP_LOST,        /* no way on */
};

/* Whether `bp` can be the frame pointer of a frame at `sp` without call frame information: as libunwind does, but
 * reading only what is there. */
static inline bool mw_frame_pointer_usable(uint64_t bp, uint64_t sp)
{
	return bp >= sp && bp % 8 == 0 && bp - sp <= UINT64_C(1) << 26 && sys_readable(bp) && sys_readable(bp + 8);
}

/* One step with all registers, expressions included; `pc` as in mw_cfi_rule(). */
enum cfi_step mw_cfi_step(struct cfi_regs *regs, uint64_t pc);

#endif
