/* Packs an output, or not, as it is made: a gzip member (RFC 1952), a zstd frame (RFC 8878). */
#ifndef CLI_RENDER_PACKING_H
#define CLI_RENDER_PACKING_H

#include "cli/render/render.h"

#include <stddef.h>

struct packing;

struct packing *packing_new(struct out *out, enum render_packing how);
void packing_write(struct packing *packing, const void *bytes, size_t n);
void packing_finish(struct packing *packing); /* writes the end, and frees */

#endif
