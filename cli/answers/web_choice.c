#include "cli/answers/web_choice.h"

#include "cli/base/xalloc.h"
#include "cli/session/run_report.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

void web_refuse(struct http_exchange *exchange, int status, const char *why)
{
	char *text = xasprintf("%s\n", why);

	http_header(exchange, "X-Go-Pprof", "1");
	http_reply(exchange, status, "text/plain; charset=utf-8", text, strlen(text));
	free(text);
}

size_t web_choose(const struct tracker *tracker, struct http_exchange *exchange, struct tracked ***chosen)
{
	const char *text = http_param(exchange, "pid");
	struct tracked **found = xcalloc(tracker->n_items + 1, sizeof(struct tracked *));
	bool is_bad = false;
	uint64_t pid;
	size_t n = 0;

	if (text && strcmp(text, "all") == 0) {
		for (size_t i = 0; i < tracker->n_items; i++)
			if (tracker->items[i]->process)
				found[n++] = tracker->items[i];
	} else if (text) {
		pid = http_param_number(exchange, "pid", INT_MAX, 0, &is_bad);
		found[0] = is_bad ? NULL : tracker_find_pid(tracker, (int)pid);
		n = found[0] != NULL;
	} else {
		found[0] = run_report_main(tracker);
		n = found[0] != NULL;
	}
	if (n == 0) {
		free(found);
		web_refuse(exchange, is_bad ? 400 : 404,
			   is_bad ? "pid is a number, or all"
			   : text ? "no watched process with this pid is running"
				  : "no watched process is running");
		return 0;
	}
	*chosen = found;
	return n;
}
