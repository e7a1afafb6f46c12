#include "cli/analysis/tally.h"

#include "cli/analysis/store.h"
#include "tests/unit/sample_report.h"

#include <criterion/criterion.h>
#include <string.h>

static struct tally old, now;
static struct report_changes changes;

static void init(void)
{
	tally_init(&old);
	tally_init(&now);
	changes = (struct report_changes){0};
}

static void release(void)
{
	tally_release(&old);
	tally_release(&now);
}

TestSuite(tally, .init = init, .fini = release, .timeout = 10);

static void put(struct tally *tally, const char *id, enum tally_kind kind, uint64_t blocks, uint64_t bytes)
{
	struct tally_item item = {.kind = kind, .amount = {blocks, bytes}, .where = "f in p"};

	strcpy(item.id, id);
	tally_add(tally, &item);
}

static void compare(unsigned kinds)
{
	tally_sort(&old);
	tally_sort(&now);
	tally_compare(&old, &now, kinds, now.store, &changes);
}

Test(tally, findings_of_a_report)
{
	struct report_process processes[3] = {sample_scanned(), sample_scanned(), sample_mismatched()};
	struct report report = sample_report(processes, 3);
	struct report_leak suppressed = processes[0].leaks[0];
	const struct tally_item *item;

	processes[1].leaks = &suppressed;
	processes[1].n_leaks = 1;
	suppressed.suppressed_by = "known";
	tally_add_report(&now, &report, TALLY_ALL);
	tally_sort(&now);
	item = tally_find(&now, TALLY_LEAK, "00112233445566aa");
	cr_assert(item);
	cr_expect_eq(item->amount.blocks, 16u);
	cr_expect_eq(item->amount.bytes, 1048576u);
	cr_expect_str_eq(item->where, "cache_add < handle_request < main in server");
	cr_expect(item->stack);
	cr_expect(tally_find(&now, TALLY_REACHABLE, "00112233445566ac"));
	cr_expect_not(tally_find(&now, TALLY_LEAK, "00112233445566ac"));
	cr_expect_eq(now.n, 4u + 1u, "%zu", now.n); /* the wrong frees differ by recursion only */
	processes[1].leaks = processes[0].leaks;    /* the same again */
	tally_add_report(&old, &report, 1u << TALLY_LEAK);
	tally_sort(&old);
	cr_expect_eq(old.n, 3u);
	cr_expect_eq(tally_find(&old, TALLY_LEAK, "00112233445566aa")->amount.blocks, 32u);
}

Test(tally, what_changed)
{
	put(&old, "0000000000000001", TALLY_LEAK, 1, 10);
	put(&old, "0000000000000002", TALLY_LEAK, 10, 1000);
	put(&old, "0000000000000003", TALLY_LEAK, 10, 1000);
	put(&old, "0000000000000004", TALLY_LEAK, 10, 1000);
	put(&old, "0000000000000004", TALLY_LEAK, 90, 9000); /* summed up */
	put(&old, "0000000000000006", TALLY_GROWTH, 1, 10);
	put(&old, "0000000000000007", TALLY_REACHABLE, 1, 10);
	put(&now, "0000000000000002", TALLY_LEAK, 11, 1100); /* within a tenth */
	put(&now, "0000000000000003", TALLY_LEAK, 12, 1001); /* a block more than that */
	put(&now, "0000000000000004", TALLY_LEAK, 100, 8000);
	put(&now, "0000000000000005", TALLY_LEAK, 1, 7);
	put(&now, "0000000000000006", TALLY_GROWTH, 1000, 1000000);
	compare(TALLY_ALL & ~(1u << TALLY_REACHABLE));
	cr_assert_eq(changes.n, 4u);
	cr_expect_eq(changes.items[0].change, CHANGE_NEW);
	cr_expect_str_eq(changes.items[0].id, "0000000000000005");
	cr_expect_eq(changes.items[1].change, CHANGE_GREW);
	cr_expect_str_eq(changes.items[1].id, "0000000000000003");
	cr_expect_eq(changes.items[1].before.blocks, 10u);
	cr_expect_eq(changes.items[1].after.blocks, 12u);
	cr_expect_eq(changes.items[2].change, CHANGE_SHRANK);
	cr_expect_str_eq(changes.items[2].id, "0000000000000004");
	cr_expect_eq(changes.items[3].change, CHANGE_GONE);
	cr_expect_str_eq(changes.items[3].id, "0000000000000001");
	cr_expect(tally_is_known(&old, &now, TALLY_LEAK, "0000000000000002"));
	cr_expect_not(tally_is_known(&old, &now, TALLY_LEAK, "0000000000000003"), "it grew");
	cr_expect_not(tally_is_known(&old, &now, TALLY_LEAK, "0000000000000005"), "it is new");
	cr_expect_not(tally_is_known(&old, &now, TALLY_REACHABLE, "0000000000000002"), "of another kind");
}

Test(tally, a_few_bytes_are_no_growth)
{
	put(&old, "0000000000000001", TALLY_LEAK, 1, 10);
	put(&old, "0000000000000002", TALLY_LEAK, 1, 10);
	put(&now, "0000000000000001", TALLY_LEAK, 1, 74);
	put(&now, "0000000000000002", TALLY_LEAK, 1, 75);
	compare(TALLY_ALL);
	cr_expect_eq(changes.count[CHANGE_GREW], 1u);
	cr_expect_eq(changes.n, 1u);
}

Test(tally, nothing)
{
	compare(TALLY_ALL);
	cr_expect_eq(changes.n, 0u);
	cr_expect_not(tally_find(&old, TALLY_LEAK, "0000000000000001"));
}
