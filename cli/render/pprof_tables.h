/*
 * Tables of things that are numbered in the order they come, each kept once: for formats that refer to frames and
 * strings by number, pprof's and speedscope's.
 */
#ifndef CLI_RENDER_PPROF_TABLES_H
#define CLI_RENDER_PPROF_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Memory that is freed at once. All zero is an empty one. */
struct pprof_arena {
	void **chunks;
	size_t n, cap, used; /* used: of the last chunk */
};

void *pprof_arena_get(struct pprof_arena *arena, size_t n_bytes); /* zeroed, aligned for any plain data */
void pprof_arena_release(struct pprof_arena *arena);

/* Keys of three numbers. All zero is an empty one. */
struct pprof_index {
	struct pprof_key {
		uint64_t parts[3];
		uint64_t number; /* 0 = a free slot */
	} *slots;
	size_t n, n_slots;
};

/* The number of a key; a new one gets the next, and *is_new is set. */
uint64_t pprof_index_of(struct pprof_index *index, uint64_t a, uint64_t b, uint64_t c, bool *is_new);
void pprof_index_release(struct pprof_index *index);

/* Strings by content. */
struct pprof_strings {
	char **items; /* items[0] is "" once one was asked for */
	size_t n, cap;
	uint32_t *slots; /* index + 1 */
	size_t n_slots;
};

/* The index of a string, made valid UTF-8; NULL is "". */
int64_t pprof_string(struct pprof_strings *strings, const char *s);
void pprof_strings_release(struct pprof_strings *strings);

#endif
