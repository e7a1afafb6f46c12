#include "cli/analysis/memstats.h"

#include "cli/analysis/store.h"

#include <stdio.h>
#include <string.h>

#define FIELDS_MAX 64

struct fields {
	struct report_memstat items[FIELDS_MAX];
	size_t n;
};

static void put(struct fields *fields, const char *name, double value, bool integral, bool estimated,
		const char *source)
{
	if (fields->n < FIELDS_MAX)
		fields->items[fields->n++] = (struct report_memstat){
			.name = name, .value = value, .integral = integral, .estimated = estimated, .source = source};
}

static void put_count(struct fields *fields, const char *name, uint64_t value, const char *source)
{
	put(fields, name, (double)value, true, false, source);
}

static void put_value(struct fields *fields, const char *name, const struct memstats_value *value)
{
	if (value->source)
		put(fields, name, (double)value->value, true, value->estimated, value->source);
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

/* Both are estimates: the part may come out larger. */
static double share(double part, double whole)
{
	return part < whole ? ratio(part, whole) : 1;
}

/* What the allocator has not told is taken from the mappings that hold blocks. */
static struct memstats_value heap_sys(const struct memstats_input *in)
{
	if (in->heap_sys.source || !in->has_places)
		return in->heap_sys;
	return (struct memstats_value){"smaps", true, in->heap_size_bytes};
}

/* A header and rounding, as glibc has them, are added to what was asked for. */
static struct memstats_value heap_inuse(const struct memstats_input *in, const struct report_totals *totals)
{
	if (in->heap_inuse.source || in->heap_sys.source || !in->has_places)
		return in->heap_inuse;
	return (struct memstats_value){"HeapAlloc + 16 bytes for each block", true,
				       totals->live_bytes + 16 * totals->live_blocks};
}

static struct memstats_value heap_idle(const struct memstats_input *in, const struct memstats_value *sys,
				       const struct memstats_value *inuse)
{
	if (in->heap_idle.source || in->heap_sys.source || !sys->source || !inuse->source)
		return in->heap_idle;
	return (struct memstats_value){"HeapSys - HeapInuse", true, less(sys->value, inuse->value)};
}

static struct memstats_value heap_released(const struct memstats_input *in, const struct memstats_value *sys)
{
	if (in->heap_released.source || !in->has_places || !sys->source)
		return in->heap_released;
	return (struct memstats_value){"HeapSys - smaps Rss", true, less(sys->value, in->heap_rss_bytes)};
}

/* Headers, rounding, caches: what the allocator has handed out beyond what was asked for. */
static struct memstats_value metadata(const struct memstats_input *in, uint64_t live_bytes)
{
	if (in->metadata.source || !in->heap_inuse.source)
		return in->metadata;
	return (struct memstats_value){"HeapInuse - HeapAlloc", true, less(in->heap_inuse.value, live_bytes)};
}

static void put_heap(struct fields *fields, const struct memstats_input *in, const struct report_totals *totals)
{
	const struct memstats_value sys = heap_sys(in), released = heap_released(in, &sys);
	const struct memstats_value inuse = heap_inuse(in, totals), idle = heap_idle(in, &sys, &inuse);
	const struct memstats_value spans = metadata(in, totals->live_bytes);

	put_count(fields, "HeapAlloc", totals->live_bytes, "memwatch");
	put_value(fields, "HeapSys", &sys);
	put_value(fields, "HeapIdle", &idle);
	put_value(fields, "HeapInuse", &inuse);
	put_value(fields, "HeapReleased", &released);
	put_count(fields, "HeapObjects", totals->live_blocks, "memwatch");
	if (in->has_places) {
		put(fields, "StackInuse", (double)in->stack_rss_bytes, true, in->stacks_estimated, "smaps Rss");
		put(fields, "StackSys", (double)in->stack_size_bytes, true, in->stacks_estimated, "smaps Size");
	}
	put_value(fields, "MSpanInuse", &spans);
	put_value(fields, "MSpanSys", &in->metadata);
	put_value(fields, "MCacheInuse", &in->thread_caches);
	put_value(fields, "MCacheSys", &in->thread_caches);
}

static void put_system(struct fields *fields, const struct memstats_input *in, const struct report_process *process)
{
	uint64_t own = process->overhead.shim_bytes;
	uint64_t ours = in->heap_rss_bytes + in->stack_rss_bytes;

	put_count(fields, "BuckHashSys", own, "memwatch's own memory in the process");
	put_count(fields, "GCSys", 0, "no collector");
	if (in->has_places)
		put(fields, "OtherSys", (double)less(in->rss_bytes, ours), true, true, "VmRSS - heap's - stacks'");
}

/* All that was asked of the system for the program's data, as in Go: not the files that are mapped. */
static void put_sys(struct fields *fields, const struct memstats_input *in, const struct report_process *process)
{
	const struct memstats_value sys = heap_sys(in);

	if (sys.source && in->has_places)
		put(fields, "Sys", (double)(sys.value + in->stack_size_bytes + process->overhead.shim_bytes), true,
		    sys.estimated || in->stacks_estimated, "HeapSys + StackSys + BuckHashSys");
}

static void put_scans(struct fields *fields, const struct memstats_input *in)
{
	if (in->limit_source)
		put_count(fields, "NextGC", in->limit_bytes, in->limit_source);
	if (in->last_scan_realtime_ns)
		put(fields, "LastGC", (double)in->last_scan_realtime_ns, true, false, "leak scans");
	put_count(fields, "PauseTotalNs", in->pause_ns, "leak scans");
	if (in->last_scan_realtime_ns)
		put_count(fields, "PauseNs", in->last_pause_ns, "the last leak scan");
	put_count(fields, "NumGC", in->n_scans, "leak scans");
	put_count(fields, "NumForcedGC", in->n_forced_scans, "leak scans on a warning or a request");
}

static void put_times(struct fields *fields, const struct memstats_input *in)
{
	double cpu_ns = in->cpu_seconds * 1e9;

	if (!in->n_timed)
		return;
	if (cpu_ns > 0) {
		put(fields, "GCCPUFraction", share(in->call_ns, cpu_ns), false, true,
		    "AllocatorTimeNs / CPU time of the process");
		put(fields, "OverheadCPUFraction", share(in->own_ns, cpu_ns), false, true,
		    "memwatch's time in sampled calls / CPU time of the process");
	}
	put(fields, "AllocatorTimeNs", in->call_ns, true, true, "sampled calls");
	put(fields, "AllocatorTimeP50Ns", in->median_ns, true, true, "sampled calls");
	put(fields, "AllocatorTimeP99Ns", in->p99_ns, true, true, "sampled calls");
	put(fields, "AllocatorTimeMaxNs", in->most_ns, true, true, "sampled calls");
	put(fields, "AllocatorTimeSamples", (double)in->n_timed, true, false, "sampled calls");
}

/* Beside Go's. */
static void put_more(struct fields *fields, const struct memstats_input *in, const struct report_process *process)
{
	const struct memstats_value sys = heap_sys(in);
	double live = (double)process->totals.live_bytes;

	if (in->heap_inuse.source && in->heap_inuse.value >= process->totals.live_bytes)
		put(fields, "HeapFragmentation", 1 - ratio(live, (double)in->heap_inuse.value), false, true,
		    "1 - HeapAlloc / HeapInuse");
	if (in->heap_idle.source && sys.source)
		put(fields, "HeapIdleFraction", ratio((double)in->heap_idle.value, (double)sys.value), false,
		    in->heap_idle.estimated || sys.estimated, "HeapIdle / HeapSys");
	put_value(fields, "HeapSysMax", &in->heap_sys_max);
	put_value(fields, "HeapTrimmable", &in->trimmable);
	put_value(fields, "Arenas", &in->arenas);
	put_value(fields, "Purges", &in->purges);
	if (in->allocator && in->heap_held_ns) {
		put(fields, "AllocatorAskedSeconds", in->heap_seconds, false, false, "memwatch");
		put_count(fields, "AllocatorAskedNs", in->heap_held_ns, "memwatch");
	}
	if (!in->has_places)
		return;
	put_count(fields, "RSS", in->rss_bytes, "VmRSS");
	if (in->peak_rss_bytes)
		put_count(fields, "PeakRSS", in->peak_rss_bytes, "VmHWM");
	put_count(fields, "Threads", in->n_threads, "/proc");
	if (in->cpu_seconds > 0)
		put(fields, "CPUSeconds", in->cpu_seconds, false, false, "/proc");
}

static void build_sizes(const struct process *process, struct store *store, struct report_memstats *out)
{
	const struct process_size_class *classes = process_sizes(process);
	struct report_size_class *to;
	size_t n = PROCESS_SIZE_CLASSES;

	while (n && !classes[n - 1].allocations)
		n--;
	to = store_alloc(store, n, sizeof(*to));
	for (size_t i = 0; i < n; i++)
		to[i] = (struct report_size_class){
			.upper_bytes = UINT64_C(8) << i,
			.allocations = classes[i].allocations,
			.frees = classes[i].frees,
			.live_bytes = classes[i].live_bytes,
		};
	out->by_size = to;
	out->n_by_size = n;
}

void memstats_build(const struct process *process, const struct memstats_input *input, struct store *store,
		    struct report_process *out)
{
	const struct report_totals *totals = &out->totals;
	struct fields fields = {.n = 0};
	struct report_memstat *to;
	char name[64];

	put_count(&fields, "Alloc", totals->live_bytes, "memwatch");
	put_count(&fields, "TotalAlloc", totals->allocated_bytes, "memwatch");
	put_sys(&fields, input, out);
	put_count(&fields, "Mallocs", totals->allocations, "memwatch");
	put_count(&fields, "Frees", totals->frees, "memwatch");
	put_heap(&fields, input, totals);
	put_system(&fields, input, out);
	put_scans(&fields, input);
	put_times(&fields, input);
	put_more(&fields, input, out);
	to = store_alloc(store, fields.n, sizeof(*to));
	memcpy(to, fields.items, fields.n * sizeof(*to));
	out->memstats.fields = to;
	out->memstats.n_fields = fields.n;
	build_sizes(process, store, &out->memstats);
	if (!input->allocator)
		return;
	snprintf(name, sizeof(name), "%s%s%.31s", input->allocator, input->version[0] ? " " : "", input->version);
	out->memstats.allocator = store_string(store, name);
}
