/* The session's answer read, and what is none refused. */
#include "cli/top/top_data.h"

#include <criterion/criterion.h>
#include <string.h>

static const char whole[] =
	"{\"schema\":\"memwatch-top/1\",\"pid\":12,\"program\":\"/bin/"
	"x\",\"seconds\":2.5,\"look\":3,\"period_seconds\":1.5,"
	"\"since_start\":true,\"live_bytes\":100,\"live_blocks\":4,\"rss_bytes\":4096,\"limit_bytes\":7,\"limit_"
	"source\":\"RAM\","
	"\"scanned\":true,\"definite_blocks\":1,\"growing\":2,\"judged_age_seconds\":0.5,"
	"\"history\":{\"live\":[1,2],\"rate\":[],\"rss\":[3]},\"n_stacks\":9,"
	"\"stacks\":[{\"stack\":5,\"live_bytes\":60,\"live_blocks\":3,\"growth\":-1.5,\"rate\":2,\"verdict\":null,"
	"\"where\":\"f\"},"
	"{}],\"stack\":{\"stack\":5,\"where\":\"f\",\"allocations\":8,\"oldest_seconds\":2,\"verdicts\":[{\"verdict\":"
	"\"reachable\",\"blocks\":1,\"bytes\":2}],\"why\":\"so\",\"held_by\":[\"g\"],\"frames\":[\"f\",\"main\",7]}}";

Test(top_data, reads_all)
{
	struct top_data data;
	struct err err = {0};

	cr_assert_eq(top_data_read(whole, strlen(whole), &data, &err), 0);
	cr_expect_eq(data.pid, 12);
	cr_expect_str_eq(data.program, "/bin/x");
	cr_expect_eq(data.look, 3);
	cr_expect(data.since_start && data.scanned);
	cr_expect_eq(data.live.n, 2);
	cr_expect_eq(data.live.values[1], 2);
	cr_expect_eq(data.rate.n, 0);
	cr_assert_eq(data.n_rows, 2);
	cr_expect_eq(data.rows[0].stack, 5);
	cr_expect_eq(data.rows[0].growth, -1.5);
	cr_expect_null(data.rows[0].verdict);
	cr_expect_str_eq(data.rows[1].where, "?");
	cr_assert(data.has_stack && data.stack.walked);
	cr_expect_eq(data.stack.lifetime_seconds, -1);
	cr_expect_str_eq(data.stack.verdicts[0].verdict, "reachable");
	cr_expect_eq(data.stack.n_frames, 3);
	cr_expect_str_eq(data.stack.frames[2], "?");
	cr_expect_str_eq(data.stack.held_by[0], "g");
	top_data_release(&data);
}

Test(top_data, refuses_what_is_none)
{
	static const char *const texts[] = {"", "{", "[]", "{}", "{\"schema\":\"memwatch-top/2\"}", "{\"schema\":1}"};
	struct top_data data;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err err = {0};

		cr_expect_eq(top_data_read(texts[i], strlen(texts[i]), &data, &err), -1, "%s", texts[i]);
		cr_expect_neq(err.text[0], '\0');
		top_data_release(&data);
	}
}

Test(top_data, an_empty_answer_is_one)
{
	static const char text[] =
		"{\"schema\":\"memwatch-top/1\",\"history\":7,\"stacks\":{},\"stack\":[],\"pid\":\"x\"}";
	struct top_data data;
	struct err err = {0};

	cr_assert_eq(top_data_read(text, strlen(text), &data, &err), 0);
	cr_expect_eq(data.n_rows, 0);
	cr_expect_not(data.has_stack);
	top_data_release(&data);
}
