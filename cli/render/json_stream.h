/*
 * JSON written as it is made: the outer objects and arrays one member a line, indented; the values in them by jansson,
 * each on one line. No more than one value is in memory, however long the report.
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
	char close[JSON_STREAM_DEPTH]; /* of the open ones */
	bool has_members[JSON_STREAM_DEPTH + 1];
};

/* `open` is '{' or '['. `key` is NULL in arrays and for the whole. */
void json_stream_begin(struct json_stream *stream, const char *key, char open);
void json_stream_end(struct json_stream *stream);

/* Takes over the reference to `value`. */
void json_stream_value(struct json_stream *stream, const char *key, json_t *value);

/* Bytes that are a JSON value already. */
void json_stream_raw(struct json_stream *stream, const char *key, const char *text, size_t n);

#endif
