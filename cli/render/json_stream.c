#include "cli/render/json_stream.h"

#include <string.h>

static void json_stream_indent(struct json_stream *stream)
{
	for (int i = 0; i < stream->depth; i++)
		out_str(stream->out, "  ");
}

/* What comes before a value: comma, line, indentation, key. Keys are plain ASCII names. */
static void json_stream_member(struct json_stream *stream, const char *key)
{
	if (stream->has_members[stream->depth])
		out_char(stream->out, ',');
	stream->has_members[stream->depth] = true;
	if (stream->depth > 0)
		out_char(stream->out, '\n');
	json_stream_indent(stream);
	if (key)
		out_printf(stream->out, "\"%s\": ", key);
}

void json_stream_begin(struct json_stream *stream, const char *key, char open)
{
	json_stream_member(stream, key);
	out_char(stream->out, open);
	stream->close[stream->depth++] = open == '{' ? '}' : ']';
	stream->has_members[stream->depth] = false;
}

void json_stream_end(struct json_stream *stream)
{
	bool has_members = stream->has_members[stream->depth--];

	if (has_members) {
		out_char(stream->out, '\n');
		json_stream_indent(stream);
	}
	out_char(stream->out, stream->close[stream->depth]);
	if (stream->depth == 0)
		out_char(stream->out, '\n');
}

static int json_stream_write(const char *bytes, size_t n, void *out)
{
	out_write(out, bytes, n);
	return 0;
}

void json_stream_value(struct json_stream *stream, const char *key, json_t *value)
{
	json_stream_member(stream, key);
	/* 15 digits keep what a decimal fraction was meant to be; the nanoseconds of half a century need no more. */
	json_dump_callback(value, json_stream_write, stream->out, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	json_decref(value);
}

void json_stream_raw(struct json_stream *stream, const char *key, const char *text, size_t n)
{
	json_stream_member(stream, key);
	out_write(stream->out, text, n);
}
