/* DWARF 5 section 6.2; versions 2 to 5 differ in the header only. */
#include "cli/symbols/line_program.h"

#include <dwarf.h>
#include <gelf.h>
#include <string.h>

struct bytes {
	const uint8_t *p, *end; /* reading beyond the end gives zeros, and p == end */
};

struct line_program {
	struct bytes ops;
	uint8_t min_instruction_bytes;
	int8_t line_base;
	uint8_t line_range;
	uint8_t opcode_base;
	const uint8_t *operand_counts; /* of the opcodes 1 … opcode_base − 1 */
};

struct sequence {
	struct line_row row; /* registers of the state machine */
	struct line_row previous;
	bool has_previous;
	bool discarded;
};

struct search {
	uint64_t addr;
	struct line_row row;
	bool found;
	uint64_t discarded_end;
};

static uint64_t take(struct bytes *b, size_t n)
{
	uint64_t v = 0;

	if ((size_t)(b->end - b->p) < n || n > 8) {
		b->p = b->end;
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)b->p[i] << 8 * i;
	b->p += n;
	return v;
}

static uint64_t take_uleb(struct bytes *b)
{
	uint64_t v = 0;

	for (unsigned shift = 0; b->p < b->end; shift += 7) {
		uint8_t byte = *b->p++;

		if (shift < 64)
			v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			break;
	}
	return v;
}

static int64_t take_sleb(struct bytes *b)
{
	const uint8_t *start = b->p;
	uint64_t v = take_uleb(b);
	size_t bits = (size_t)(b->p - start) * 7;

	if (b->p > start && b->p[-1] & 0x40 && bits < 64)
		v |= ~(uint64_t)0 << bits;
	return (int64_t)v;
}

static void skip(struct bytes *b, uint64_t n)
{
	b->p = n < (uint64_t)(b->end - b->p) ? b->p + n : b->end;
}

static bool section_bytes(Dwarf *dwarf, const char *wanted, struct bytes *b)
{
	Elf *elf = dwarf_getelf(dwarf);
	GElf_Ehdr ehdr;
	GElf_Shdr shdr;
	Elf_Scn *section = NULL;
	size_t names = 0;

	if (!gelf_getehdr(elf, &ehdr) || ehdr.e_ident[EI_DATA] != ELFDATA2LSB || elf_getshdrstrndx(elf, &names) != 0)
		return false;
	while ((section = elf_nextscn(elf, section)) != NULL) {
		const char *name = gelf_getshdr(section, &shdr) ? elf_strptr(elf, names, shdr.sh_name) : NULL;
		Elf_Data *data;

		if (!name || strcmp(name, wanted) != 0)
			continue;
		/* libdw has put the uncompressed bytes in its place */
		data = shdr.sh_flags & SHF_COMPRESSED ? NULL : elf_rawdata(section, NULL);
		if (!data || !data->d_buf)
			return false;
		*b = (struct bytes){.p = data->d_buf, .end = (const uint8_t *)data->d_buf + data->d_size};
		return true;
	}
	return false;
}

static bool line_program_open(Dwarf_Die *unit, struct line_program *program)
{
	struct bytes b;
	Dwarf_Attribute attr;
	Dwarf_Word offset = 0;
	uint64_t n, offset_bytes = 4;
	unsigned version;

	if (dwarf_formudata(dwarf_attr(unit, DW_AT_stmt_list, &attr), &offset) != 0 ||
	    !section_bytes(dwarf_cu_getdwarf(unit->cu), ".debug_line", &b))
		return false;
	skip(&b, offset);
	n = take(&b, 4);
	if (n == 0xffffffff) {
		offset_bytes = 8;
		n = take(&b, 8);
	}
	if (n > (uint64_t)(b.end - b.p))
		return false;
	b.end = b.p + n;
	version = (unsigned)take(&b, 2);
	if (version < 2 || version > 5)
		return false;
	if (version >= 5)
		skip(&b, 2); /* sizes of addresses and segment selectors */
	n = take(&b, offset_bytes);
	program->ops = b;
	skip(&program->ops, n);
	program->min_instruction_bytes = (uint8_t)take(&b, 1);
	skip(&b, version >= 4 ? 2 : 1); /* operations per instruction (1 but on VLIW machines), default_is_stmt */
	program->line_base = (int8_t)take(&b, 1);
	program->line_range = (uint8_t)take(&b, 1);
	program->opcode_base = (uint8_t)take(&b, 1);
	program->operand_counts = b.p;
	return program->line_range && program->opcode_base && (size_t)(b.end - b.p) >= program->opcode_base;
}

static void sequence_start(struct sequence *s)
{
	*s = (struct sequence){.row = {.file = 1, .line = 1}};
}

static void sequence_set_address(struct sequence *s, uint64_t addr)
{
	/* GNU ld writes 0, lld all ones */
	if (!s->has_previous)
		s->discarded = addr == 0 || addr >= UINT64_MAX - 1 || addr == UINT32_MAX;
	s->row.addr = addr;
}

static void sequence_emit(struct sequence *s, struct search *search)
{
	if (s->discarded) {
		if (s->row.addr > search->discarded_end && s->row.addr < UINT32_MAX)
			search->discarded_end = s->row.addr;
	} else if (s->has_previous && s->previous.addr <= search->addr && search->addr < s->row.addr) {
		search->row = s->previous;
		search->found = true;
	}
	s->previous = s->row;
	s->has_previous = true;
}

static void line_program_extended(struct bytes *ops, struct sequence *s, struct search *search)
{
	uint64_t n = take_uleb(ops);
	struct bytes operand = *ops;

	if (n == 0)
		return;
	skip(ops, n);
	operand.end = ops->p;
	switch (take(&operand, 1)) {
	case DW_LNE_end_sequence:
		sequence_emit(s, search);
		sequence_start(s);
		break;
	case DW_LNE_set_address:
		sequence_set_address(s, take(&operand, (size_t)(operand.end - operand.p)));
		break;
	default:
		break;
	}
}

static void line_program_standard(struct line_program *program, unsigned op, struct sequence *s, struct search *search)
{
	struct bytes *ops = &program->ops;

	switch (op) {
	case DW_LNS_copy:
		sequence_emit(s, search);
		break;
	case DW_LNS_advance_pc:
		s->row.addr += take_uleb(ops) * program->min_instruction_bytes;
		break;
	case DW_LNS_advance_line:
		s->row.line += (uint64_t)take_sleb(ops);
		break;
	case DW_LNS_set_file:
		s->row.file = take_uleb(ops);
		break;
	case DW_LNS_const_add_pc:
		s->row.addr +=
			(uint64_t)((255 - program->opcode_base) / program->line_range) * program->min_instruction_bytes;
		break;
	case DW_LNS_fixed_advance_pc:
		s->row.addr += take(ops, 2);
		break;
	default:
		for (unsigned i = 0; i < program->operand_counts[op - 1]; i++)
			take_uleb(ops);
		break;
	}
}

static void line_program_run(Dwarf_Die *unit, struct search *search)
{
	struct line_program program;
	struct sequence s;

	if (!line_program_open(unit, &program))
		return;
	sequence_start(&s);
	while (program.ops.p < program.ops.end && !search->found) {
		unsigned op = *program.ops.p++;

		if (op >= program.opcode_base) {
			op -= program.opcode_base;
			s.row.addr += (uint64_t)(op / program.line_range) * program.min_instruction_bytes;
			s.row.line += (uint64_t)(int64_t)(program.line_base + (int)(op % program.line_range));
			sequence_emit(&s, search);
		} else if (op == 0) {
			line_program_extended(&program.ops, &s, search);
		} else {
			line_program_standard(&program, op, &s, search);
		}
	}
}

uint64_t line_program_discarded_end(Dwarf_Die *unit)
{
	struct search search = {.addr = UINT64_MAX};

	line_program_run(unit, &search);
	return search.discarded_end;
}

bool line_program_find(Dwarf_Die *unit, uint64_t addr, struct line_row *row)
{
	struct search search = {.addr = addr};

	line_program_run(unit, &search);
	*row = search.row;
	return search.found;
}
