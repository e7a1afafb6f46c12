/*
 * What the program says by memwatch.h: marks, blocks that are to be ignored, memory that holds pointers, pieces that
 * its own pools give out; and what it says to LeakSanitizer. All of it bounded, whatever the program says; what is over
 * is counted.
 */
#ifndef CLI_MODEL_SAID_H
#define CLI_MODEL_SAID_H

#include "cli/model/process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SAID_MARKS_MAX   4096u
#define SAID_REGIONS_MAX 4096u
#define SAID_INSIDE_MAX  65536u /* how far behind its start a pointer to an ignored block may be */
#define SAID_POOLS_MAX   256u
#define SAID_TEXT_MAX    (2u << 20)

struct said;

struct said *said_new(void);
void said_free(struct said *said); /* NULL is accepted */

/* What a forked child starts with: the regions, and what was said to LeakSanitizer. */
struct said *said_clone(const struct said *said);

/* An EXT record, as process_announce() gets it. True also for types that are not of this kind. */
bool said_announce(struct process *process, uint32_t stream, const uint64_t *words, size_t n_words);

/* Marks, regions and pieces that there was no room for. */
uint64_t said_dropped(const struct said *said);

/* Bytes that it takes. */
size_t said_bytes(const struct said *said);

#endif
