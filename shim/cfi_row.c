/* Finds the FDE by the binary search table of .eh_frame_hdr and runs its program up to the address. */
#include "shim/cfi_row.h"

#include "shim/cfi_reader.h"

#define MAX_REMEMBERED 4

struct fde {
	struct dwarf_bytes cie_program, fde_program;
	uint64_t code_align;
	int64_t data_align;
	uint64_t begin, end;
	uint8_t encoding; /* of addresses */
	bool signal_frame;
};

/* A ULEB128 length and that many bytes. */
static void skip_block(struct dwarf_bytes *r)
{
	uint64_t n = dwarf_bytes_uleb(r);

	r->p += n;
}

/* The FDE that the search table names for `pc`, or NULL. */
static const uint8_t *search_table(uint64_t pc, const uint8_t *hdr)
{
	struct dwarf_bytes r = {hdr + 4, hdr + 64};
	uint64_t base = (uint64_t)(uintptr_t)hdr, count;
	struct entry {
		int32_t pc, fde;
	} const *table;
	size_t lo = 0, hi;

	if (hdr[0] != 1 || hdr[2] == CFI_PE_OMIT || hdr[3] != 0x3b /* datarel | sdata4: what all linkers write */)
		return NULL;
	cfi_encoded(&r, hdr[1], base);
	count = cfi_encoded(&r, hdr[2], base);
	table = (const struct entry *)(const void *)r.p;
	hi = count;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (base + (uint64_t)(int64_t)table[mid].pc <= pc)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? hdr + table[lo - 1].fde : NULL;
}

/* The augmentation string tells what the augmentation data hold: 'R' address encoding, 'P' personality, 'L' LSDA. */
static bool parse_augmentation(struct dwarf_bytes *r, const char *augmentation, struct fde *fde)
{
	struct dwarf_bytes data;
	uint64_t length;

	if (*augmentation != 'z')
		return *augmentation == '\0';
	length = dwarf_bytes_uleb(r);
	data = (struct dwarf_bytes){r->p, r->p + length};
	for (const char *a = augmentation + 1; *a; a++) {
		switch (*a) {
		case 'R':
			fde->encoding = (uint8_t)dwarf_bytes_take(&data, 1);
			break;
		case 'P': {
			uint8_t encoding = (uint8_t)dwarf_bytes_take(&data, 1);

			cfi_encoded(&data, encoding & 0x7f, 0);
			break;
		}
		case 'L':
			dwarf_bytes_take(&data, 1);
			break;
		case 'S':
			fde->signal_frame = true;
			break;
		case 'B': /* pointer authentication, other machines */
			break;
		default:
			return false;
		}
	}
	r->p = data.end;
	return true;
}

static bool parse_cie(const uint8_t *cie, struct fde *fde)
{
	uint32_t length;
	struct dwarf_bytes r;
	const char *augmentation;
	uint8_t version;

	memcpy(&length, cie, 4);
	r = (struct dwarf_bytes){cie + 8, cie + 4 + length};
	version = (uint8_t)dwarf_bytes_take(&r, 1);
	augmentation = (const char *)r.p;
	r.p += strlen(augmentation) + 1;
	fde->code_align = dwarf_bytes_uleb(&r);
	fde->data_align = dwarf_bytes_sleb(&r);
	if (version == 1)
		dwarf_bytes_take(&r, 1);
	else
		dwarf_bytes_uleb(&r);
	fde->encoding = 0;
	fde->signal_frame = false;
	if (!parse_augmentation(&r, augmentation, fde))
		return false;
	fde->cie_program = r;
	return true;
}

static bool parse_fde(const uint8_t *p, uint64_t pc, struct fde *fde)
{
	uint32_t length, cie_offset;
	struct dwarf_bytes r;

	memcpy(&length, p, 4);
	memcpy(&cie_offset, p + 4, 4);
	if (length == 0 || length == UINT32_MAX || cie_offset == 0)
		return false;
	if (!parse_cie(p + 4 - cie_offset, fde))
		return false;
	r = (struct dwarf_bytes){p + 8, p + 4 + length};
	fde->begin = cfi_encoded(&r, fde->encoding, 0);
	fde->end = fde->begin + cfi_encoded(&r, fde->encoding & 0x0f, 0);
	if (pc < fde->begin || pc >= fde->end)
		return false;
	skip_block(&r);
	fde->fde_program = r;
	return true;
}

struct machine {
	struct cfi_row row, initial;
	struct cfi_row saved[MAX_REMEMBERED];
	unsigned n_saved;
	uint64_t loc;
};

static void set_reg(struct machine *m, uint64_t reg, enum cfi_how how, int64_t value)
{
	if (reg < CFI_REGS)
		m->row.regs[reg] = (struct cfi_reg){.how = how, .value = value};
}

static void set_expr(struct machine *m, struct dwarf_bytes *r, uint64_t reg, enum cfi_how how)
{
	if (reg < CFI_REGS)
		m->row.regs[reg] = (struct cfi_reg){.how = how, .expr = r->p};
	skip_block(r);
}

static void set_cfa(struct machine *m, uint64_t reg, int64_t offset)
{
	m->row.cfa_reg = reg < CFI_REGS ? (unsigned)reg : 0;
	m->row.cfa_off = offset;
	m->row.cfa_expr = NULL;
}

/* Instructions that say where registers are (0x05 … 0x16, GNU ones included). False: not known. */
static bool run_register(struct machine *m, struct dwarf_bytes *r, const struct fde *fde, uint8_t op)
{
	uint64_t reg = dwarf_bytes_uleb(r);

	switch (op) {
	case 0x05: /* offset_extended */
		set_reg(m, reg, CFI_AT_CFA, (int64_t)dwarf_bytes_uleb(r) * fde->data_align);
		return true;
	case 0x06: /* restore_extended */
		if (reg < CFI_REGS)
			m->row.regs[reg] = m->initial.regs[reg];
		return true;
	case 0x07: /* undefined */
		set_reg(m, reg, CFI_UNDEFINED, 0);
		return true;
	case 0x08: /* same_value */
		set_reg(m, reg, CFI_SAME, 0);
		return true;
	case 0x09: { /* register */
		uint64_t other = dwarf_bytes_uleb(r);

		set_reg(m, reg, CFI_IN_REG, other < CFI_REGS ? (int64_t)other : 0);
		return true;
	}
	case 0x10: /* expression */
		set_expr(m, r, reg, CFI_AT_EXPR);
		return true;
	case 0x11: /* offset_extended_sf */
		set_reg(m, reg, CFI_AT_CFA, dwarf_bytes_sleb(r) * fde->data_align);
		return true;
	case 0x14: /* val_offset */
		set_reg(m, reg, CFI_IS_CFA, (int64_t)dwarf_bytes_uleb(r) * fde->data_align);
		return true;
	case 0x15: /* val_offset_sf */
		set_reg(m, reg, CFI_IS_CFA, dwarf_bytes_sleb(r) * fde->data_align);
		return true;
	case 0x16: /* val_expression */
		set_expr(m, r, reg, CFI_IS_EXPR);
		return true;
	case 0x2f: /* GNU_negative_offset_extended */
		set_reg(m, reg, CFI_AT_CFA, -(int64_t)dwarf_bytes_uleb(r) * fde->data_align);
		return true;
	default:
		return false;
	}
}

static bool run_state(struct machine *m, uint8_t op)
{
	if (op == 0x0a) { /* remember_state */
		if (m->n_saved == MAX_REMEMBERED)
			return false;
		m->saved[m->n_saved++] = m->row;
		return true;
	}
	if (m->n_saved == 0) /* restore_state */
		return false;
	m->row = m->saved[--m->n_saved];
	return true;
}

static bool run_cfa(struct machine *m, struct dwarf_bytes *r, const struct fde *fde, uint8_t op)
{
	uint64_t reg;

	switch (op) {
	case 0x0c: /* def_cfa */
		reg = dwarf_bytes_uleb(r);
		set_cfa(m, reg, (int64_t)dwarf_bytes_uleb(r));
		return true;
	case 0x0d: /* def_cfa_register */
		set_cfa(m, dwarf_bytes_uleb(r), m->row.cfa_off);
		return true;
	case 0x0e: /* def_cfa_offset */
		set_cfa(m, m->row.cfa_reg, (int64_t)dwarf_bytes_uleb(r));
		return true;
	case 0x0f: /* def_cfa_expression */
		m->row.cfa_expr = r->p;
		skip_block(r);
		return true;
	case 0x12: /* def_cfa_sf */
		reg = dwarf_bytes_uleb(r);
		set_cfa(m, reg, dwarf_bytes_sleb(r) * fde->data_align);
		return true;
	case 0x13: /* def_cfa_offset_sf */
		set_cfa(m, m->row.cfa_reg, dwarf_bytes_sleb(r) * fde->data_align);
		return true;
	default:
		return false;
	}
}

static bool run_other(struct machine *m, struct dwarf_bytes *r, const struct fde *fde, uint8_t op)
{
	switch (op) {
	case 0x00: /* nop */
		return true;
	case 0x01: /* set_loc */
		m->loc = cfi_encoded(r, fde->encoding, 0);
		return true;
	case 0x02: /* advance_loc1, 2, 4 */
	case 0x03:
	case 0x04:
		m->loc += dwarf_bytes_take(r, 1u << (op - 2)) * fde->code_align;
		return true;
	case 0x0a:
	case 0x0b:
		return run_state(m, op);
	case 0x0c:
	case 0x0d:
	case 0x0e:
	case 0x0f:
	case 0x12:
	case 0x13:
		return run_cfa(m, r, fde, op);
	case 0x2e: /* GNU_args_size */
		dwarf_bytes_uleb(r);
		return true;
	default:
		return run_register(m, r, fde, op);
	}
}

/* Runs until the location passes `pc`. */
static bool run(struct machine *m, struct dwarf_bytes r, const struct fde *fde, uint64_t pc)
{
	while (r.p < r.end && m->loc <= pc) {
		uint8_t op = *r.p++, low = op & 0x3f;

		switch (op & 0xc0) {
		case 0x40: /* advance_loc */
			m->loc += low * fde->code_align;
			break;
		case 0x80: /* offset */
			set_reg(m, low, CFI_AT_CFA, (int64_t)dwarf_bytes_uleb(&r) * fde->data_align);
			break;
		case 0xc0: /* restore */
			if (low < CFI_REGS)
				m->row.regs[low] = m->initial.regs[low];
			break;
		default:
			if (!run_other(m, &r, fde, op))
				return false;
		}
	}
	return true;
}

bool mw_cfi_row(uint64_t pc, const struct libc_object *object, struct cfi_row *row)
{
	const uint8_t *found = search_table(pc, object->eh_frame_hdr);
	struct machine m;
	struct fde fde;

	if (!found || !parse_fde(found, pc, &fde))
		return false;
	memset(&m, 0, sizeof(m));
	m.loc = fde.begin;
	if (!run(&m, fde.cie_program, &fde, UINT64_MAX))
		return false;
	m.initial = m.row;
	if (!run(&m, fde.fde_program, &fde, pc))
		return false;
	*row = m.row;
	row->signal_frame = fde.signal_frame;
	return true;
}
