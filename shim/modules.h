/*
 * The object files mapped in the process, as far as stacks have met them, each with an id that is never used again: an
 * object loaded where another was has another id (and its nodes are new).
 */
#ifndef SHIM_MODULES_H
#define SHIM_MODULES_H

#include "shim/libc_glibc.h"

#include <stdint.h>

struct writer;

/* Called for each object that a new rule is in: announces it in this writer's stream if that has not been done. */
void mw_modules_note(struct writer *w, const struct libc_object *object);

/* Whether the object at `pc` has been announced in this writer's stream. */
bool mw_modules_announced(const struct writer *w, uint64_t pc);

/* After a dlclose: finds out what has gone, tells so, and makes all caches of addresses stale. */
void mw_modules_sweep(struct writer *w);

#endif
