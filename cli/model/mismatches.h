/*
 * Releases that do not fit their allocation, counted by what they are and where both come from. The number of different
 * ones is bounded; what is beyond is only counted.
 */
#ifndef CLI_MODEL_MISMATCHES_H
#define CLI_MODEL_MISMATCHES_H

#include <stddef.h>
#include <stdint.h>

#define MISMATCHES_MAX 1000

enum mismatch_type {
	MISMATCH_OF_FAMILY, /* by a function of another family than it was allocated with */
	MISMATCH_FREED_AGAIN,
	MISMATCH_NOT_A_BLOCK, /* within a block or a module, or the allocator aborted the program for it */
};

/* Stacks and kinds are 0 where they are not known. */
struct mismatch {
	enum mismatch_type type;
	uint8_t alloc_kind, free_kind; /* enum wire_kind */
	uint32_t alloc_stack; /* of the block, of the one that was freed before, or of the one that it lies in */
	uint32_t free_stack;
	uint32_t first_free_stack; /* FREED_AGAIN */
	uint64_t count;
	uint64_t bytes; /* of all those blocks */
};

struct mismatches {
	struct mismatch *items; /* in the order of their first time */
	size_t n_items, cap_items;
	uint64_t n_others; /* found when there were MISMATCHES_MAX different ones already */
	uint16_t *slots;   /* open addressing: index of an item + 1 */
};

/* Adds one of `count` 1. */
void mismatches_add(struct mismatches *mismatches, const struct mismatch *one);

void mismatches_release(struct mismatches *mismatches);

#endif
