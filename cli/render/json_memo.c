#include "cli/render/json_memo.h"

#include "cli/base/xalloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct json_memo {
	struct json_text *slots; /* open addressing; key NULL = free */
	size_t n, n_slots;       /* n_slots is a power of two */
};

struct json_memo *json_memo_new(void)
{
	struct json_memo *memo = xcalloc(1, sizeof(*memo));

	memo->n_slots = 64;
	memo->slots = xcalloc(memo->n_slots, sizeof(*memo->slots));
	return memo;
}

void json_memo_free(struct json_memo *memo)
{
	if (!memo)
		return;
	for (size_t i = 0; i < memo->n_slots; i++)
		free(memo->slots[i].bytes);
	free(memo->slots);
	free(memo);
}

static struct json_text *memo_slot(const struct json_memo *memo, const void *key)
{
	size_t mask = memo->n_slots - 1;
	size_t i = (uint64_t)(uintptr_t)key * UINT64_C(0x9e3779b97f4a7c15) >> 32 & mask;

	while (memo->slots[i].key && memo->slots[i].key != key)
		i = (i + 1) & mask;
	return &memo->slots[i];
}

static void memo_grow(struct json_memo *memo)
{
	struct json_text *old = memo->slots;
	size_t n_old = memo->n_slots;

	memo->n_slots = n_old * 2;
	memo->slots = xcalloc(memo->n_slots, sizeof(*memo->slots));
	for (size_t i = 0; i < n_old; i++)
		if (old[i].key)
			*memo_slot(memo, old[i].key) = old[i];
	free(old);
}

struct json_text *json_memo_find(struct json_memo *memo, const void *key)
{
	struct json_text *text = memo_slot(memo, key);

	if (text->key)
		return text;
	if ((memo->n + 1) * 4 > memo->n_slots * 3) {
		memo_grow(memo);
		text = memo_slot(memo, key);
	}
	memo->n++;
	text->key = key;
	return text;
}

void json_text_set(struct json_text *text, json_t *value)
{
	text->bytes = json_dumps(value, JSON_ENCODE_ANY);
	if (!text->bytes)
		text->bytes = xstrdup("null");
	text->n = strlen(text->bytes);
	json_decref(value);
}
