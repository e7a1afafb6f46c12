/* JSON texts of things that are written again and again, by address. */
#ifndef CLI_RENDER_JSON_MEMO_H
#define CLI_RENDER_JSON_MEMO_H

#include "cli/render/json_stream.h"

struct json_memo;

/* Writes `key` as a whole, on one line. */
typedef void json_memo_make(struct json_stream *stream, const void *key);

struct json_memo *json_memo_new(void);
void json_memo_free(struct json_memo *memo);

/* Writes an element of the innermost open array: what `make` wrote when `key` was first seen. */
void json_memo_write(struct json_memo *memo, struct json_stream *stream, const void *key, json_memo_make *make);

#endif
