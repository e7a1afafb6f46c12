/*
 * Memory of one part of a report: handed out piece by piece, freed at once. Equal strings are kept once, so that two
 * strings of one store are equal exactly when their pointers are.
 */
#ifndef CLI_ANALYSIS_STORE_H
#define CLI_ANALYSIS_STORE_H

#include <stddef.h>

struct store;

struct store *store_new(void);
void store_free(struct store *store); /* NULL is accepted */

/* Zeroed, aligned for any plain data. */
void *store_alloc(struct store *store, size_t n, size_t item_bytes);

/* A copy of `s`; NULL gives NULL. */
const char *store_string(struct store *store, const char *s);

/* Copies of n strings. */
const char *const *store_strings(struct store *store, char *const *strings, size_t n);

/* Adds a copy of `text` to the end of a list of strings, which is made anew. */
void store_append(struct store *store, const char *const **strings, size_t *n, const char *text);

#endif
