#include "cli/answers/web_making.h"

#include "cli/serve/turns.h"
#include "cli/symbols/symbols.h"

#include <stdlib.h>

#define AGAIN_NS UINT64_C(1000000)

/* In the thread. */
static void make(void *kept)
{
	struct web_making *making = kept;

	parts_end(&making->parts, &making->report);
	making->out = out_memory();
	making->render(making);
	report_clear(&making->report);
}

static void reply(void *ctx, struct http_exchange *exchange)
{
	struct web_making *making = exchange->kept;
	struct out *out = making->out;

	(void)ctx;
	making->out = NULL;
	http_reply_out(exchange, making->type, out);
}

/* While the files of names are being read, to wait for the thread that does it would hold the loop up. */
static void name(void *ctx, struct http_exchange *exchange)
{
	const struct tracker *tracker = ctx;
	struct web_making *making = exchange->kept;

	if (symbols_preparing(tracker->symbols) || !parts_name(&making->parts, TURNS_PIECE_NS)) {
		http_again(exchange, AGAIN_NS, name);
		return;
	}
	parts_complete(&making->parts);
	http_aside(exchange, make, reply);
}

bool web_ready(const struct tracker *tracker, struct http_exchange *exchange, struct tracked *const *processes,
	       size_t n, void (*again)(void *ctx, struct http_exchange *exchange))
{
	struct web_making *making = exchange->kept;

	if (parts_settle(&making->parts, processes, n, TURNS_PIECE_NS) && !symbols_preparing(tracker->symbols))
		return true;
	http_again(exchange, AGAIN_NS, again);
	return false;
}

void web_make(struct http_exchange *exchange)
{
	http_again(exchange, 0, name);
}

void web_forget(void *kept)
{
	struct web_making *making = kept;
	struct err ignored = {0};

	parts_end(&making->parts, &making->report);
	if (making->release)
		making->release(making);
	report_clear(&making->report);
	out_close(making->out, &ignored);
	free(making);
}
