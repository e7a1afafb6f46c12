#include "cli/render/json_stream.h"

#include "cli/base/msg.h"

#include <string.h>

#define KEY_MAX 64

static bool json_stream_in_line(const struct json_stream *stream)
{
	return stream->line_depth && stream->depth >= stream->line_depth;
}

/* A new line in the innermost open one, with a comma before it or not; 2 + 2 * JSON_STREAM_DEPTH bytes at most. */
static char *put_indent(const struct json_stream *stream, bool comma, char *to)
{
	static const char text[] = ",\n                                ";
	size_t from = comma ? 0 : 1;

	_Static_assert(sizeof(text) == 2 + 2 * JSON_STREAM_DEPTH + 1, "two blanks for each that can be open");
	return mempcpy(to, text + from, 2 - from + 2 * (size_t)stream->depth);
}

struct out *json_stream_member(struct json_stream *stream, const char *key)
{
	char before[2 + 2 * JSON_STREAM_DEPTH + KEY_MAX + 4], *to = before;
	bool comma = stream->has_members[stream->depth];
	size_t n_key = key ? strlen(key) : 0;

	stream->has_members[stream->depth] = true;
	if (!json_stream_in_line(stream)) {
		if (stream->depth > 0)
			to = put_indent(stream, comma, to);
	} else if (comma) {
		to = mempcpy(to, ", ", 2);
	}
	if (key) {
		if (n_key > KEY_MAX)
			BUG("a key of JSON of %zu bytes", n_key);
		*to++ = '"';
		to = mempcpy(to, key, n_key);
		to = mempcpy(to, "\": ", 3);
	}
	out_write(stream->out, before, (size_t)(to - before));
	return stream->out;
}

void json_stream_begin(struct json_stream *stream, const char *key, char open)
{
	json_stream_member(stream, key);
	out_char(stream->out, open);
	stream->close[stream->depth++] = open == '{' ? '}' : ']';
	stream->has_members[stream->depth] = false;
}

void json_stream_begin_line(struct json_stream *stream, const char *key, char open)
{
	json_stream_begin(stream, key, open);
	if (!stream->line_depth)
		stream->line_depth = stream->depth;
}

void json_stream_end(struct json_stream *stream)
{
	char before[2 + 2 * JSON_STREAM_DEPTH];
	bool in_line = json_stream_in_line(stream), has_members = stream->has_members[stream->depth--];

	if (has_members && !in_line)
		out_write(stream->out, before, (size_t)(put_indent(stream, false, before) - before));
	out_char(stream->out, stream->close[stream->depth]);
	if (stream->depth == 0 && !in_line)
		out_char(stream->out, '\n');
	if (!json_stream_in_line(stream))
		stream->line_depth = 0;
}

static int write_dumped(const char *bytes, size_t n, void *out)
{
	out_write(out, bytes, n);
	return 0;
}

void json_stream_value(struct json_stream *stream, const char *key, json_t *value)
{
	json_stream_member(stream, key);
	/* 15 digits keep what a decimal fraction was meant to be; the nanoseconds of half a century need no more. */
	json_dump_callback(value, write_dumped, stream->out, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	json_decref(value);
}
