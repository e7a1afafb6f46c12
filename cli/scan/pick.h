/*
 * Which of many words may be pointers to blocks: most of what roots hold is not, and the roots of a program with a
 * garbage collector are as large as its heap.
 */
#ifndef CLI_SCAN_PICK_H
#define CLI_SCAN_PICK_H

#include "cli/scan/blocks.h"

#include <stddef.h>
#include <stdint.h>

#define PICK_WORDS 256u /* at most, at once */

/* Puts down the places of the words that blocks_may_hold(), with their tag or without it, ascending; how many. */
typedef size_t pick_words(const struct blocks *blocks, const uint64_t *words, size_t n_words, uint16_t at[PICK_WORDS]);

/* The fastest that this processor can do. */
pick_words *pick_best(void);

pick_words pick_any; /* on every processor */

#endif
