/*
 * One page that needs nothing else: the JSON report as data, with what each stack allocated, and the scripts that show
 * it (html/, put together by scripts/page). The policy of the page forbids requests and any script but this one, and
 * the data is no markup: a small report stands in it as JSON without any '<', a large one deflated, in base64.
 */
#include "cli/render/render.h"

#include "cli/base/msg.h"
#include "cli/base/xalloc.h"
#include "cli/render/html_page.h"
#include "cli/render/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define PLAIN_MAX (256 * 1024) /* bytes of JSON that are left readable */

/* In JSON a '<' is within a string, where its number means the same. */
static void put_plain(struct out *out, const char *json, size_t n)
{
	const char *end = json + n;

	out_str(out, "<script type=\"application/json\" id=\"report\">\n");
	for (const char *at; (at = memchr(json, '<', (size_t)(end - json))); json = at + 1) {
		out_write(out, json, (size_t)(at - json));
		out_str(out, "\\u003c");
	}
	out_write(out, json, (size_t)(end - json));
}

static void put_base64(struct out *out, const unsigned char *bytes, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char four[4];

	for (size_t i = 0; i < n; i += 3) {
		uint32_t three = (uint32_t)bytes[i] << 16;

		if (i + 1 < n)
			three |= (uint32_t)bytes[i + 1] << 8;
		if (i + 2 < n)
			three |= bytes[i + 2];
		for (size_t d = 0; d < 4; d++)
			four[d] = i + d > n ? '=' : digits[three >> (18 - 6 * d) & 63];
		out_write(out, four, sizeof(four));
	}
}

static void put_packed(struct out *out, const char *json, size_t n)
{
	uLongf packed_bytes = compressBound(n);
	unsigned char *packed = xmalloc(packed_bytes);

	if (compress(packed, &packed_bytes, (const unsigned char *)json, n) != Z_OK)
		BUG("a report could not be compressed");
	out_str(out, "<script type=\"text/plain\" id=\"report\">\n");
	put_base64(out, packed, packed_bytes);
	out_char(out, '\n');
	free(packed);
}

void render_html(const struct report *report, const struct render_options *options, struct out *out)
{
	struct out *data = out_memory();
	const char *json;
	size_t n;

	(void)options;
	json_report(report, true, data);
	json = out_text(data, &n);
	out_write(out, html_page_begin, (size_t)(html_page_begin_end - html_page_begin));
	if (n <= PLAIN_MAX)
		put_plain(out, json, n);
	else
		put_packed(out, json, n);
	out_write(out, html_page_end, (size_t)(html_page_end_end - html_page_end));
	out_close(data, NULL);
}
