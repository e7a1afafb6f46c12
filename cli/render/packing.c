#include "cli/render/packing.h"

#include "cli/base/xalloc.h"
#include "cli/render/gzip.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

#define ZSTD_LEVEL 3

struct packing {
	struct out *out;
	struct gzip *gzip; /* NULL unless it is that, as below */
	ZSTD_CCtx *zstd;
	char *packed; /* of zstd, cap bytes */
	size_t cap;
};

static void open_zstd(struct packing *packing)
{
	packing->zstd = ZSTD_createCCtx();
	packing->cap = ZSTD_CStreamOutSize();
	packing->packed = xmalloc(packing->cap);
	if (!packing->zstd)
		out_fail(packing->out, ENOMEM);
	else
		ZSTD_CCtx_setParameter(packing->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
}

struct packing *packing_new(struct out *out, enum render_packing how)
{
	struct packing *packing = xcalloc(1, sizeof(*packing));

	packing->out = out;
	if (how == PACKING_GZIP)
		packing->gzip = gzip_new(out);
	else if (how == PACKING_ZSTD)
		open_zstd(packing);
	return packing;
}

static void compress_all(struct packing *packing, const void *bytes, size_t n, ZSTD_EndDirective end)
{
	ZSTD_inBuffer in = {bytes, n, 0};
	size_t left;

	if (!packing->zstd)
		return;
	do {
		ZSTD_outBuffer to = {packing->packed, packing->cap, 0};

		left = ZSTD_compressStream2(packing->zstd, &to, &in, end);
		if (ZSTD_isError(left)) {
			out_fail(packing->out, ENOMEM);
			return;
		}
		out_write(packing->out, packing->packed, to.pos);
	} while (end == ZSTD_e_end ? left > 0 : in.pos < in.size);
}

void packing_write(struct packing *packing, const void *bytes, size_t n)
{
	if (packing->gzip)
		gzip_write(packing->gzip, bytes, n);
	else if (packing->packed)
		compress_all(packing, bytes, n, ZSTD_e_continue);
	else
		out_write(packing->out, bytes, n);
}

void packing_finish(struct packing *packing)
{
	if (packing->gzip)
		gzip_finish(packing->gzip);
	else if (packing->packed)
		compress_all(packing, NULL, 0, ZSTD_e_end);
	ZSTD_freeCCtx(packing->zstd);
	free(packing->packed);
	free(packing);
}
