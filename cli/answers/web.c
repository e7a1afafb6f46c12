#include "cli/answers/web.h"

#include "cli/answers/web_choice.h"
#include "cli/answers/web_making.h"
#include "cli/answers/web_profile.h"
#include "cli/base/xalloc.h"
#include "cli/ingest/capture.h"
#include "cli/model/process.h"
#include "cli/render/metrics.h"
#include "cli/render/render.h"
#include "cli/render/vars.h"
#include "cli/session/run_report.h"
#include "common/compiler.h"
#include "common/env.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct web {
	struct http *http;
};

/* ---- reports */

static void answer_metrics(void *ctx, struct http_exchange *exchange)
{
	bool openmetrics = metrics_wants_openmetrics(exchange->accept);
	struct out *out = out_memory();

	run_report_print_metrics(ctx, openmetrics, out);
	http_reply_out(exchange,
		       openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
				   : "text/plain; version=0.0.4; charset=utf-8",
		       out);
}

static void answer_vars(void *ctx, struct http_exchange *exchange)
{
	struct report_process report;
	struct tracked **chosen;
	struct out *out;

	if (web_choose(ctx, exchange, &chosen) == 0)
		return;
	out = out_memory();
	tracker_totals(ctx, chosen[0], &report);
	free(chosen);
	vars_print(&report, out);
	report_process_clear(&report);
	http_reply_out(exchange, "application/json; charset=utf-8", out);
}

/* The report in a format that is also one of files. */
static const struct web_format {
	const char *path, *format, *type;
} formats[] = {
	{"/report", "html", "text/html; charset=utf-8"},
	{"/report.txt", "text", "text/plain; charset=utf-8"},
	{"/report.json", "json", "application/json; charset=utf-8"},
};
enum { FORMAT_JSON = 2 };

struct report_making {
	struct web_making making;
	const struct web_format *as;
};

static void render_report(const struct web_making *making)
{
	const struct web_format *as = ((const struct report_making *)making)->as;
	const struct render_options how = {.top = 20, .show = ~0u};

	render_format_find(as->format)->render(&making->report, &how, making->out);
}

static struct web_making *new_report(struct http_exchange *exchange, const struct web_format *as)
{
	struct report_making *kept = xcalloc(1, sizeof(*kept));

	kept->as = as;
	kept->making = (struct web_making){.type = as->type, .render = render_report};
	exchange->kept = kept;
	return &kept->making;
}

static void answer_report(void *ctx, struct http_exchange *exchange)
{
	struct tracker *tracker = ctx;
	const struct web_format *as = formats;
	struct web_making *making;

	while (strcmp(as->path, exchange->path) != 0)
		as++;
	making = exchange->kept ? exchange->kept : new_report(exchange, as);
	if (!web_ready(tracker, exchange, tracker->items, tracker->n_items, answer_report))
		return;
	run_report_begin(tracker, &making->report, &making->parts);
	web_make(exchange);
}

static void answer_scan(void *ctx, struct http_exchange *exchange)
{
	struct tracker *tracker = ctx;
	struct tracked **chosen;
	size_t n = web_choose(tracker, exchange, &chosen);
	struct web_making *making;

	if (n == 0)
		return;
	making = new_report(exchange, &formats[FORMAT_JSON]);
	making->report = (struct report){.memwatch_version = MEMWATCH_VERSION, .gate_passed = true};
	for (size_t i = 0; i < n; i++) {
		struct report_process *process;

		if (!chosen[i]->process || chosen[i]->ending)
			continue;
		tracker_scan(tracker, chosen[i], NULL, false);
		process = report_add_process(&making->report);
		parts_add(&making->parts, chosen[i], tracker_report_begin(tracker, chosen[i], process),
			  making->report.n_processes - 1);
	}
	free(chosen);
	web_make(exchange);
}

/* ---- the index */

static void count_stack(void *ctx, uint32_t stack, const struct process_use *use)
{
	size_t *n = ctx;

	(void)stack, (void)use;
	(*n)++;
}

static void answer_index(void *ctx, struct http_exchange *exchange)
{
	struct tracked **chosen;
	struct out *out;
	size_t n = 0;

	if (web_choose(ctx, exchange, &chosen) == 0)
		return;
	process_each_use(chosen[0]->process, count_stack, &n);
	free(chosen);
	out = out_memory();
	out_str(out, "<html>\n<head>\n<title>/debug/pprof/</title>\n</head>\n<body>\n/debug/pprof/<br>\n<br>\n"
		     "Types of profiles available:\n<table>\n<thead><td>Count</td><td>Profile</td></thead>\n");
	out_printf(out, "<tr><td>%zu</td><td><a href='allocs?debug=1'>allocs</a></td></tr>\n", n);
	out_str(out, "<tr><td>0</td><td><a href='cmdline'>cmdline</a></td></tr>\n");
	out_printf(out, "<tr><td>%zu</td><td><a href='heap?debug=1'>heap</a></td></tr>\n", n);
	out_str(out, "</table>\n<p>Beside them: <a href='/metrics'>/metrics</a>, "
		     "<a href='/debug/vars'>/debug/vars</a>, <a href='/report'>/report</a>, "
		     "<a href='/report.json'>/report.json</a></p>\n<ul>\n"
		     "<li>allocs: what each stack has allocated since the start. ?seconds=N gives what it does in N "
		     "seconds.</li>\n<li>cmdline: the command line of the program.</li>\n"
		     "<li>heap: what is live now, by stack; read it with go tool pprof.</li>\n"
		     "</ul>\n</body>\n</html>\n");
	http_reply_out(exchange, "text/html; charset=utf-8", out);
}

static void to_index(void *ctx, struct http_exchange *exchange)
{
	(void)ctx;
	http_header(exchange, "Location", "/debug/pprof/");
	http_reply(exchange, 301, "text/plain; charset=utf-8", "", 0);
}

/* ---- paths */

typedef void answer_function(void *ctx, struct http_exchange *exchange);

static const struct endpoint {
	const char *path;
	answer_function *get, *post; /* NULL = not so */
	bool costs;                  /* is made when there is time for it */
} endpoints[] = {
	{"/", to_index, NULL, false},
	{"/debug/pprof", to_index, NULL, false},
	{"/debug/pprof/", answer_index, NULL, true},
	{"/debug/pprof/heap", web_heap, NULL, false},
	{"/debug/pprof/allocs", web_allocs, NULL, false},
	{"/debug/pprof/cmdline", web_cmdline, NULL, false},
	{"/debug/pprof/symbol", web_symbol, web_symbol, false},
	{"/pprof/heap", web_gperftools_heap, NULL, false},
	{"/pprof/cmdline", web_cmdline, NULL, false},
	{"/pprof/symbol", web_symbol, web_symbol, false},
	{"/metrics", answer_metrics, NULL, true},
	{"/debug/vars", answer_vars, NULL, true},
	{"/report", answer_report, NULL, true},
	{"/report.txt", answer_report, NULL, true},
	{"/report.json", answer_report, NULL, true},
	{"/scan", NULL, answer_scan, true},
};

/* Profiles that Go's clients know and this cannot give. */
static const struct {
	const char *path, *why;
} absent[] = {
	{"/debug/pprof/profile", "memwatch has no CPU profile; use perf record"},
	{"/debug/pprof/trace", "memwatch has no execution trace; --timeline=FILE writes one of the memory"},
	{"/debug/pprof/goroutine", "there are no goroutines"},
	{"/debug/pprof/threadcreate", "memwatch has no profile of threads"},
	{"/debug/pprof/block", "memwatch has no profile of blocking"},
	{"/debug/pprof/mutex", "memwatch has no profile of locks"},
	{"/pprof/profile", "memwatch has no CPU profile; use perf record"},
	{"/pprof/growth", "memwatch has no profile of the heap's growth; /debug/pprof/heap?seconds=N is near to it"},
};

static void not_found(struct http_exchange *exchange)
{
	for (size_t i = 0; i < MW_ARRAY_LEN(absent); i++) {
		if (strcmp(absent[i].path, exchange->path) == 0) {
			web_refuse(exchange, 404, absent[i].why);
			return;
		}
	}
	web_refuse(exchange, 404, "there is nothing here; see /debug/pprof/");
}

static void on_exchange(void *ctx, struct http_exchange *exchange)
{
	for (size_t i = 0; i < MW_ARRAY_LEN(endpoints); i++) {
		const struct endpoint *endpoint = &endpoints[i];
		answer_function *answer = exchange->post ? endpoint->post : endpoint->get;

		if (strcmp(endpoint->path, exchange->path) != 0)
			continue;
		if (!answer) {
			http_header(exchange, "Allow", endpoint->get ? "GET, HEAD" : "POST");
			web_refuse(exchange, 405, endpoint->get ? "only GET and HEAD" : "only POST");
		} else if (endpoint->costs) {
			http_later(exchange, 0, answer);
		} else {
			answer(ctx, exchange);
		}
		return;
	}
	not_found(exchange);
}

const char *web_token(const struct options *options)
{
	return options->http_token ? options->http_token : getenv(MW_ENV_HTTP_TOKEN);
}

struct web *web_open(struct tracker *tracker, struct event_base *base, char **url, struct err *err)
{
	struct web *web = xcalloc(1, sizeof(*web));
	struct http_address address = tracker->options->http.address;
	const struct http_service service = {.ctx = tracker, .answer = on_exchange, .forget = web_forget};
	char text[96];

	web->http = http_open(&address, web_token(tracker->options), base, &service, err);
	unsetenv(MW_ENV_HTTP_TOKEN); /* it is no business of the program's */
	if (!web->http) {
		free(web);
		return NULL;
	}
	http_address_url(&address, text, sizeof(text));
	*url = xasprintf("%s/debug/pprof/", text);
	return web;
}

void web_close(struct web *web)
{
	if (!web)
		return;
	http_close(web->http);
	free(web);
}
