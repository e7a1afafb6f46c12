/* From events of the model to leak records; names come from the table below instead of object files. */
#include "cli/analysis/build.h"

#include "cli/base/xalloc.h"
#include "cli/model/event.h"
#include "common/compiler.h"
#include "common/wire.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define PROG  "/srv/app/prog"
#define SHIM  "/opt/memwatch/libmemwatch.so"
#define BASE  UINT64_C(0x555500000000)
#define AGAIN UINT64_C(0x666600000000) /* PROG, mapped once more */
#define LIB   UINT64_C(0x7f0000000000)

/* ---- names: these stand before those of the reporter's library when the test is linked */

struct known_name {
	const char *path;
	uint64_t vaddr;
	size_t n;
	struct symbols_frame frames[3];
};

static const struct known_name known_names[] = {
	{PROG, 0x100f, 1, {{"leaf", "/src/a.c", 10, false, NULL}}},
	{PROG, 0x101f, 1, {{"main", "/src/a.c", 20, false, NULL}}},
	{PROG, 0x102f, 1, {{"operator new(unsigned long)", NULL, 0, false, NULL}}},
	{PROG,
	 0x103f,
	 3,
	 {{"std::vector<int>::push_back(int&&)", "/usr/include/c++/12/v.h", 5, true, NULL},
	  {"fill", "/src/b.cc", 6, true, NULL},
	  {"work()", "/src/b.cc", 7, false, NULL}}},
	{PROG, 0x1050, 1, {{"interrupted", "/src/a.c", 50, false, NULL}}},
	{SHIM, 0x100f, 1, {{"malloc", NULL, 0, false, NULL}}},
};

static unsigned n_resolved;

size_t symbols_resolve(struct symbols *symbols, const struct symbols_object *object, uint64_t vaddr,
		       struct symbols_frame *frames, size_t max)
{
	(void)symbols;
	n_resolved++;
	for (size_t i = 0; i < MW_ARRAY_LEN(known_names); i++) {
		if (strcmp(known_names[i].path, object->path) || known_names[i].vaddr != vaddr)
			continue;
		cr_assert(known_names[i].n <= max);
		memcpy(frames, known_names[i].frames, known_names[i].n * sizeof(*frames));
		return known_names[i].n;
	}
	frames[0] = (struct symbols_frame){0};
	return 1;
}

const char *symbols_jit_name(struct symbols *symbols, int pid, uint64_t addr)
{
	(void)symbols;
	return pid == 42 && addr == 0x9fff ? "LazyCompile:~add" : NULL;
}

const char *symbols_variable(struct symbols *symbols, const struct symbols_object *wanted, uint64_t vaddr,
			     uint64_t *offset)
{
	(void)symbols;
	(void)wanted;
	*offset = vaddr % 8;
	return "cache_head";
}

/* ---- a process, event by event */

static void load_module(struct process *process, uint32_t id, const char *path, uint64_t bias)
{
	uint64_t words[64] = {0};
	struct wire_module module = {.id = id,
				     .build_id_bytes = 2,
				     .bias = bias,
				     .start = bias,
				     .end = bias + 0x10000,
				     .build_id = {0xab, 0x01}};
	unsigned n = (unsigned)(sizeof(module) / 8 + (strlen(path) + 7) / 8);

	words[0] = wire_ext_word(WIRE_MODULE_LOAD, n, (uint32_t)strlen(path));
	memcpy(&words[1], &module, sizeof(module));
	memcpy(&words[1 + sizeof(module) / 8], path, strlen(path));
	cr_assert(process_announce(process, 0, words, n + 1));
}

static void name_thread(struct process *process, uint32_t stream, uint32_t tid, const char *name)
{
	uint64_t words[3] = {wire_ext_word(WIRE_THREAD, 2, tid)};

	memcpy(&words[1], name, strlen(name));
	cr_assert(process_announce(process, stream, words, 3));
}

static struct process *new_process(void)
{
	const struct wire_hello hello = {
		.version = WIRE_VERSION, .pid = 42, .ppid = 41, .start = WIRE_START_EXEC, .monotonic_ns = 1000000000};
	struct process *process = process_new(&hello, PROCESS_RUN);

	load_module(process, 1, PROG, BASE);
	load_module(process, 2, SHIM, LIB);
	return process;
}

static void node(struct process *process, uint32_t id, uint32_t parent, uint64_t ip, uint8_t flags)
{
	const struct mem_event event = {.op = WIRE_NODE, .addr = ip, .size_bytes = parent, .stack = id, .kind = flags};

	process_apply(process, &event, 1);
}

static void alloc_in(struct process *process, uint16_t stream, uint32_t stack, uint64_t addr, uint64_t size,
		     uint8_t kind)
{
	const struct mem_event event = {
		.op = WIRE_ALLOC, .addr = addr, .size_bytes = size, .stack = stack, .stream = stream, .kind = kind};

	process_apply(process, &event, 1);
}

static void alloc(struct process *process, uint32_t stack, uint64_t addr, uint64_t size)
{
	alloc_in(process, 0, stack, addr, size, WIRE_KIND_MALLOC);
}

static struct report_process build_with(struct process *process, uint32_t depth, unsigned unread)
{
	const struct build_options options = {.depth = depth,
					      .why_not = "--no-scan was given",
					      .unread = unread,
					      .overhead = {.reporter_bytes = 4096, .reporter_cpu_seconds = 0.5}};
	struct report_process report;
	uint64_t blocks = 0, bytes = 0;

	n_resolved = 0;
	report_process_build(process, NULL, &options, &report);
	process_free(process); /* the report keeps nothing of it */
	for (size_t i = 0; i < report.n_leaks; i++) {
		blocks += report.leaks[i].direct.blocks;
		bytes += report.leaks[i].direct.bytes;
	}
	cr_assert_eq(blocks, report.totals.live_blocks);
	cr_assert_eq(bytes, report.totals.live_bytes);
	cr_assert_eq(bytes, report.verdicts.by_verdict[VERDICT_UNCLASSIFIED].bytes);
	return report;
}

static struct report_process build_cut(struct process *process, uint32_t depth)
{
	return build_with(process, depth, 0);
}

static struct report_process build(struct process *process)
{
	return build_with(process, 0, 0);
}

static const struct report_frame *frame(const struct report_process *report, size_t leak, size_t index)
{
	cr_assert_lt(leak, report->n_leaks);
	cr_assert_lt(index, report->leaks[leak].stack.n_frames);
	return report->leaks[leak].stack.frames[index];
}

/* ---- tests */

Test(leak, names_and_offsets)
{
	struct process *process = new_process();
	struct report_process report;

	node(process, 1, 0, BASE + 0x1020, 0);
	node(process, 2, 1, BASE + 0x1010, 0);
	alloc(process, 2, 0x1000, 24);
	alloc(process, 2, 0x2000, 8);
	report = build(process);
	cr_assert_eq(report.n_leaks, 1);
	cr_assert_eq(report.leaks[0].direct.blocks, 2);
	cr_assert_eq(report.leaks[0].direct.bytes, 32);
	cr_assert_eq(report.leaks[0].verdict, VERDICT_UNCLASSIFIED);
	cr_assert_str_eq(report.leaks[0].allocator, "malloc");
	cr_assert_str_eq(frame(&report, 0, 0)->function, "leaf");
	cr_assert_str_eq(frame(&report, 0, 0)->file, "/src/a.c");
	cr_assert_eq(frame(&report, 0, 0)->line, 10);
	cr_assert_str_eq(frame(&report, 0, 0)->module, PROG);
	cr_assert_str_eq(frame(&report, 0, 0)->build_id, "ab01");
	cr_assert_eq(frame(&report, 0, 0)->offset, 0x100f, "of the call, not of the return");
	cr_assert_str_eq(frame(&report, 0, 1)->function, "main");
	cr_assert_str_eq(report.verdicts.why_not, "--no-scan was given");
	cr_assert(!report.verdicts.scanned);
	cr_assert_eq(report.pid, 42);
	report_process_clear(&report);
}

Test(leak, one_record_per_stack_whatever_its_ids)
{
	struct process *process = new_process();
	struct report_process report;

	load_module(process, 3, PROG, AGAIN);
	node(process, 1, 0, BASE + 0x1010, 0);
	node(process, 2, 0, BASE + 0x1010, 0);
	node(process, 3, 0, AGAIN + 0x1010, 0);
	alloc(process, 1, 0x1000, 1);
	alloc(process, 2, 0x2000, 1);
	alloc(process, 3, 0x3000, 1);
	alloc_in(process, 0, 1, 0x4000, 1, WIRE_KIND_CALLOC);
	report = build(process);
	cr_assert_eq(report.n_leaks, 2);
	cr_assert_eq(report.leaks[0].direct.blocks, 3);
	cr_assert_str_eq(report.leaks[1].allocator, "calloc");
	cr_assert_str_eq(report.leaks[0].id, report.leaks[1].id);
	cr_assert_eq(n_resolved, 1, "each address is looked up once");
	report_process_clear(&report);
}

Test(leak, the_allocator_is_not_part_of_the_stack)
{
	struct process *process = new_process();
	struct report_process report;

	node(process, 1, 0, BASE + 0x1010, 0);
	node(process, 2, 1, BASE + 0x1030, 0); /* operator new */
	node(process, 3, 2, LIB + 0x1010, 0);  /* malloc */
	node(process, 4, 3, LIB + 0x5555, 0);  /* nameless code of the shim */
	alloc(process, 4, 0x1000, 1);
	node(process, 5, 0, LIB + 0x1010, 0); /* nothing else is known: better than no frame */
	alloc(process, 5, 0x2000, 2);
	report = build(process);
	cr_assert_eq(report.leaks[1].stack.n_frames, 1);
	cr_assert_str_eq(frame(&report, 1, 0)->function, "leaf");
	cr_assert_eq(report.leaks[0].stack.n_frames, 1);
	cr_assert_str_eq(frame(&report, 0, 0)->function, "malloc");
	report_process_clear(&report);
}

Test(leak, inlined_frames)
{
	struct process *process = new_process();
	struct report_process report;

	node(process, 1, 0, BASE + 0x1020, 0);
	node(process, 2, 1, BASE + 0x1040, 0);
	alloc(process, 2, 0x1000, 1);
	report = build(process);
	cr_assert_eq(report.leaks[0].stack.n_frames, 4);
	cr_assert(frame(&report, 0, 0)->inlined && frame(&report, 0, 0)->system);
	cr_assert(frame(&report, 0, 1)->inlined && !frame(&report, 0, 1)->system);
	cr_assert(!frame(&report, 0, 2)->inlined);
	cr_assert_str_eq(frame(&report, 0, 2)->function, "work()");
	cr_assert_eq(report_stack_project(&report.leaks[0].stack), 1);
	report_process_clear(&report);
}

Test(leak, an_interrupted_instruction_is_looked_up_itself)
{
	struct process *process = new_process();
	struct report_process report;

	node(process, 1, 0, BASE + 0x1050, WIRE_NODE_EXACT);
	alloc(process, 1, 0x1000, 1);
	report = build(process);
	cr_assert_str_eq(frame(&report, 0, 0)->function, "interrupted");
	cr_assert_eq(frame(&report, 0, 0)->offset, 0x1050);
	report_process_clear(&report);
}

Test(leak, code_without_names_or_file)
{
	struct process *process = new_process();
	struct report_process report;

	node(process, 1, 0, BASE + 0x7778, 0);
	node(process, 2, 1, 0xa000, 0);
	node(process, 3, 2, 0xb000, 0);
	alloc(process, 3, 0x1000, 1);
	report = build(process);
	cr_assert_null(frame(&report, 0, 0)->function);
	cr_assert_null(frame(&report, 0, 0)->module);
	cr_assert_eq(frame(&report, 0, 0)->offset, 0xafff);
	cr_assert_str_eq(frame(&report, 0, 1)->function, "LazyCompile:~add");
	cr_assert_null(frame(&report, 0, 2)->function);
	cr_assert_str_eq(frame(&report, 0, 2)->module, PROG);
	cr_assert_eq(frame(&report, 0, 2)->offset, 0x7777);
	report_process_clear(&report);
}

Test(leak, a_stack_that_never_came)
{
	struct process *process = new_process();
	struct report_process report;

	alloc(process, 77, 0x1000, 5);
	alloc(process, 0, 0x2000, 5);
	report = build(process);
	cr_assert_eq(report.n_leaks, 1);
	cr_assert_eq(report.leaks[0].direct.blocks, 2);
	cr_assert_eq(report.leaks[0].stack.n_frames, 0);
	report_process_clear(&report);
}

Test(leak, depth_cuts_and_says_so)
{
	struct process *process = new_process();
	struct report_process report;

	node(process, 1, 0, BASE + 0x1020, 0);
	node(process, 2, 0, BASE + 0x2020, 0);
	node(process, 3, 1, BASE + 0x1010, 0);
	node(process, 4, 2, BASE + 0x1010, 0);
	alloc(process, 3, 0x1000, 1);
	alloc(process, 4, 0x2000, 1);
	report = build_cut(process, 1);
	cr_assert_eq(report.n_leaks, 1, "what reads the same is one record");
	cr_assert_eq(report.leaks[0].stack.n_frames, 1);
	cr_assert(report.leaks[0].stack.truncated);
	report_process_clear(&report);
}

Test(leak, largest_first_and_always_in_the_same_order)
{
	struct report_process reports[2];

	for (unsigned turn = 0; turn < 2; turn++) {
		struct process *process = new_process();

		for (uint32_t i = 1; i <= 1000; i++) {
			uint32_t id = turn ? 1001 - i : i;

			node(process, id, 0, BASE + 0x2000 + id, 0);
			alloc(process, id, 0x10000 + (uint64_t)i * 64, id % 7);
		}
		reports[turn] = build(process);
	}
	cr_assert_eq(reports[0].n_leaks, 1000);
	for (size_t i = 0; i < 1000; i++) {
		cr_assert_eq(frame(&reports[0], i, 0)->offset, frame(&reports[1], i, 0)->offset);
		if (i > 0)
			cr_assert_geq(reports[0].leaks[i - 1].direct.bytes, reports[0].leaks[i].direct.bytes);
	}
	report_process_clear(&reports[0]);
	report_process_clear(&reports[1]);
}

Test(leak, threads_are_named)
{
	static const char *const names[] = {"t9", "t8", "t7", "t6", "t5", "t4", "t3", "t2", "t1", "t2"};
	struct process *process = new_process();
	struct report_process report;

	node(process, 1, 0, BASE + 0x1010, 0);
	for (uint16_t i = 0; i < MW_ARRAY_LEN(names); i++) {
		name_thread(process, i, 100 + i, names[i]);
		alloc_in(process, i, 1, 0x1000 + (uint64_t)i * 64, 1, WIRE_KIND_MALLOC);
	}
	report = build(process);
	cr_assert_eq(report.n_leaks, 1);
	cr_assert_eq(report.leaks[0].direct.blocks, 10);
	cr_assert_eq(report.leaks[0].n_thread_names, 8);
	for (size_t i = 1; i < 8; i++)
		cr_assert_lt(strcmp(report.leaks[0].thread_names[i - 1], report.leaks[0].thread_names[i]), 0);
	report_process_clear(&report);
}

Test(leak, blocks_of_the_parent_are_not_the_childs)
{
	const struct wire_hello hello = {.version = WIRE_VERSION, .pid = 43, .ppid = 42, .start = WIRE_START_FORK};
	struct process *parent = new_process(), *child = process_new(&hello, PROCESS_FORK);
	struct report_process report;

	node(parent, 1, 0, BASE + 0x1010, 0);
	alloc(parent, 1, 0x1000, 100);
	process_inherit(child, process_snapshot(parent));
	process_free(parent);
	load_module(child, 1, PROG, BASE);
	node(child, 1, 0, BASE + 0x1010, 0); /* a child announces its own stacks */
	alloc(child, 1, 0x2000, 7);
	report = build(child);
	cr_assert_eq(report.n_leaks, 1);
	cr_assert_eq(report.leaks[0].direct.bytes, 7);
	cr_assert_str_eq(frame(&report, 0, 0)->function, "leaf");
	cr_assert_eq(report.totals.inherited_blocks, 1);
	cr_assert_eq(report.totals.inherited_bytes, 100);
	cr_assert_eq(report.origin, ORIGIN_FORK);
	report_process_clear(&report);
}

Test(leak, what_nobody_reads_is_counted_but_not_named)
{
	struct process *process = new_process();
	struct report_process report;

	node(process, 1, 0, BASE + 0x1020, 0);
	node(process, 2, 1, BASE + 0x1010, 0);
	alloc(process, 1, 0x1000, 24);
	alloc(process, 2, 0x2000, 8);
	alloc_in(process, 0, 2, 0x3000, 1, WIRE_KIND_CALLOC);
	report = build_with(process, 0, 1u << VERDICT_UNCLASSIFIED);
	cr_assert_eq(n_resolved, 0);
	cr_assert_eq(report.n_leaks, 2, "one per allocator");
	cr_assert_eq(report.leaks[0].direct.blocks, 2);
	cr_assert_eq(report.leaks[0].direct.bytes, 32);
	cr_assert_eq(report.leaks[0].stack.n_frames, 0);
	cr_assert_str_eq(report.leaks[1].allocator, "calloc");
	report_process_clear(&report);
}

/* What comes while the stacks are named is not in it. */
Test(leak, made_bit_by_bit_they_are_of_one_instant)
{
	const struct build_options options = {.why_not = "--no-scan was given"};
	struct process *process = new_process();
	const struct mem_event freed = {.op = WIRE_FREE, .addr = 0x1000};
	struct report_process report;
	struct report_rest *rest;

	node(process, 1, 0, BASE + 0x1020, 0);
	node(process, 2, 1, BASE + 0x1010, 0);
	alloc(process, 1, 0x1000, 24);
	alloc(process, 2, 0x2000, 8);
	rest = report_process_begin(process, NULL, &options, &report);
	cr_assert_not(report_process_name(rest, 1));
	process_apply(process, &freed, 1);
	alloc(process, 2, 0x3000, 100);
	node(process, 3, 1, BASE + 0x1050, 0);
	alloc(process, 3, 0x4000, 1000);
	cr_assert_not(report_process_name(rest, 0));
	cr_assert(report_process_name(rest, 2));
	report_process_complete(rest);
	process_free(process);
	report_process_end(rest, &report);
	cr_assert_eq(report.n_leaks, 2);
	cr_assert_eq(report.leaks[0].direct.bytes, 24);
	cr_assert_str_eq(frame(&report, 0, 0)->function, "main");
	cr_assert_eq(report.leaks[1].direct.bytes, 8);
	cr_assert_str_eq(frame(&report, 1, 0)->function, "leaf");
	cr_assert_eq(report.verdicts.by_verdict[VERDICT_UNCLASSIFIED].bytes, 32);
	cr_assert_str_eq(report.verdicts.why_not, options.why_not);
	report_process_clear(&report);
}

Test(leak, nothing_live)
{
	struct report_process report = build(new_process());

	cr_assert_eq(report.n_leaks, 0);
	cr_assert(!report.shell);
	report_process_clear(&report);
}

static struct report_process build_program(const char *exe, const char *argv0, const struct process_exit *exit)
{
	struct process *process = new_process();
	uint64_t words[17] = {0};

	words[0] = wire_ext_word(WIRE_EXE, 16, (uint32_t)strlen(exe));
	memcpy(&words[1], exe, strlen(exe));
	cr_assert(process_announce(process, 0, words, 17));
	memset(words, 0, sizeof(words));
	words[0] = wire_ext_word(WIRE_ARGV, 16, (uint32_t)strlen(argv0) + 1);
	memcpy(&words[1], argv0, strlen(argv0));
	cr_assert(process_announce(process, 0, words, 17));
	process_finish(process, exit, 3500000000);
	return build(process);
}

Test(leak, the_process_itself)
{
	static const struct process_exit exits[] = {
		{PROCESS_EXITED, 3, 0}, {PROCESS_SIGNALED, -1, 9}, {PROCESS_EXECED, -1, 0}, {PROCESS_RUNNING, -1, 0}};
	static const enum exit_kind kinds[] = {EXIT_EXIT, EXIT_SIGNAL, EXIT_EXEC, EXIT_RUNNING};

	for (size_t i = 0; i < MW_ARRAY_LEN(exits); i++) {
		struct report_process report = build_program("/usr/bin/dash", "sh", &exits[i]);

		cr_assert(report.shell);
		cr_assert_str_eq(report.exe, "/usr/bin/dash");
		cr_assert_eq(report.argc, 1);
		cr_assert_str_eq(report.argv[0], "sh");
		cr_assert_eq(report.exit.kind, kinds[i]);
		cr_assert_eq(report.exit.signal, exits[i].signal);
		cr_assert_float_eq(report.duration_seconds, 2.5, 1e-9);
		cr_assert_eq(report.overhead.reporter_bytes, 4096);
		report_process_clear(&report);
	}
}
