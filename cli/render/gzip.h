/* A gzip member (RFC 1952) written to an output as it is made. */
#ifndef CLI_RENDER_GZIP_H
#define CLI_RENDER_GZIP_H

#include "cli/base/out.h"

#include <stddef.h>

struct gzip;

struct gzip *gzip_new(struct out *out);
void gzip_write(struct gzip *gzip, const void *bytes, size_t n);
void gzip_finish(struct gzip *gzip); /* writes the end, and frees */

#endif
