/* The row of the call frame table that holds at one address. */
#ifndef SHIM_CFI_ROW_H
#define SHIM_CFI_ROW_H

#include "shim/cfi.h"

enum cfi_how {
	CFI_UNSET = 0, /* not mentioned: as CFI_SAME */
	CFI_SAME,
	CFI_UNDEFINED,
	CFI_AT_CFA,  /* saved at CFA + value */
	CFI_IS_CFA,  /* is CFA + value */
	CFI_IN_REG,  /* is in register `value` */
	CFI_AT_EXPR, /* saved where the expression says */
	CFI_IS_EXPR, /* is what the expression says */
};

struct cfi_reg {
	enum cfi_how how;
	union {
		int64_t value;
		const uint8_t *expr; /* ULEB128 length, then the operations */
	};
};

struct cfi_row {
	unsigned cfa_reg;
	int64_t cfa_off;
	const uint8_t *cfa_expr; /* NULL: register and offset */
	bool signal_frame;
	struct cfi_reg regs[CFI_REGS];
};

/* False when there is no information for `pc`. */
bool mw_cfi_row(uint64_t pc, const struct libc_object *object, struct cfi_row *row);

#endif
