/*
 * JSON written as it is made: the outer objects and arrays one member a line, indented; what is in them each on one
 * line, in the spacing of jansson, which writes what is too special for json_values.h. No more than one value is in
 * memory, however long the report.
 */
#ifndef CLI_RENDER_JSON_STREAM_H
#define CLI_RENDER_JSON_STREAM_H

#include "cli/base/out.h"

#include <jansson.h>
#include <stdbool.h>

#define JSON_STREAM_DEPTH 16

struct json_stream {
	struct out *out;
	int depth;
	int line_depth;                /* of the open one that is on one line with all in it; 0 = none */
	char close[JSON_STREAM_DEPTH]; /* of the open ones */
	bool has_members[JSON_STREAM_DEPTH + 1];
};

/* `open` is '{' or '['. `key` is NULL in arrays and for the whole. */
void json_stream_begin(struct json_stream *stream, const char *key, char open);
void json_stream_end(struct json_stream *stream);

/* The same on one line, with all that is in it. As the whole it has no newline at its end. */
void json_stream_begin_line(struct json_stream *stream, const char *key, char open);

/* What comes before a value: comma, line, indentation, key (a plain ASCII name). The value is to be written next. */
struct out *json_stream_member(struct json_stream *stream, const char *key);

/* Takes over the reference to `value`. */
void json_stream_value(struct json_stream *stream, const char *key, json_t *value);

#endif
