#include "cli/render/json_stream.h"

#include "cli/render/json_memo.h"
#include "cli/render/json_values.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct json_stream open_stream(void)
{
	return (struct json_stream){.out = out_memory()};
}

static void expect(struct json_stream *stream, const char *want)
{
	cr_expect_str_eq(out_text(stream->out, NULL), want);
	cr_assert_eq(out_close(stream->out, NULL), 0);
}

Test(json_stream, members_on_their_lines)
{
	struct json_stream stream = open_stream();

	json_stream_begin(&stream, NULL, '{');
	json_stream_begin(&stream, "empty", '{');
	json_stream_end(&stream);
	json_stream_begin(&stream, "list", '[');
	json_stream_value(&stream, NULL, json_integer(1));
	json_stream_value(&stream, NULL, json_pack("{s:[], s:i}", "a", "b", 2));
	json_stream_end(&stream);
	json_stream_end(&stream);
	expect(&stream, "{\n  \"empty\": {},\n  \"list\": [\n    1,\n    {\"a\": [], \"b\": 2}\n  ]\n}\n");
}

/* As jansson spaces it. */
Test(json_stream, all_on_one_line)
{
	struct json_stream stream = open_stream();

	json_stream_begin(&stream, NULL, '[');
	json_stream_begin_line(&stream, NULL, '{');
	json_write_number(&stream, "a", 1);
	json_stream_begin_line(&stream, "b", '[');
	json_write_text(&stream, NULL, "x");
	json_stream_begin(&stream, NULL, '[');
	json_stream_end(&stream);
	json_stream_end(&stream);
	json_write_boolean(&stream, "c", true);
	json_stream_end(&stream);
	json_write_number(&stream, NULL, 2);
	json_stream_end(&stream);
	expect(&stream, "[\n  {\"a\": 1, \"b\": [\"x\", []], \"c\": true},\n  2\n]\n");
}

Test(json_stream, a_line_as_the_whole)
{
	struct json_stream stream = open_stream();

	json_stream_begin_line(&stream, NULL, '[');
	json_write_number(&stream, NULL, 1);
	json_stream_end(&stream);
	expect(&stream, "[1]");
}

/* What is written at once must read as what jansson writes. */
static void as_jansson(void (*write)(struct json_stream *, const void *), const void *value, json_t *same)
{
	struct json_stream stream = open_stream();
	char *want = json_dumps(same, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));

	write(&stream, value);
	cr_assert(want);
	expect(&stream, want);
	free(want);
	json_decref(same);
}

static void write_text(struct json_stream *stream, const void *value)
{
	json_write_text(stream, NULL, value);
}

static void write_measure(struct json_stream *stream, const void *value)
{
	json_write_measure(stream, NULL, *(const double *)value);
}

static void write_integer(struct json_stream *stream, const void *value)
{
	json_write_integer(stream, NULL, *(const int64_t *)value);
}

Test(json_stream, texts_read_as_those_of_jansson)
{
	static const char *const texts[] = {"",      "plain text ~!", "quote \"", "back\\slash",           "a/b",
					    "tab\t", "\x01\x1f",      "\x7f",     "\xc3\xa4 \xe2\x82\xac", "a\xff"};

	for (size_t i = 0; i < MW_ARRAY_LEN(texts); i++)
		as_jansson(write_text, texts[i], json_text_or_null(texts[i]));
	as_jansson(write_text, NULL, json_null());
}

Test(json_stream, integers_read_as_those_of_jansson)
{
	static const int64_t numbers[] = {0, 9, 10, -1, -120, INT64_MAX, INT64_MIN};

	for (size_t i = 0; i < MW_ARRAY_LEN(numbers); i++)
		as_jansson(write_integer, &numbers[i], json_integer(numbers[i]));
}

Test(json_stream, too_large_a_number_is_the_largest)
{
	struct json_stream stream = open_stream();

	json_write_number(&stream, NULL, UINT64_MAX);
	expect(&stream, "9223372036854775807");
}

Test(json_stream, measures_read_as_those_of_jansson)
{
	static const double values[] = {0,    -0.0,    1e-9,          9.9999e-5,   1e-4,     0.1,
					1,    1.5,     100,           1e5,         1e6,      1e15,
					1e17, 1.0 / 3, 999999.999999, 123456.7890, 2e300,    NAN,
					-1,   0.3,     1e-10,         12e-10,      INFINITY, 0.30000000000000004};
	uint64_t random = 88172645463325252;

	for (size_t i = 0; i < MW_ARRAY_LEN(values); i++)
		as_jansson(write_measure, &values[i], json_measure(values[i]));
	for (size_t i = 0; i < 20000; i++) {
		double value;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		/* of all lengths, half of them exact nanoseconds */
		value = (double)(random >> (14 + i % 50)) / 1e9 * (i % 2 ? 1 : 0.9999999999999);
		as_jansson(write_measure, &value, json_measure(value));
	}
}

static int n_made;

static void make(struct json_stream *stream, const void *key)
{
	n_made++;
	json_stream_begin_line(stream, NULL, '[');
	json_write_number(stream, NULL, (uint64_t) * (const int *)key);
	json_stream_end(stream);
}

/* Enough to make its table grow. */
Test(json_memo, each_is_made_once)
{
	struct json_memo *memo = json_memo_new();
	struct json_stream stream = open_stream();
	json_error_t error;
	int keys[1000];
	json_t *root;

	json_stream_begin(&stream, NULL, '[');
	for (int i = 0; i < 2000; i++) {
		keys[i % 1000] = i % 1000;
		json_memo_write(memo, &stream, &keys[i % 1000], make);
	}
	json_stream_end(&stream);
	cr_assert_eq(n_made, 1000);
	root = json_loads(out_text(stream.out, NULL), 0, &error);
	cr_assert(root, "%s", error.text);
	cr_assert_eq(json_array_size(root), 2000);
	for (size_t i = 0; i < 2000; i++)
		cr_assert_eq(json_integer_value(json_array_get(json_array_get(root, i), 0)), (json_int_t)i % 1000);
	json_decref(root);
	json_memo_free(memo);
	cr_assert_eq(out_close(stream.out, NULL), 0);
}
