/*
 * Memcheck's four heuristics: pointers into the inside of a block that are how a program holds it in the ordinary way.
 *	stdstring	the characters of a std::string of the old kind, behind length, capacity and count
 *	length64	the second word of a block whose first is the size of the rest (sqlite)
 *	newarray	the second word of a block whose first divides the rest: an array of objects with destructors
 *	multipleinheritance	a word that points to a vtable, in a block whose first word does so too
 * What they need of a block is noted while its content is at hand.
 */
#ifndef CLI_SCAN_HEURISTICS_H
#define CLI_SCAN_HEURISTICS_H

#include "cli/scan/sweeper.h"

/* `words`: the block's from `first_word` on. Call in order of address. */
void heuristics_note(struct sweeper *sweeper, uint32_t block, const uint64_t *words, size_t n_words,
		     uint64_t first_word);

/* Whether a pointer to there is as good as one to the start. */
bool heuristics_strong(const struct graph *graph, const struct edge *edge);

#endif
