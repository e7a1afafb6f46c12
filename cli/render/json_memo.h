/* JSON texts of things that are written again and again, by address. */
#ifndef CLI_RENDER_JSON_MEMO_H
#define CLI_RENDER_JSON_MEMO_H

#include <jansson.h>
#include <stddef.h>

struct json_memo;

struct json_text {
	const void *key;
	char *bytes; /* NULL = not yet known */
	size_t n;
};

struct json_memo *json_memo_new(void);
void json_memo_free(struct json_memo *memo);

/* The entry of `key`, new if need be; valid until the next call. */
struct json_text *json_memo_find(struct json_memo *memo, const void *key);

/* Keeps the text of `value`; takes over the reference. */
void json_text_set(struct json_text *text, json_t *value);

#endif
