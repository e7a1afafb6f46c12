/* From what the model counted to the report: what is told, named, merged and ordered. */
#include "cli/analysis/build.h"

#include "cli/model/event.h"
#include "common/compiler.h"

#include <criterion/criterion.h>
#include <string.h>

#define BASE UINT64_C(0x555500000000)

/* ---- names: these stand before those of the reporter's library when the test is linked */

size_t symbols_resolve(struct symbols *symbols, const struct symbols_object *object, uint64_t vaddr,
		       struct symbols_frame *frames, size_t max)
{
	static const char *const names[] = {"main", "parse", "release", "operator new(unsigned long)",
					    "operator delete(void*)"};
	size_t i = (size_t)(vaddr - 0xfff) / 16;

	(void)symbols;
	(void)object;
	cr_assert(max > 0);
	frames[0] = (struct symbols_frame){.function = i < MW_ARRAY_LEN(names) ? names[i] : NULL};
	return 1;
}

const char *symbols_jit_name(struct symbols *symbols, int pid, uint64_t addr)
{
	(void)symbols;
	(void)pid;
	(void)addr;
	return NULL;
}

const char *symbols_variable(struct symbols *symbols, const struct symbols_object *wanted, uint64_t vaddr,
			     uint64_t *offset)
{
	(void)symbols;
	(void)wanted;
	(void)vaddr;
	(void)offset;
	return NULL;
}

/* ---- a process; the stack `id` is the function names[id − 1], called by main */

static struct process *new_process(void)
{
	const struct wire_hello hello = {.version = WIRE_VERSION, .pid = 42, .monotonic_ns = 1000};
	struct wire_module module = {.id = 1, .bias = BASE, .start = BASE, .end = BASE + 0x10000};
	struct process *process = process_new(&hello, PROCESS_RUN);
	uint64_t words[10] = {wire_ext_word(WIRE_MODULE_LOAD, 9, 5)};

	memcpy(&words[1], &module, sizeof(module));
	memcpy(&words[9], "/prog", 5);
	cr_assert(process_announce(process, 0, words, 10));
	for (uint32_t id = 1; id <= 6; id++) {
		/* 6 is a second id of 2's stack */
		uint64_t ip = BASE + 0x1000 + 16 * (id == 6 ? 1 : id - 1);
		struct mem_event node = {.op = WIRE_NODE, .addr = ip, .size_bytes = id > 1, .stack = id};

		process_apply(process, &node, 1);
	}
	return process;
}

static void count(struct process *process, enum mismatch_type type, unsigned alloc_kind, unsigned free_kind,
		  uint32_t alloc_stack, uint32_t free_stack)
{
	const struct mismatch one = {.type = type,
				     .alloc_kind = (uint8_t)alloc_kind,
				     .free_kind = (uint8_t)free_kind,
				     .alloc_stack = alloc_stack,
				     .free_stack = free_stack,
				     .count = 1,
				     .bytes = 8};

	mismatches_add(&process->mismatches, &one);
}

static struct report_process build(struct process *process)
{
	const struct build_options options = {.why_not = "--no-scan was given"};
	struct report_process report;

	report_process_build(process, NULL, &options, &report);
	process_free(process);
	return report;
}

Test(mismatch, named_merged_and_ordered)
{
	struct process *process = new_process();
	struct report_process report;

	count(process, MISMATCH_NOT_A_BLOCK, 0, WIRE_KIND_FREE, 0, 3);
	count(process, MISMATCH_OF_FAMILY, WIRE_KIND_NEW, WIRE_KIND_FREE, 2, 3);
	count(process, MISMATCH_OF_FAMILY, WIRE_KIND_NEW, WIRE_KIND_FREE, 6, 3);
	count(process, MISMATCH_FREED_AGAIN, WIRE_KIND_MALLOC, WIRE_KIND_FREE, 2, 0);
	report = build(process);
	cr_assert_eq(report.n_mismatches, 3);
	cr_assert_eq(report.mismatches[0].kind, MISMATCH_FREE);
	cr_assert_eq(report.mismatches[0].count, 2);
	cr_assert_eq(report.mismatches[0].bytes, 16);
	cr_assert_str_eq(report.mismatches[0].allocator, "new");
	cr_assert_str_eq(report.mismatches[0].deallocator, "free");
	cr_assert_eq(report.mismatches[0].alloc.n_frames, 2);
	cr_assert_str_eq(report.mismatches[0].alloc.frames[0]->function, "parse");
	cr_assert_str_eq(report.mismatches[0].free.frames[0]->function, "release");
	cr_assert_eq(report.mismatches[1].kind, MISMATCH_INVALID_FREE);
	cr_assert_null(report.mismatches[1].allocator);
	cr_assert_eq(report.mismatches[1].alloc.n_frames, 0);
	cr_assert_eq(report.mismatches[2].kind, MISMATCH_DOUBLE_FREE);
	cr_assert_eq(report.mismatches[2].free.n_frames, 0);
	report_process_clear(&report);
}

/* libstdc++'s operators that were linked into a file: malloc and free are called by them. */
Test(mismatch, hidden_operators)
{
	struct process *process = new_process();
	struct report_process report;

	count(process, MISMATCH_OF_FAMILY, WIRE_KIND_MALLOC, WIRE_KIND_DELETE, 4, 3);
	count(process, MISMATCH_OF_FAMILY, WIRE_KIND_NEW, WIRE_KIND_FREE, 2, 5);
	report = build(process);
	cr_assert_eq(report.n_mismatches, 0);
	report_process_clear(&report);
}

Test(mismatch, operators_of_the_program)
{
	struct process *process = new_process();
	uint64_t operators = wire_ext_word(WIRE_OPERATORS, 0, 0);
	struct report_process report;

	cr_assert(process_announce(process, 0, &operators, 1));
	count(process, MISMATCH_OF_FAMILY, WIRE_KIND_NEW, WIRE_KIND_FREE, 2, 3);
	count(process, MISMATCH_OF_FAMILY, WIRE_KIND_MALLOC, WIRE_KIND_DELETE, 2, 3);
	count(process, MISMATCH_NOT_A_BLOCK, WIRE_KIND_MALLOC, WIRE_KIND_DELETE_ARRAY, 2, 3);
	count(process, MISMATCH_FREED_AGAIN, WIRE_KIND_MALLOC, WIRE_KIND_FREE, 2, 3);
	report = build(process);
	cr_assert_eq(report.n_mismatches, 1);
	cr_assert_eq(report.mismatches[0].kind, MISMATCH_DOUBLE_FREE);
	report_process_clear(&report);
}

/* A record that is missing may have been the allocation. */
Test(mismatch, lost_records_leave_doubt)
{
	struct process *process = new_process();
	struct report_process report;

	process_lose(process, 1, 0);
	count(process, MISMATCH_FREED_AGAIN, WIRE_KIND_MALLOC, WIRE_KIND_FREE, 2, 3);
	count(process, MISMATCH_OF_FAMILY, WIRE_KIND_NEW, WIRE_KIND_FREE, 2, 3);
	report = build(process);
	cr_assert_eq(report.n_mismatches, 1);
	cr_assert_eq(report.mismatches[0].kind, MISMATCH_FREE);
	report_process_clear(&report);
}

Test(mismatch, those_beyond_the_bound_are_counted)
{
	struct process *process = new_process();
	struct report_process report;

	count(process, MISMATCH_OF_FAMILY, WIRE_KIND_NEW, WIRE_KIND_FREE, 2, 3);
	process->mismatches.n_others = 77;
	report = build(process);
	cr_assert_eq(report.n_mismatches, 1);
	cr_assert_eq(report.completeness.n_reasons, 1);
	cr_assert(strstr(report.completeness.reasons[0], "77 more mismatched or invalid frees"));
	report_process_clear(&report);
}
