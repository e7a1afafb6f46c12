#include "shim/cfi_expr.h"

#include "shim/cfi_reader.h"
#include "shim/sys.h"

#define EXPR_DEPTH 16
#define EXPR_STEPS 200

struct expr_stack {
	uint64_t v[EXPR_DEPTH];
	unsigned n;
};

static bool push(struct expr_stack *s, uint64_t v)
{
	if (s->n == EXPR_DEPTH)
		return false;
	s->v[s->n++] = v;
	return true;
}

static uint64_t pop(struct expr_stack *s)
{
	return s->n ? s->v[--s->n] : 0;
}

static bool deref(struct expr_stack *s)
{
	uint64_t at = pop(s);

	return sys_readable(at) && push(s, *(const uint64_t *)(uintptr_t)at);
}

static bool push_register(struct expr_stack *s, struct dwarf_bytes *r, const struct cfi_regs *regs, uint64_t reg)
{
	int64_t offset = dwarf_bytes_sleb(r);

	return reg < CFI_REGS && push(s, regs->r[reg] + (uint64_t)offset);
}

/* Constants: DW_OP_const1u … consts. */
static bool push_constant(struct expr_stack *s, struct dwarf_bytes *r, uint8_t op)
{
	switch (op) {
	case 0x08:
		return push(s, dwarf_bytes_take(r, 1));
	case 0x09:
		return push(s, (uint64_t)(int64_t)(int8_t)dwarf_bytes_take(r, 1));
	case 0x0a:
		return push(s, dwarf_bytes_take(r, 2));
	case 0x0b:
		return push(s, (uint64_t)(int64_t)(int16_t)dwarf_bytes_take(r, 2));
	case 0x0c:
		return push(s, dwarf_bytes_take(r, 4));
	case 0x0d:
		return push(s, (uint64_t)(int64_t)(int32_t)dwarf_bytes_take(r, 4));
	case 0x10:
		return push(s, dwarf_bytes_uleb(r));
	case 0x11:
		return push(s, (uint64_t)dwarf_bytes_sleb(r));
	default: /* const8u, const8s */
		return push(s, dwarf_bytes_take(r, 8));
	}
}

static bool binary(struct expr_stack *s, uint8_t op)
{
	uint64_t b = pop(s), a = pop(s);
	int64_t sa = (int64_t)a, sb = (int64_t)b;

	switch (op) {
	case 0x1a:
		return push(s, a & b);
	case 0x1c:
		return push(s, a - b);
	case 0x1e:
		return push(s, a * b);
	case 0x21:
		return push(s, a | b);
	case 0x22:
		return push(s, a + b);
	case 0x24:
		return push(s, b < 64 ? a << b : 0);
	case 0x25:
		return push(s, b < 64 ? a >> b : 0);
	case 0x27:
		return push(s, a ^ b);
	case 0x29:
		return push(s, sa == sb);
	case 0x2a:
		return push(s, sa >= sb);
	case 0x2b:
		return push(s, sa > sb);
	case 0x2c:
		return push(s, sa <= sb);
	case 0x2d:
		return push(s, sa < sb);
	case 0x2e:
		return push(s, sa != sb);
	default:
		return false;
	}
}

static bool step(struct expr_stack *s, struct dwarf_bytes *r, const struct cfi_regs *regs, uint8_t op)
{
	uint64_t v;

	if (op >= 0x30 && op <= 0x4f) /* lit0-31 */
		return push(s, op - 0x30u);
	if (op >= 0x50 && op <= 0x6f) /* reg0-31 */
		return op - 0x50 < CFI_REGS && push(s, regs->r[op - 0x50]);
	if (op >= 0x70 && op <= 0x8f) /* breg0-31 */
		return push_register(s, r, regs, op - 0x70u);
	if (op >= 0x08 && op <= 0x11)
		return push_constant(s, r, op);
	switch (op) {
	case 0x03: /* addr */
		return push(s, dwarf_bytes_take(r, 8));
	case 0x06:
		return deref(s);
	case 0x12: /* dup */
		v = pop(s);
		return push(s, v) && push(s, v);
	case 0x13: /* drop */
		pop(s);
		return true;
	case 0x1f: /* neg */
		return push(s, -pop(s));
	case 0x20: /* not */
		return push(s, ~pop(s));
	case 0x23: /* plus_uconst */
		v = dwarf_bytes_uleb(r);
		return push(s, pop(s) + v);
	case 0x92: /* bregx */
		v = dwarf_bytes_uleb(r);
		return push_register(s, r, regs, v);
	case 0x96: /* nop */
		return true;
	default:
		return binary(s, op);
	}
}

bool mw_cfi_eval(const uint8_t *expr, const struct cfi_regs *regs, uint64_t cfa, bool push_cfa, uint64_t *result)
{
	struct dwarf_bytes r = {expr, expr + 10};
	uint64_t n = dwarf_bytes_uleb(&r);
	struct expr_stack s = {.n = 0};
	const uint8_t *start = r.p;

	r.end = start + n;
	if (push_cfa)
		push(&s, cfa);
	for (int i = 0; r.p < r.end && i < EXPR_STEPS; i++) {
		uint8_t op = *r.p++;

		if (op == 0x2f || op == 0x28) { /* skip, bra */
			int16_t by = (int16_t)dwarf_bytes_take(&r, 2);

			if (op == 0x28 && pop(&s) == 0)
				continue;
			r.p += by;
			if (r.p < start || r.p > r.end)
				return false;
		} else if (!step(&s, &r, regs, op)) {
			return false;
		}
	}
	if (s.n == 0)
		return false;
	*result = pop(&s);
	return true;
}
