#include "cli/render/pprof_tables.h"

#include "cli/base/xalloc.h"
#include "cli/render/utf8.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define CHUNK_BYTES ((size_t)1 << 18)

/* ---- memory */

void *pprof_arena_get(struct pprof_arena *arena, size_t n_bytes)
{
	void *got;

	n_bytes = (n_bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (arena->n == 0 || arena->used + n_bytes > CHUNK_BYTES) {
		arena->chunks = xgrow(arena->chunks, &arena->cap, arena->n + 1, sizeof(*arena->chunks));
		arena->chunks[arena->n++] = xcalloc(1, n_bytes > CHUNK_BYTES ? n_bytes : CHUNK_BYTES);
		arena->used = 0;
	}
	got = (char *)arena->chunks[arena->n - 1] + arena->used;
	arena->used += n_bytes;
	return got;
}

void pprof_arena_release(struct pprof_arena *arena)
{
	for (size_t i = 0; i < arena->n; i++)
		free(arena->chunks[i]);
	free(arena->chunks);
	*arena = (struct pprof_arena){0};
}

/* ---- numbers */

static struct pprof_key *index_slot(const struct pprof_index *index, const uint64_t *parts)
{
	uint64_t h = 0;
	size_t i;

	for (int part = 0; part < 3; part++) {
		h = (h ^ parts[part]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 32;
	}
	for (i = h & (index->n_slots - 1); index->slots[i].number; i = (i + 1) & (index->n_slots - 1))
		if (memcmp(index->slots[i].parts, parts, sizeof(index->slots[i].parts)) == 0)
			break;
	return &index->slots[i];
}

static void index_grow(struct pprof_index *index)
{
	struct pprof_key *old = index->slots;
	size_t n_old = index->n_slots;

	index->n_slots = n_old ? n_old * 2 : 256;
	index->slots = xcalloc(index->n_slots, sizeof(*index->slots));
	for (size_t i = 0; i < n_old; i++)
		if (old[i].number)
			*index_slot(index, old[i].parts) = old[i];
	free(old);
}

uint64_t pprof_index_of(struct pprof_index *index, uint64_t a, uint64_t b, uint64_t c, bool *is_new)
{
	const uint64_t parts[3] = {a, b, c};
	struct pprof_key *slot;

	if ((index->n + 1) * 2 > index->n_slots)
		index_grow(index);
	slot = index_slot(index, parts);
	*is_new = !slot->number;
	if (*is_new) {
		memcpy(slot->parts, parts, sizeof(parts));
		slot->number = ++index->n;
	}
	return slot->number;
}

void pprof_index_release(struct pprof_index *index)
{
	free(index->slots);
	*index = (struct pprof_index){0};
}

/* ---- strings */

static uint32_t *string_slot(const struct pprof_strings *strings, const char *s)
{
	size_t mask = strings->n_slots - 1, i = XXH3_64bits(s, strlen(s)) & mask;

	while (strings->slots[i] && strcmp(strings->items[strings->slots[i] - 1], s) != 0)
		i = (i + 1) & mask;
	return &strings->slots[i];
}

static void strings_grow(struct pprof_strings *strings)
{
	free(strings->slots);
	strings->n_slots = strings->n_slots ? strings->n_slots * 2 : 1024;
	strings->slots = xcalloc(strings->n_slots, sizeof(*strings->slots));
	for (size_t i = 0; i < strings->n; i++)
		*string_slot(strings, strings->items[i]) = (uint32_t)i + 1;
}

/* Takes over `s`. */
static int64_t add_string(struct pprof_strings *strings, char *s)
{
	uint32_t *slot;

	if ((strings->n + 1) * 2 > strings->n_slots)
		strings_grow(strings);
	slot = string_slot(strings, s);
	if (*slot) {
		free(s);
		return *slot - 1;
	}
	strings->items = xgrow(strings->items, &strings->cap, strings->n + 1, sizeof(*strings->items));
	strings->items[strings->n++] = s;
	*slot = (uint32_t)strings->n;
	return (int64_t)strings->n - 1;
}

int64_t pprof_string(struct pprof_strings *strings, const char *s)
{
	const uint32_t *slot;

	if (strings->n == 0)
		add_string(strings, xstrdup(""));
	if (!s || !*s)
		return 0;
	slot = string_slot(strings, s);
	return *slot ? *slot - 1 : add_string(strings, utf8_valid(s) ? xstrdup(s) : utf8_repair(s));
}

void pprof_strings_release(struct pprof_strings *strings)
{
	for (size_t i = 0; i < strings->n; i++)
		free(strings->items[i]);
	free(strings->items);
	free(strings->slots);
	*strings = (struct pprof_strings){0};
}
