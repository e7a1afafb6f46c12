#include "cli/render/gzip.h"

#include "cli/base/xalloc.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#define GZIP_WINDOW_BITS (15 + 16) /* the largest window; + 16: a gzip header and not zlib's */
#define GZIP_LEVEL 3 /* profiles repeat themselves: higher ones take several times as long for a few percent */

struct gzip {
	struct out *out;
	z_stream stream;
};

struct gzip *gzip_new(struct out *out)
{
	struct gzip *gzip = xcalloc(1, sizeof(*gzip));

	gzip->out = out;
	if (deflateInit2(&gzip->stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW_BITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
		fputs("memwatch: out of memory in the reporter\n", stderr);
		exit(125);
	}
	return gzip;
}

static void deflate_all(struct gzip *gzip, int flush)
{
	unsigned char buf[16384];

	do {
		gzip->stream.next_out = buf;
		gzip->stream.avail_out = sizeof(buf);
		deflate(&gzip->stream, flush);
		out_write(gzip->out, buf, sizeof(buf) - gzip->stream.avail_out);
	} while (gzip->stream.avail_out == 0);
}

void gzip_write(struct gzip *gzip, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;

	while (n) {
		uInt part = n < 1u << 30 ? (uInt)n : 1u << 30;

		gzip->stream.next_in = (z_const Bytef *)(uintptr_t)at;
		gzip->stream.avail_in = part;
		deflate_all(gzip, Z_NO_FLUSH);
		at += part;
		n -= part;
	}
}

void gzip_finish(struct gzip *gzip)
{
	gzip->stream.next_in = NULL;
	gzip->stream.avail_in = 0;
	deflate_all(gzip, Z_FINISH);
	deflateEnd(&gzip->stream);
	free(gzip);
}
