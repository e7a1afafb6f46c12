#include "cli/answers/web_profile.h"

#include "cli/analysis/names.h"
#include "cli/analysis/sites.h"
#include "cli/answers/web_choice.h"
#include "cli/answers/web_making.h"
#include "cli/base/clock.h"
#include "cli/base/xalloc.h"
#include "cli/ingest/capture.h"
#include "cli/model/process.h"
#include "cli/render/pprof.h"
#include "cli/serve/symbol_body.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_MAX 86400
#define SYMBOLS_MAX 20000 /* addresses of one request */

/* A profile that was asked for. */
struct profile {
	struct web_making making;
	const char *name, *default_type; /* "heap" … */
	uint64_t seconds;                /* 0 = since the start */
	uint64_t begin_ns;
	int64_t duration_ns; /* 0 = since the start */
	struct tracked **chosen;
	struct sites_base **bases; /* of each; NULL = none */
	size_t n;
	enum { AS_PROTO, AS_GO_TEXT, AS_GPERFTOOLS_TEXT } form;
};

static void release(void *making)
{
	struct profile *profile = making;

	for (size_t i = 0; i < profile->n; i++)
		sites_base_free(profile->bases[i]);
	free(profile->bases);
	free(profile->chosen);
}

/* All their numbers are of this moment. */
static void begin_report(struct tracker *tracker, struct profile *profile)
{
	struct report *report = &profile->making.report;

	*report = (struct report){.memwatch_version = MEMWATCH_VERSION, .gate_passed = true};
	for (size_t i = 0; i < profile->n; i++)
		if (profile->chosen[i]->process)
			capture_refresh(tracker->capture, profile->chosen[i]->process);
	for (size_t i = 0; i < profile->n; i++) {
		struct tracked *tracked = profile->chosen[i];
		struct report_process *process;

		if (!tracked->process) /* it has ended meanwhile */
			continue;
		process = report_add_process(report);
		parts_add(&profile->making.parts, tracked,
			  tracker_sites_begin(tracker, tracked, profile->bases[i], process), report->n_processes - 1);
	}
}

static void render(const struct web_making *making)
{
	const struct profile *profile = (const struct profile *)making;
	const struct pprof_heap how = {.default_type = profile->default_type, .duration_ns = profile->duration_ns};

	if (profile->form == AS_PROTO)
		pprof_heap(&making->report, &how, making->out);
	else
		pprof_heap_text(&making->report, profile->form == AS_GO_TEXT, making->out);
}

static void answer_profile(void *ctx, struct http_exchange *exchange)
{
	struct profile *profile = exchange->kept;
	char disposition[64];

	if (!web_ready(ctx, exchange, profile->chosen, profile->n, answer_profile))
		return;
	begin_report(ctx, profile);
	if (profile->seconds)
		profile->duration_ns = (int64_t)(clock_now_ns() - profile->begin_ns);
	profile->making.type = "text/plain; charset=utf-8";
	if (profile->form == AS_PROTO) {
		profile->making.type = "application/octet-stream";
		snprintf(disposition, sizeof(disposition), "attachment; filename=\"%s%s\"", profile->name,
			 profile->seconds ? "-delta" : "");
		http_header(exchange, "Content-Disposition", disposition);
	}
	web_make(exchange);
}

static void take_bases(struct tracker *tracker, struct profile *profile)
{
	for (size_t i = 0; i < profile->n; i++) {
		capture_refresh(tracker->capture, profile->chosen[i]->process);
		profile->bases[i] = sites_base_new(profile->chosen[i]->process);
	}
	profile->begin_ns = clock_now_ns();
}

static void ask_profile(struct tracker *tracker, struct http_exchange *exchange, const struct profile *what)
{
	bool bad_seconds = false, bad_debug = false, bad_gc = false;
	uint64_t seconds = http_param_number(exchange, "seconds", SECONDS_MAX, 0, &bad_seconds);
	uint64_t debug = http_param_number(exchange, "debug", INT32_MAX, 0, &bad_debug);
	struct profile *profile;

	http_param_number(exchange, "gc", INT32_MAX, 0, &bad_gc); /* what is in the pipe is always read first */
	if (bad_seconds || (http_param(exchange, "seconds") && seconds == 0)) {
		web_refuse(exchange, 400, "seconds is a number from 1 to 86400");
		return;
	}
	if (seconds && debug) {
		web_refuse(exchange, 400, "seconds and debug params are incompatible");
		return;
	}
	capture_sync(tracker->capture);
	profile = xcalloc(1, sizeof(*profile));
	*profile = *what;
	profile->making.render = render;
	profile->making.release = release;
	profile->n = web_choose(tracker, exchange, &profile->chosen);
	if (profile->n == 0) {
		free(profile);
		return;
	}
	profile->bases = xcalloc(profile->n, sizeof(struct sites_base *));
	profile->seconds = seconds;
	if (debug && profile->form == AS_PROTO)
		profile->form = AS_GO_TEXT;
	if (seconds)
		take_bases(tracker, profile);
	exchange->kept = profile;
	http_later(exchange, seconds * 1000000000, answer_profile);
}

void web_heap(void *ctx, struct http_exchange *exchange)
{
	static const struct profile heap = {.name = "heap", .default_type = "inuse_space"};

	ask_profile(ctx, exchange, &heap);
}

void web_allocs(void *ctx, struct http_exchange *exchange)
{
	static const struct profile allocs = {.name = "allocs", .default_type = "alloc_space"};

	ask_profile(ctx, exchange, &allocs);
}

void web_gperftools_heap(void *ctx, struct http_exchange *exchange)
{
	static const struct profile heap = {.name = "heap", .default_type = "inuse_space", .form = AS_GPERFTOOLS_TEXT};

	ask_profile(ctx, exchange, &heap);
}

/* Go's has NUL between the arguments, gperftools' a line for each. */
void web_cmdline(void *ctx, struct http_exchange *exchange)
{
	bool is_go = strncmp(exchange->path, "/debug/", 7) == 0;
	struct tracked **chosen;
	struct out *out;

	if (web_choose(ctx, exchange, &chosen) == 0)
		return;
	out = out_memory();
	for (size_t i = 0; i < chosen[0]->process->argc; i++) {
		if (i)
			out_char(out, is_go ? '\0' : '\n');
		out_str(out, chosen[0]->process->argv[i]);
	}
	if (!is_go)
		out_char(out, '\n');
	free(chosen);
	http_reply_out(exchange, "text/plain; charset=utf-8", out);
}

/* Each address is answered by a line, unless nothing is there. */
static void name_addresses(struct names *names, const char *body, struct out *out)
{
	uint64_t addr;

	for (size_t n = 0; n < SYMBOLS_MAX && symbol_body_next(&body, &addr); n++) {
		const char *function = names_at(names, addr);

		if (function)
			out_printf(out, "0x%" PRIx64 " %s\n", addr, function);
	}
}

static void answer_symbol(void *ctx, struct http_exchange *exchange)
{
	struct tracker *tracker = ctx;
	struct tracked **chosen;
	struct store *store;
	struct names *names;
	struct out *out;

	if (web_choose(tracker, exchange, &chosen) == 0)
		return;
	out = out_memory();
	out_str(out, "num_symbols: 1\n"); /* any but 0: there are some */
	store = store_new();
	names = names_new(chosen[0]->process, chosen[0]->process->exe, tracker->symbols, store);
	name_addresses(names, exchange->body, out);
	names_free(names);
	store_free(store);
	free(chosen);
	http_reply_out(exchange, "text/plain; charset=utf-8", out);
}

void web_symbol(void *ctx, struct http_exchange *exchange)
{
	(void)ctx;
	http_later(exchange, 0, answer_symbol);
}
