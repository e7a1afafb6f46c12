/* Answers to questions about addresses, in the order that they were first asked; each is kept once. */
#ifndef CLI_SYMBOLS_KNOWN_H
#define CLI_SYMBOLS_KNOWN_H

#include <stddef.h>
#include <stdint.h>

struct known_item {
	uint64_t addr;
	uint32_t of; /* number of what it is an address of */
	/* the answer: what they are is the owner's matter */
	uint32_t n;
	uint64_t value;
	const char *name;
};

/* Zeroed = empty. */
struct known {
	struct known_item *items;
	size_t n, cap;
	uint32_t *slots; /* open addressing: index + 1; 0 = free */
	size_t n_slots;  /* a power of two */
	size_t n_told;   /* for the owner */
};

/* NULL if it has none. Valid until the next known_add(). */
const struct known_item *known_find(const struct known *known, uint32_t of, uint64_t addr);

/* The item must not be known yet. */
const struct known_item *known_add(struct known *known, const struct known_item *item);
void known_release(struct known *known);

#endif
