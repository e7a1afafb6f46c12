/* DWARF expressions of call frame information (DWARF 5 section 2.5, those operations that can occur in it). */
#ifndef SHIM_CFI_EXPR_H
#define SHIM_CFI_EXPR_H

#include "shim/cfi.h"

/* Evaluates `expr` (ULEB128 length, operations); with `push_cfa` the CFA is on the stack at the start. */
bool mw_cfi_eval(const uint8_t *expr, const struct cfi_regs *regs, uint64_t cfa, bool push_cfa, uint64_t *result);

#endif
