#include "cli/base/units.h"

#include <criterion/criterion.h>
#include <string.h>

TestSuite(units, .timeout = 10);

static void size_is(const char *text, uint64_t want)
{
	struct err err = {0};
	uint64_t got = 0;

	cr_expect_eq(units_size(text, &got, &err), 0, "%s", err.text);
	cr_expect_eq(got, want, "%s: %lu", text, (unsigned long)got);
}

static void duration_is(const char *text, uint64_t want)
{
	struct err err = {0};
	uint64_t got = 0;

	cr_expect_eq(units_duration(text, &got, &err), 0, "%s", err.text);
	cr_expect_eq(got, want, "%s: %lu", text, (unsigned long)got);
}

Test(units, sizes)
{
	size_is("0", 0);
	size_is("4096", 4096);
	size_is("64K", 65536);
	size_is("1.5m", 1572864);
	size_is("2GiB", UINT64_C(2) << 30);
	size_is("0.5KB", 512);
	size_is("18446744073709551615", UINT64_MAX);
}

Test(units, durations)
{
	duration_is("250ms", 250000000);
	duration_is("1.5s", 1500000000);
	duration_is("2", 2000000000);
	duration_is("2m", UINT64_C(120000000000));
	duration_is("1h", UINT64_C(3600000000000));
	duration_is("0.0000000001s", 0);
}

Test(units, wrong_text_is_shown)
{
	static const char *const wrong[] = {"", "K", "-1", "1X", "1 K", "99999999999999999999", "16777216T", "1..5"};

	for (size_t i = 0; i < MW_ARRAY_LEN(wrong); i++) {
		struct err err = {0};
		uint64_t value;

		cr_expect_eq(units_size(wrong[i], &value, &err), -1, "'%s' is taken", wrong[i]);
		cr_expect(strstr(err.text, wrong[i]), "%s", err.text);
	}
}

Test(units, numbers_have_bounds)
{
	struct err err = {0};
	uint64_t value = 0;

	cr_expect_eq(units_number("256", 1, 256, &value, &err), 0);
	cr_expect_eq(value, 256);
	cr_expect_eq(units_number("257", 1, 256, &value, &err), -1);
	cr_expect_str_eq(err.text, "'257' is not a whole number from 1 to 256");
	cr_expect_eq(units_number("0", 1, 256, &value, &err), -1);
	cr_expect_eq(units_number("1.5", 1, 256, &value, &err), -1);
	cr_expect_eq(units_number("", 0, 256, &value, &err), -1);
}
