/*
 * One object file, and what its tables and its debug information say of addresses in it (ELF virtual addresses). The
 * file is looked for when something is asked, and each part of it read when it is needed first. One thread at a time:
 * two can agree by image_take().
 */
#ifndef CLI_SYMBOLS_IMAGE_H
#define CLI_SYMBOLS_IMAGE_H

#include "cli/symbols/dwarf_index.h"
#include "cli/symbols/symbols.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image;

/* Copies `object`. What is at its path now is the file that image_serves() compares with. */
struct image *image_new(const struct symbols_object *object);
void image_free(struct image *image); /* NULL is accepted */

/* Whether `object`, under whatever path, is the same file, so that a second image of it would be the same again. */
bool image_serves(const struct image *image, const struct symbols_object *object);

enum image_whose {
	IMAGE_NOBODYS,
	IMAGE_AHEADS, /* the thread's that reads ahead; it gives it back */
	IMAGE_OURS,   /* of all others, for good */
};

/* The first to come gets it; false: another has it. */
bool image_take(struct image *image, enum image_whose whose);
void image_give_back(struct image *image);
enum image_whose image_whose(const struct image *image);

/* Whether there is a file. */
bool image_usable(struct image *image);

/* The function's name in the symbol table, or NULL. Valid until the next call. */
const char *image_function(struct image *image, uint64_t vaddr);

/* As dwarf_index_find(). */
size_t image_frames(struct image *image, uint64_t vaddr, struct dwarf_frame *frames, size_t max);

/* The variable's name in the symbol table, mangled, and how far inside `vaddr` is; or NULL. */
const char *image_variable(struct image *image, uint64_t vaddr, uint64_t *offset);

/* Reads what the answers above need; without `lines` not yet what image_frames() does. */
void image_read(struct image *image, bool lines);
bool image_is_read(const struct image *image, bool lines);

#endif
