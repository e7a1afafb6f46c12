#include "cli/load/baseline.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(baseline, .timeout = 10);

static const char sorted[] =
	"{\n"
	"  \"schema\": \"memwatch-baseline/1\",\n"
	"  \"findings\": [\n"
	"    {\"id\": \"00000000000000aa\", \"kind\": \"leak\", \"blocks\": 16, \"bytes\": 1000, \"where\": \"f in "
	"p\"},\n"
	"    {\"id\": \"00000000000000aa\", \"kind\": \"mismatch\", \"blocks\": 1, \"bytes\": 0, \"where\": "
	"\"\\\"q\\\" in p\"},\n"
	"    {\"id\": \"00000000000000ab\", \"kind\": \"leak\", \"blocks\": 1, \"bytes\": 1, \"where\": \"\"}\n"
	"  ]\n"
	"}\n";

static void expect_printed(const struct tally *tally, const char *wanted)
{
	struct out *out = out_memory();

	baseline_print(tally, out);
	cr_expect_str_eq(out_text(out, NULL), wanted);
	out_close(out, NULL);
}

Test(baseline, read_and_printed_it_is_the_same)
{
	struct tally tally;
	struct err err = {0};

	cr_assert_eq(baseline_read_bytes(sorted, strlen(sorted), "it", &tally, &err), 0, "%s", err.text);
	cr_expect_eq(tally.n, 3u);
	expect_printed(&tally, sorted);
	tally_release(&tally);
	tally_init(&tally);
	expect_printed(&tally, "{\n  \"schema\": \"memwatch-baseline/1\",\n  \"findings\": []\n}\n");
	tally_release(&tally);
}

Test(baseline, written_whole_or_not_at_all)
{
	struct tally tally;
	struct err err = {0};

	cr_assert_eq(baseline_read_bytes(sorted, strlen(sorted), "it", &tally, &err), 0);
	cr_assert_eq(baseline_write("known.json", &tally, &err), 0, "%s", err.text);
	tally_release(&tally);
	cr_assert_eq(baseline_read("known.json", &tally, &err), 0, "%s", err.text);
	expect_printed(&tally, sorted);
	cr_expect_eq(baseline_write("/dev/null/known.json", &tally, &err), -1);
	cr_expect(err.text[0]);
	tally_release(&tally);
}

static void expect_refused(const char *text, const char *part)
{
	struct tally tally;
	struct err err = {0};

	cr_expect_eq(baseline_read_bytes(text, strlen(text), "known.json", &tally, &err), -1, "taken: %s", text);
	cr_expect(strstr(err.text, part), "'%s' is not in: %s", part, err.text);
	tally_release(&tally);
}

Test(baseline, bad_input)
{
	struct tally tally;
	struct err err = {0};

	expect_refused("", "it is not JSON");
	expect_refused("{\"schema\": \"memwatch-report/1\", \"findings\": []}", "it has no \"schema\"");
	expect_refused("{\"schema\": \"memwatch-baseline/1\"}", "\"findings\" is not an array");
	expect_refused("{\"schema\": \"memwatch-baseline/1\", \"findings\": [3]}", "\"findings\" is not");
	expect_refused("{\"schema\": \"memwatch-baseline/1\", \"findings\": [{\"kind\": \"leek\"}]}",
		       "\"kind\" is not");
	expect_refused("{\"schema\": \"memwatch-baseline/1\", \"findings\": [{\"kind\": \"leak\"}]}", "\"id\" is not");
	cr_expect_eq(baseline_read("no-such-file", &tally, &err), -1);
	cr_expect(strstr(err.text, "cannot read the baseline no-such-file: No such file"), "%s", err.text);
	tally_release(&tally);
}
