#include "cli/session/facts.h"

#include "cli/symbols/string_pool.h"

#include <criterion/criterion.h>
#include <math.h>

static const struct report_facts facts = {
	.overhead = {.reporter_bytes = 1, .reporter_cpu_seconds = 0.25},
	.memstats = {.allocator = "glibc",
		     .version = "2.36",
		     .heap_seconds = 1.5,
		     .heap_sys = {"mallinfo2", true, 7},
		     .heap_sys_max = {NULL, false, 8},
		     .has_places = true,
		     .n_threads = 3,
		     .cpu_seconds = 2,
		     .n_timed = 9,
		     .most_ns = 11,
		     .last_scan_realtime_ns = -5,
		     .limit_bytes = 12,
		     .limit_source = "--limit"},
};

Test(facts, they_come_back)
{
	struct string_pool texts = {0};
	struct pack pack = {0};
	struct report_facts copy;
	struct unpack from;

	facts_pack(&facts, &pack);
	from = (struct unpack){.at = pack.bytes, .end = pack.bytes + pack.n};
	cr_assert(facts_unpack(&from, &texts, &copy));
	cr_expect(from.at == from.end);
	cr_expect(copy.overhead.reporter_bytes == 1 && copy.overhead.reporter_cpu_seconds == 0.25);
	cr_expect_str_eq(copy.memstats.allocator, "glibc");
	cr_expect_str_eq(copy.memstats.heap_sys.source, "mallinfo2");
	cr_expect(copy.memstats.heap_sys.estimated && copy.memstats.heap_sys.value == 7);
	cr_expect_null(copy.memstats.heap_sys_max.source);
	cr_expect(copy.memstats.n_threads == 3 && copy.memstats.n_timed == 9 && copy.memstats.most_ns == 11);
	cr_expect_eq(copy.memstats.last_scan_realtime_ns, -5);
	cr_expect_str_eq(copy.memstats.limit_source, "--limit");
	pack_release(&pack);
	string_pool_release(&texts);
}

Test(facts, what_is_cut_or_no_number_is_refused)
{
	struct report_facts bad = facts, copy;
	struct string_pool texts = {0};
	struct pack pack = {0};
	struct unpack from;

	facts_pack(&facts, &pack);
	for (size_t n = 0; n < pack.n; n++) {
		from = (struct unpack){.at = pack.bytes, .end = pack.bytes + n};
		cr_assert_not(facts_unpack(&from, &texts, &copy), "%zu bytes", n);
	}
	pack.n = 0;
	bad.memstats.own_ns = NAN;
	facts_pack(&bad, &pack);
	from = (struct unpack){.at = pack.bytes, .end = pack.bytes + pack.n};
	cr_assert_not(facts_unpack(&from, &texts, &copy));
	pack_release(&pack);
	string_pool_release(&texts);
}
