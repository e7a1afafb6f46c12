#include "cli/render/json_memo.h"

#include "cli/base/xalloc.h"

#include <stdint.h>
#include <stdlib.h>

struct text {
	const void *key;
	size_t at, n; /* bytes of `texts` */
};

struct json_memo {
	struct text *slots; /* open addressing; key NULL = free */
	size_t n, n_slots;  /* n_slots is a power of two */
	struct out *texts;  /* in memory, all of them; they begin at `bytes` */
	const char *bytes;
};

struct json_memo *json_memo_new(void)
{
	struct json_memo *memo = xcalloc(1, sizeof(*memo));

	memo->n_slots = 64;
	memo->slots = xcalloc(memo->n_slots, sizeof(*memo->slots));
	memo->texts = out_memory();
	return memo;
}

void json_memo_free(struct json_memo *memo)
{
	if (!memo)
		return;
	out_close(memo->texts, NULL);
	free(memo->slots);
	free(memo);
}

static struct text *memo_slot(const struct json_memo *memo, const void *key)
{
	size_t mask = memo->n_slots - 1;
	size_t i = (uint64_t)(uintptr_t)key * UINT64_C(0x9e3779b97f4a7c15) >> 32 & mask;

	while (memo->slots[i].key && memo->slots[i].key != key)
		i = (i + 1) & mask;
	return &memo->slots[i];
}

static void memo_grow(struct json_memo *memo)
{
	struct text *old = memo->slots;
	size_t n_old = memo->n_slots;

	memo->n_slots = n_old * 2;
	memo->slots = xcalloc(memo->n_slots, sizeof(*memo->slots));
	for (size_t i = 0; i < n_old; i++)
		if (old[i].key)
			*memo_slot(memo, old[i].key) = old[i];
	free(old);
}

static struct text *new_text(struct json_memo *memo, const void *key, json_memo_make *make)
{
	struct json_stream stream = {.out = memo->texts};
	struct text *text;
	size_t end;

	if ((memo->n + 1) * 4 > memo->n_slots * 3)
		memo_grow(memo);
	text = memo_slot(memo, key);
	text->key = key;
	memo->n++;
	out_text(memo->texts, &text->at);
	make(&stream, key);
	memo->bytes = out_text(memo->texts, &end);
	text->n = end - text->at;
	return text;
}

void json_memo_write(struct json_memo *memo, struct json_stream *stream, const void *key, json_memo_make *make)
{
	const struct text *text = memo_slot(memo, key);

	if (!text->key)
		text = new_text(memo, key, make);
	out_write(json_stream_member(stream, NULL), memo->bytes + text->at, text->n);
}
