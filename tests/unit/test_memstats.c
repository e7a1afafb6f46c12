#include "cli/analysis/memstats.h"

#include "cli/analysis/store.h"
#include "cli/model/event.h"

#include <criterion/criterion.h>

static struct process *process;
static struct report_process report;

static void allocate(uint64_t addr, uint64_t size_bytes)
{
	const struct mem_event event = {.addr = addr, .size_bytes = size_bytes, .op = WIRE_ALLOC};

	process_apply(process, &event, 1);
}

static void release(uint64_t addr)
{
	const struct mem_event event = {.addr = addr, .op = WIRE_FREE, .kind = WIRE_KIND_FREE};

	process_apply(process, &event, 1);
}

static void begin(void)
{
	const struct wire_hello hello = {.version = WIRE_VERSION, .pid = 1, .monotonic_ns = 1};

	process = process_new(&hello, PROCESS_RUN);
	report = (struct report_process){.store = store_new()};
}

static void build(const struct memstats_input *input)
{
	report.totals.live_bytes = process->totals.live_bytes;
	report.totals.live_blocks = process->totals.live_blocks;
	report.totals.allocations = process->totals.allocations;
	report.totals.frees = process->totals.frees;
	memstats_build(process, input, report.store, &report);
}

static void end(void)
{
	store_free(report.store);
	process_free(process);
}

static double value(const char *name)
{
	const struct report_memstat *field = report_memstat_find(&report.memstats, name);

	cr_assert_not_null(field, "%s is missing", name);
	return field->value;
}

static bool is_there(const char *name)
{
	return report_memstat_find(&report.memstats, name);
}

static bool is_estimated(const char *name)
{
	return report_memstat_find(&report.memstats, name)->estimated;
}

Test(memstats, what_is_not_known_is_not_there, .init = begin, .fini = end)
{
	const struct memstats_input nothing = {0};

	allocate(0x1000, 100);
	build(&nothing);
	cr_assert_eq(value("HeapAlloc"), 100);
	cr_assert_eq(value("Mallocs"), 1);
	cr_assert(!is_there("HeapSys") && !is_there("HeapIdle") && !is_there("Sys") && !is_there("StackInuse"));
	cr_assert(!is_there("AllocatorTimeNs") && !is_there("LastGC") && !is_there("NextGC"));
	cr_assert_null(report.memstats.allocator);
}

Test(memstats, the_allocator_s_word_comes_before_an_estimate, .init = begin, .fini = end)
{
	struct memstats_input input = {
		.allocator = "glibc",
		.version = "2.36",
		.heap_sys = {"mallinfo2", false, 1000},
		.heap_inuse = {"mallinfo2", false, 400},
		.has_places = true,
		.rss_bytes = 900,
		.heap_size_bytes = 5000,
		.heap_rss_bytes = 700,
		.stack_size_bytes = 50,
		.stack_rss_bytes = 20,
	};

	allocate(0x1000, 100);
	build(&input);
	cr_assert_eq(value("HeapSys"), 1000);
	cr_assert(!is_estimated("HeapSys"));
	cr_assert_eq(value("HeapReleased"), 300);
	cr_assert(is_estimated("HeapReleased"));
	cr_assert_eq(value("MSpanInuse"), 300);
	cr_assert_eq(value("Sys"), 1050);
	cr_assert_eq(value("OtherSys"), 180);
	cr_assert_float_eq(value("HeapFragmentation"), 0.75, 1e-9);
	cr_assert_str_eq(report.memstats.allocator, "glibc 2.36");
	input.heap_sys.source = NULL;
	input.heap_inuse.source = NULL;
	build(&input);
	cr_assert_eq(value("HeapSys"), 5000);
	cr_assert(is_estimated("HeapSys"));
	cr_assert_eq(value("HeapInuse"), 116);
	cr_assert(is_estimated("HeapInuse"));
	cr_assert_eq(value("HeapIdle"), 4884);
	cr_assert(is_estimated("HeapIdle"));
}

Test(memstats, an_estimate_is_never_below_zero_or_above_all, .init = begin, .fini = end)
{
	const struct memstats_input input = {
		.heap_sys = {"x", false, 10},
		.heap_inuse = {"x", false, 5},
		.has_places = true,
		.rss_bytes = 1,
		.heap_rss_bytes = 70,
		.n_timed = 1,
		.call_ns = 3e9,
		.cpu_seconds = 1,
	};

	allocate(0x1000, 100);
	build(&input);
	cr_assert_eq(value("HeapReleased"), 0);
	cr_assert_eq(value("MSpanInuse"), 0);
	cr_assert_eq(value("OtherSys"), 0);
	cr_assert_eq(value("GCCPUFraction"), 1);
	cr_assert(!is_there("HeapFragmentation"));
}

Test(memstats, classes_of_sizes_add_up, .init = begin, .fini = end)
{
	const struct memstats_input nothing = {0};
	const struct report_size_class *classes;
	uint64_t sizes[] = {0, 8, 9, 16, 17, (UINT64_C(1) << 48) - 1}, live = 0, allocations = 0, frees = 0;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		allocate(0x1000 * (i + 1), sizes[i]);
	release(0x2000);
	build(&nothing);
	classes = report.memstats.by_size;
	cr_assert_eq(report.memstats.n_by_size, PROCESS_SIZE_CLASSES);
	for (size_t i = 0; i < report.memstats.n_by_size; i++) {
		allocations += classes[i].allocations;
		frees += classes[i].frees;
		live += classes[i].live_bytes;
	}
	cr_assert_eq(allocations, process->totals.allocations);
	cr_assert_eq(frees, process->totals.frees);
	cr_assert_eq(live, process->totals.live_bytes);
	cr_assert_eq(classes[0].upper_bytes, 8);
	cr_assert_eq(classes[0].allocations, 2);
	cr_assert_eq(classes[0].frees, 1);
	cr_assert_eq(classes[1].allocations, 2);
	cr_assert_eq(classes[2].allocations, 1);
	cr_assert_eq(classes[PROCESS_SIZE_CLASSES - 1].allocations, 1);
}
