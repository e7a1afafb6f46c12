#include "cli/render/json_values.h"

#include "cli/render/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *json_text_or_null(const char *s)
{
	json_t *value;
	char *repaired;

	if (!s)
		return json_null();
	if (utf8_valid(s))
		return json_string_nocheck(s);
	repaired = utf8_repair(s);
	value = json_string_nocheck(repaired);
	free(repaired);
	return value;
}

/* JSON has no limit but readers do: what jansson cannot say is said as its largest number. */
static int64_t sayable(uint64_t n)
{
	return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

json_t *json_number(uint64_t n)
{
	return json_integer(sayable(n));
}

json_t *json_measure(double value)
{
	return json_real(isfinite(value) && value >= 0 && value < 1e18 ? value : 0);
}

json_t *json_signed(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

void json_set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new_nocheck(object, key, value);
}

json_t *json_texts(const char *const *strings, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_text_or_null(strings[i]));
	return array;
}

/* ---- members */

void json_write_integer(struct json_stream *stream, const char *key, int64_t n)
{
	struct out *out = json_stream_member(stream, key);

	if (n < 0)
		out_char(out, '-');
	out_decimal(out, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

void json_write_number(struct json_stream *stream, const char *key, uint64_t n)
{
	json_write_integer(stream, key, sayable(n));
}

void json_write_boolean(struct json_stream *stream, const char *key, bool value)
{
	out_str(json_stream_member(stream, key), value ? "true" : "false");
}

static void json_write_null(struct json_stream *stream, const char *key)
{
	out_str(json_stream_member(stream, key), "null");
}

/* Length of what JSON takes as it is, when all is. */
static bool is_plain(const char *s, size_t *n)
{
	const char *at = s;

	while (*at >= ' ' && *at <= '~' && *at != '"' && *at != '\\')
		at++;
	*n = (size_t)(at - s);
	return !*at;
}

void json_write_text(struct json_stream *stream, const char *key, const char *s)
{
	struct out *out;
	size_t n;

	if (!s) {
		json_write_null(stream, key);
		return;
	}
	if (!is_plain(s, &n)) {
		json_stream_value(stream, key, json_text_or_null(s));
		return;
	}
	out = json_stream_member(stream, key);
	out_char(out, '"');
	out_write(out, s, n);
	out_char(out, '"');
}

/*
 * Most measures are times in nanoseconds: decimal fractions of at most 15 digits, which a double keeps (DBL_DIG). They
 * read as jansson writes them, without the long way of printf to those digits.
 */
static bool write_nanoseconds(struct json_stream *stream, const char *key, double seconds)
{
	bool short_enough = seconds >= 1e-4 && seconds < 1e6; /* below it, jansson writes an exponent */
	uint64_t ns = short_enough ? (uint64_t)(seconds * 1e9 + 0.5) : 0, rest = ns % 1000000000;
	char digits[9];
	struct out *out;
	size_t n = 9;

	if (!ns || (double)ns / 1e9 != seconds)
		return false;
	for (size_t i = n; i-- > 0; rest /= 10)
		digits[i] = (char)('0' + rest % 10);
	while (n > 1 && digits[n - 1] == '0')
		n--;
	out = json_stream_member(stream, key);
	out_decimal(out, ns / 1000000000);
	out_char(out, '.');
	out_write(out, digits, n);
	return true;
}

void json_write_measure(struct json_stream *stream, const char *key, double value)
{
	if (!write_nanoseconds(stream, key, value))
		json_stream_value(stream, key, json_measure(value));
}

void json_write_signed(struct json_stream *stream, const char *key, double value)
{
	json_stream_value(stream, key, json_signed(value));
}

void json_write_texts(struct json_stream *stream, const char *key, const char *const *strings, size_t n)
{
	json_stream_begin_line(stream, key, '[');
	for (size_t i = 0; i < n; i++)
		json_write_text(stream, NULL, strings[i]);
	json_stream_end(stream);
}

void json_write_amount(struct json_stream *stream, const char *key, struct report_amount amount)
{
	json_stream_begin_line(stream, key, '{');
	json_write_number(stream, "blocks", amount.blocks);
	json_write_number(stream, "bytes", amount.bytes);
	json_stream_end(stream);
}

static void write_frame(struct json_stream *stream, const void *key)
{
	const struct report_frame *frame = key;

	json_stream_begin_line(stream, NULL, '{');
	json_write_text(stream, "function", frame->function);
	if (frame->symbol && frame->function && strcmp(frame->symbol, frame->function) != 0)
		json_write_text(stream, "symbol", frame->symbol);
	json_write_text(stream, "file", frame->file);
	if (frame->line)
		json_write_number(stream, "line", frame->line);
	else
		json_write_null(stream, "line");
	json_write_text(stream, "module", frame->module);
	json_write_text(stream, "build_id", frame->build_id);
	json_write_number(stream, "offset", frame->offset);
	json_write_boolean(stream, "inlined", frame->inlined);
	json_stream_end(stream);
}

void json_write_frames(struct json_stream *stream, struct json_memo *memo, const char *key,
		       const struct report_stack *stack)
{
	json_stream_begin(stream, key, '[');
	for (size_t i = 0; i < stack->n_frames; i++)
		json_memo_write(memo, stream, stack->frames[i], write_frame);
	json_stream_end(stream);
}
