/* DWARF 5 section 6.2; versions 2 to 5 differ in the header only. */
#include "cli/symbols/line_program.h"

#include <dwarf.h>
#include <stdbool.h>

struct line_program {
	struct dwarf_bytes ops;
	uint8_t min_instruction_bytes;
	int8_t line_base;
	uint8_t line_range;
	uint8_t opcode_base;
	const uint8_t *operand_counts; /* of the opcodes 1 … opcode_base − 1 */
	struct line_files *files;
	struct line_rows *rows;
	/* registers of the state machine, of a sequence */
	uint64_t addr, file, line;
	bool begun; /* has rows */
	bool discarded;
};

static bool line_program_open(struct line_program *program, const struct line_sections *sections, uint64_t offset)
{
	struct dwarf_bytes b = sections->line;
	uint64_t n;
	unsigned version, offset_bytes = 4;

	dwarf_bytes_skip(&b, offset);
	n = dwarf_bytes_take(&b, 4);
	if (n == UINT32_MAX) {
		offset_bytes = 8;
		n = dwarf_bytes_take(&b, 8);
	}
	if (n > dwarf_bytes_left(&b))
		return false;
	b.end = b.p + n;
	version = (unsigned)dwarf_bytes_take(&b, 2);
	if (version < 2 || version > 5)
		return false;
	if (version >= 5)
		dwarf_bytes_skip(&b, 2); /* sizes of addresses and segment selectors */
	n = dwarf_bytes_take(&b, offset_bytes);
	program->ops = b;
	dwarf_bytes_skip(&program->ops, n);
	b.end = program->ops.p;
	program->min_instruction_bytes = (uint8_t)dwarf_bytes_take(&b, 1);
	/* operations per instruction (1 but on VLIW machines), default_is_stmt */
	dwarf_bytes_skip(&b, version >= 4 ? 2 : 1);
	program->line_base = (int8_t)dwarf_bytes_take(&b, 1);
	program->line_range = (uint8_t)dwarf_bytes_take(&b, 1);
	program->opcode_base = (uint8_t)dwarf_bytes_take(&b, 1);
	program->operand_counts = b.p;
	if (!program->line_range || !program->opcode_base || dwarf_bytes_left(&b) < program->opcode_base)
		return false;
	dwarf_bytes_skip(&b, program->opcode_base - 1u);
	line_files_read(program->files, &b, sections, version, offset_bytes);
	return true;
}

static void sequence_start(struct line_program *program)
{
	program->addr = 0;
	program->file = program->line = 1;
	program->begun = program->discarded = false;
}

static void sequence_set_address(struct line_program *program, uint64_t addr)
{
	/* GNU ld writes 0, lld all ones */
	if (!program->begun)
		program->discarded = addr == 0 || addr >= UINT64_MAX - 1 || addr == UINT32_MAX;
	program->addr = addr;
}

static void sequence_emit(struct line_program *program)
{
	struct line_row row = {
		.addr = program->addr,
		.file = program->file <= UINT32_MAX ? (uint32_t)program->file : UINT32_MAX,
		.line = program->line <= INT32_MAX ? (uint32_t)program->line : 0,
	};

	if (!program->discarded)
		line_rows_add(program->rows, row);
	program->begun = true;
}

static void line_program_extended(struct line_program *program)
{
	uint64_t n = dwarf_bytes_uleb(&program->ops);
	struct dwarf_bytes operand = program->ops;

	if (n == 0)
		return;
	dwarf_bytes_skip(&program->ops, n);
	operand.end = program->ops.p;
	switch (dwarf_bytes_take(&operand, 1)) {
	case DW_LNE_end_sequence:
		if (!program->discarded)
			line_rows_end(program->rows, program->addr);
		sequence_start(program);
		break;
	case DW_LNE_set_address:
		sequence_set_address(program, dwarf_bytes_take(&operand, dwarf_bytes_left(&operand)));
		break;
	case DW_LNE_define_file:
		line_files_add(program->files, &operand);
		break;
	default:
		break;
	}
}

static void line_program_standard(struct line_program *program, unsigned op)
{
	struct dwarf_bytes *ops = &program->ops;

	switch (op) {
	case DW_LNS_copy:
		sequence_emit(program);
		break;
	case DW_LNS_advance_pc:
		program->addr += dwarf_bytes_uleb(ops) * program->min_instruction_bytes;
		break;
	case DW_LNS_advance_line:
		program->line += (uint64_t)dwarf_bytes_sleb(ops);
		break;
	case DW_LNS_set_file:
		program->file = dwarf_bytes_uleb(ops);
		break;
	case DW_LNS_const_add_pc:
		program->addr +=
			(uint64_t)((255 - program->opcode_base) / program->line_range) * program->min_instruction_bytes;
		break;
	case DW_LNS_fixed_advance_pc:
		program->addr += dwarf_bytes_take(ops, 2);
		break;
	default:
		for (unsigned i = 0; i < program->operand_counts[op - 1]; i++)
			dwarf_bytes_uleb(ops);
		break;
	}
}

void line_program_read(const struct line_sections *sections, uint64_t offset, struct line_rows *rows,
		       struct line_files *files)
{
	struct line_program program = {.rows = rows, .files = files};

	if (!line_program_open(&program, sections, offset))
		return;
	sequence_start(&program);
	while (program.ops.p < program.ops.end) {
		unsigned op = *program.ops.p++;

		if (op >= program.opcode_base) {
			op -= program.opcode_base;
			program.addr += (uint64_t)(op / program.line_range) * program.min_instruction_bytes;
			program.line += (uint64_t)(int64_t)(program.line_base + (int)(op % program.line_range));
			sequence_emit(&program);
		} else if (op == 0) {
			line_program_extended(&program);
		} else {
			line_program_standard(&program, op);
		}
	}
	line_rows_finish(rows);
}
