#include "cli/monitor/push.h"

#include "cli/analysis/sites.h"
#include "cli/base/msg.h"
#include "cli/base/xalloc.h"
#include "cli/ingest/capture.h"
#include "cli/model/process.h"
#include "cli/render/format.h"
#include "cli/render/metrics.h"
#include "cli/render/pprof.h"
#include "cli/serve/push_client.h"
#include "cli/session/run_report.h"

#include <event2/event.h>
#include <event2/http.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A profile that is to be sent. */
struct profile {
	struct out *body; /* NULL = none */
	char *query;
};

/* One --push. */
struct target {
	struct push *push;
	const char *text; /* of the option */
	struct push_url url;
	struct push_client *client; /* NULL before and after the run */
	bool told;                  /* that it fails; until it does not */
	const struct tracked *of;   /* whose profile was sent last */
	struct sites_base *base;    /* of what it had allocated then */
	int64_t from_seconds;       /* … when that was, since 1970 */
	struct profile last;        /* of a program that has ended */
	unsigned n_lost;            /* of those, replaced before they could be sent */
};

struct push {
	struct tracker *tracker;
	struct target *targets;
	size_t n;
	bool last; /* it is the end: nothing is tried again */
};

static const char metrics_type[] = "text/plain; version=0.0.4; charset=utf-8";
static const char profile_type[] = "application/octet-stream";

static void on_done(void *ctx, const struct err *err)
{
	struct target *target = ctx;

	if (!err)
		target->told = false;
	else if (target->push->last)
		msg_warning("--push=%s: %s; the last figures have not arrived", target->text, err->text);
	else if (!target->told)
		msg_warning("--push=%s: %s; later figures may arrive", target->text, err->text);
	target->told |= err != NULL;
}

/* ---- profiles */

/* Whether the query of a URL names the series itself. */
static bool has_name(const char *query)
{
	return query && (strncmp(query, "name=", 5) == 0 || strstr(query, "&name="));
}

static char *profile_query(const struct target *target, const struct process *process, int64_t until)
{
	const char *program = process->exe ? process->exe : process->argc ? process->argv[0] : "unknown";
	char *name = evhttp_uriencode(format_basename(program), -1, 0), *query;

	query = xasprintf("%s%s%s%s%sfrom=%" PRId64 "&until=%" PRId64 "&format=pprof&spyName=memwatch",
			  target->url.query ? target->url.query : "", target->url.query ? "&" : "",
			  has_name(target->url.query) ? "" : "name=", has_name(target->url.query) ? "" : name,
			  has_name(target->url.query) ? "" : "&", target->from_seconds, until);
	free(name);
	return query;
}

/* What is allocated from now on is the next one's. */
static struct profile take_profile(struct target *target, struct tracked *tracked)
{
	const struct process *process = tracked->process;
	struct pprof_heap how = {.default_type = "inuse_space"};
	struct report report = {.memwatch_version = MEMWATCH_VERSION, .gate_passed = true};
	struct profile profile = {.body = out_memory()};
	int64_t now = time(NULL);

	if (target->of != tracked) {
		sites_base_free(target->base);
		target->base = NULL;
		target->from_seconds = process->start_realtime_ns / 1000000000;
	}
	how.duration_ns = (now - target->from_seconds) * 1000000000;
	tracker_sites(target->push->tracker, tracked, target->base, report_add_process(&report));
	pprof_heap(&report, &how, profile.body);
	report_clear(&report);
	profile.query = profile_query(target, process, now);
	sites_base_free(target->base);
	target->base = sites_base_new(process);
	sites_base_forget_live(target->base);
	target->of = tracked;
	target->from_seconds = now;
	return profile;
}

static void send_profile(struct target *target, struct profile *profile)
{
	push_client_send(target->client, profile->query, profile_type, profile->body);
	free(profile->query);
	*profile = (struct profile){0};
}

static void push_profile(struct target *target)
{
	struct tracked *program = run_report_main(target->push->tracker);
	struct profile profile;

	if (target->last.body) {
		send_profile(target, &target->last);
	} else if (program) {
		capture_refresh(target->push->tracker->capture, program->process);
		profile = take_profile(target, program);
		send_profile(target, &profile);
	}
}

void push_ended(struct push *push, struct tracked *tracked)
{
	if (!push || run_report_main(push->tracker) != tracked)
		return;
	for (size_t i = 0; i < push->n; i++) {
		struct target *target = &push->targets[i];

		if (target->url.kind != PUSH_PROFILE)
			continue;
		if (target->last.body) {
			target->n_lost++;
			out_close(target->last.body, NULL);
			free(target->last.query);
		}
		target->last = take_profile(target, tracked);
	}
}

/* ---- when */

static void push_metrics(struct target *target)
{
	struct out *out = out_memory();

	run_report_print_metrics(target->push->tracker, false, out);
	push_client_send(target->client, NULL, metrics_type, out);
}

static void on_interval(void *ctx, uint64_t now_ns)
{
	struct push *push = ctx;

	(void)now_ns;
	for (size_t i = 0; i < push->n; i++) {
		struct target *target = &push->targets[i];

		if (push_client_busy(target->client))
			continue;
		if (target->url.kind == PUSH_METRICS)
			push_metrics(target);
		else
			push_profile(target);
	}
}

static void connect_all(struct push *push, struct event_base *base)
{
	for (size_t i = 0; i < push->n; i++)
		push->targets[i].client = push_client_new(base, &push->targets[i].url, on_done, &push->targets[i]);
}

struct push *push_open(struct tracker *tracker, struct monitor *monitor, struct event_base *base)
{
	const struct opts_texts *urls = &tracker->options->push;
	struct err ignored = {0};
	struct push *push;

	if (urls->n == 0)
		return NULL;
	push = xcalloc(1, sizeof(*push));
	push->tracker = tracker;
	push->targets = xcalloc(urls->n, sizeof(*push->targets));
	push->n = urls->n;
	for (size_t i = 0; i < urls->n; i++) {
		push->targets[i] = (struct target){.push = push, .text = urls->items[i]};
		push_url_parse(urls->items[i], &push->targets[i].url, &ignored); /* the options have looked at it */
	}
	connect_all(push, base);
	monitor_every(monitor, tracker->options->push_every_ns, on_interval, push);
	return push;
}

void push_stop(struct push *push)
{
	for (size_t i = 0; push && i < push->n; i++) {
		push_client_free(push->targets[i].client);
		push->targets[i].client = NULL;
	}
}

static bool is_busy(const struct push *push)
{
	for (size_t i = 0; i < push->n; i++)
		if (push_client_busy(push->targets[i].client))
			return true;
	return false;
}

static void send_rest(struct push *push, const struct report *report)
{
	for (size_t i = 0; i < push->n; i++) {
		struct target *target = &push->targets[i];
		struct out *out;

		if (target->n_lost)
			msg_warning("--push=%s: %u profiles have not been sent", target->text, target->n_lost);
		if (target->url.kind == PUSH_METRICS) {
			out = out_memory();
			metrics_print(report, &(struct metrics_options){.ended = true}, out);
			push_client_send(target->client, NULL, metrics_type, out);
		} else if (target->last.body) {
			send_profile(target, &target->last);
		}
	}
}

void push_finish(struct push *push, const struct report *report)
{
	struct event_base *base;

	if (!push)
		return;
	push_stop(push);
	base = report ? event_base_new() : NULL;
	if (base) {
		push->last = true;
		connect_all(push, base);
		send_rest(push, report);
		while (is_busy(push))
			event_base_loop(base, EVLOOP_ONCE);
		push_stop(push);
		event_base_free(base);
		libevent_global_shutdown();
	}
	for (size_t i = 0; i < push->n; i++) {
		push_url_release(&push->targets[i].url);
		sites_base_free(push->targets[i].base);
		out_close(push->targets[i].last.body, NULL);
		free(push->targets[i].last.query);
	}
	free(push->targets);
	free(push);
}
