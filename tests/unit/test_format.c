#include "cli/render/format.h"

#include <criterion/criterion.h>
#include <signal.h>

Test(format, counts)
{
	struct format_buf buf;

	cr_assert_str_eq(format_count(&buf, 0), "0");
	cr_assert_str_eq(format_count(&buf, 999), "999");
	cr_assert_str_eq(format_count(&buf, 1000), "1,000");
	cr_assert_str_eq(format_count(&buf, 1234567), "1,234,567");
	cr_assert_str_eq(format_count(&buf, UINT64_MAX), "18,446,744,073,709,551,615");
	cr_assert_str_eq(format_noun(&buf, 1, "free"), "1 free");
	cr_assert_str_eq(format_noun(&buf, 0, "free"), "0 frees");
}

Test(format, sizes)
{
	struct format_buf buf;

	cr_assert_str_eq(format_size(&buf, 1), "1 byte");
	cr_assert_str_eq(format_size(&buf, 1023), "1,023 bytes");
	cr_assert_str_eq(format_size(&buf, 1024), "1.0 KiB");
	cr_assert_str_eq(format_size(&buf, 1048575), "1.0 MiB");
	cr_assert_str_eq(format_size(&buf, 5452595), "5.2 MiB");
	cr_assert_str_eq(format_size(&buf, UINT64_MAX), "16.0 EiB");
	cr_assert_str_eq(format_amount(&buf, (struct report_amount){1, 1}), "1 byte in 1 block");
	cr_assert_str_eq(format_amount(&buf, (struct report_amount){16, 1024}), "1,024 bytes in 16 blocks");
	cr_assert_str_eq(format_amount(&buf, (struct report_amount){UINT64_MAX, UINT64_MAX}),
			 "18,446,744,073,709,551,615 bytes in 18,446,744,073,709,551,615 blocks");
}

Test(format, seconds)
{
	struct format_buf buf;

	cr_assert_str_eq(format_seconds(&buf, 0), "0 s");
	cr_assert_str_eq(format_seconds(&buf, -1), "0 s");
	cr_assert_str_eq(format_seconds(&buf, 0.0123), "12.3 ms");
	cr_assert_str_eq(format_seconds(&buf, 0.8), "0.80 s");
	cr_assert_str_eq(format_seconds(&buf, 59.996), "1 min 00 s");
	cr_assert_str_eq(format_seconds(&buf, 3599.7), "1 h 00 min");
	cr_assert_str_eq(format_seconds(&buf, 90000), "1 d 01 h");
}

Test(format, percent)
{
	struct format_buf buf;

	cr_assert_str_eq(format_percent(&buf, 0, 0), "0 %");
	cr_assert_str_eq(format_percent(&buf, 1, 1000), "< 1 %");
	cr_assert_str_eq(format_percent(&buf, 44, 100), "44 %");
	cr_assert_str_eq(format_percent(&buf, 999, 1000), "99 %");
	cr_assert_str_eq(format_percent(&buf, 7, 7), "100 %");
}

Test(format, time_and_signals)
{
	struct format_buf buf;

	cr_assert_str_eq(format_time(&buf, INT64_C(1738326896789000000)), "2025-01-31T12:34:56.789Z");
	cr_assert_str_eq(format_time(&buf, 0), "1970-01-01T00:00:00.000Z");
	cr_assert_str_eq(format_signal(&buf, SIGKILL), "SIGKILL");
	cr_assert_str_eq(format_signal(&buf, SIGRTMIN + 3), "SIGRTMIN+3");
	cr_assert_str_eq(format_signal(&buf, 77), "signal 77");
}
