#include "cli/session/prepare.h"

#include "cli/analysis/origin.h"
#include "cli/base/ahead.h"
#include "cli/base/xalloc.h"
#include "cli/model/modules.h"
#include "cli/model/process.h"
#include "cli/monitor/monitor.h"
#include "cli/outputs/outputs.h"
#include "cli/session/tracker.h"
#include "cli/symbols/symbols.h"

#include <stdlib.h>

#define FIRST_NS     UINT64_C(30000000)
#define PERIOD_NS    UINT64_C(250000000)
#define AGE_NS_MIN   UINT64_C(15000000) /* most processes end before: nothing is done for them */
#define LINES_AGE_NS UINT64_C(500000000)

/* What a scan and a report take, about: of each live block, and in any case. */
#define BLOCK_BYTES  64u
#define REPORT_BYTES ((size_t)4 << 20)
#define WARM_STEP    ((size_t)1 << 20)

struct prepare {
	struct tracker *tracker;
	struct ahead warming;
	size_t wanted_bytes, warm_bytes; /* of memory for what comes at the end; warm: is there */
	bool all_told; /* stacks of blocks that are not lost, too */
};

/*
 * When only what is lost is told, that is hardly ever taken inside libc itself, whose lines take longest to read: that
 * is done for runs which it is a small part of, so that none of them waits for it at its end.
 */
static bool needs_all_lines(const struct prepare *prepare, const struct process *process, uint64_t now_ns)
{
	return prepare->all_told || now_ns > process->start_monotonic_ns + LINES_AGE_NS;
}

static bool all_is_told(const struct options *options)
{
	bool reachable_unread = outputs_unread_verdicts(options) & 1u << VERDICT_REACHABLE;

	return !reachable_unread || options->no_scan || options->record || options->http.on;
}

static bool is_old_enough(const struct process *process, uint64_t now_ns)
{
	return !process->ended && now_ns > process->start_monotonic_ns + AGE_NS_MIN;
}

/* Hands on the modules that were not yet, all of them again when more is wanted of them. */
static void prepare_process(const struct prepare *prepare, struct tracked *tracked, uint64_t now_ns)
{
	const struct process *process = tracked->process;
	uint32_t n = modules_count(process->modules);
	bool all_lines = needs_all_lines(prepare, process, now_ns);

	if (all_lines && !tracked->prepared_lines)
		tracked->n_prepared = 0;
	tracked->prepared_lines = all_lines;
	while (tracked->n_prepared < n) {
		const struct module *module = modules_get(process->modules, tracked->n_prepared + 1);
		const struct symbols_object object = {
			.path = module->path,
			.build_id = module->build_id_bytes ? module->build_id : NULL,
			.build_id_bytes = module->build_id_bytes,
		};

		symbols_prepare(prepare->tracker->symbols, &object,
				all_lines || !module->path || !origin_module_is_core(module->path));
		tracked->n_prepared++;
	}
}

static void warm(void *ctx)
{
	struct prepare *prepare = ctx;
	size_t n_bytes = 1;

	while (n_bytes && prepare->warm_bytes < prepare->wanted_bytes && !ahead_hurried(&prepare->warming)) {
		n_bytes = xalloc_warm();
		prepare->warm_bytes += n_bytes;
	}
}

/* First uses of memory are slow, and the program waits for a scan at its end. */
static void prepare_memory(struct prepare *prepare, uint64_t now_ns)
{
	const struct tracker *tracker = prepare->tracker;
	size_t n_bytes = 0;

	for (size_t i = 0; i < tracker->n_items; i++) {
		const struct process *process = tracker->items[i]->process;

		if (process && !process->ended && now_ns > process->start_monotonic_ns + LINES_AGE_NS)
			n_bytes += REPORT_BYTES + process->totals.live_blocks * BLOCK_BYTES;
	}
	if (n_bytes <= prepare->wanted_bytes || !ahead_idle(&prepare->warming))
		return;
	prepare->wanted_bytes = n_bytes + WARM_STEP;
	ahead_start(&prepare->warming, warm, prepare);
}

static void on_beat(void *ctx, uint64_t now_ns)
{
	struct prepare *prepare = ctx;
	const struct tracker *tracker = prepare->tracker;

	for (size_t i = 0; i < tracker->n_items; i++)
		if (tracker->items[i]->process && is_old_enough(tracker->items[i]->process, now_ns))
			prepare_process(prepare, tracker->items[i], now_ns);
	symbols_prepare_start(tracker->symbols);
	prepare_memory(prepare, now_ns);
}

struct prepare *prepare_new(struct tracker *tracker, struct monitor *monitor)
{
	struct prepare *prepare = xcalloc(1, sizeof(*prepare));

	prepare->tracker = tracker;
	prepare->all_told = all_is_told(tracker->options);
	monitor_soon_every(monitor, FIRST_NS, PERIOD_NS, on_beat, prepare);
	return prepare;
}

void prepare_free(struct prepare *prepare)
{
	if (!prepare)
		return;
	ahead_finish(&prepare->warming);
	free(prepare);
}
