#include "cli/answers/web_making.h"

#include <stdlib.h>

/* In the thread. */
static void make(void *kept)
{
	struct web_making *making = kept;

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

void web_make(struct http_exchange *exchange)
{
	http_aside(exchange, make, reply);
}

void web_forget(void *kept)
{
	struct web_making *making = kept;
	struct err ignored = {0};

	if (making->release)
		making->release(making);
	report_clear(&making->report);
	out_close(making->out, &ignored);
	free(making);
}
