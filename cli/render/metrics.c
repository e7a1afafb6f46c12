#include "cli/render/metrics.h"

#include "cli/render/metric_lines.h"
#include "cli/render/metrics_functions.h"
#include "common/compiler.h"

#include <math.h>
#include <string.h>

/* What is told of all processes together. */
struct sums {
	uint64_t running, seen;
	struct report_totals ever; /* of all */
	struct report_totals now;  /* of those that run */
	uint64_t lost_records, unknown_frees, scans, pause_ns;
	uint64_t warnings, mismatches;
	struct report_amount by_verdict[N_VERDICTS];
	uint64_t shim_bytes;
	struct report_overhead self; /* the newest figures */
	uint64_t limit_bytes;        /* of the one that is nearest to it; 0 = none is known */
	const char *limit_source;
	double limit_ratio;
	double seconds_to_limit; /* the least; infinite = none is foreseen */
	bool judged;             /* growth was, in one of them */
	uint64_t by_growth[GROWTH_UNCLEAR + 1];
	double growth_per_second;
};

static void add_totals(struct report_totals *sum, const struct report_totals *totals)
{
	sum->allocations += totals->allocations;
	sum->frees += totals->frees;
	sum->reallocations += totals->reallocations;
	sum->allocated_bytes += totals->allocated_bytes;
	sum->freed_bytes += totals->freed_bytes;
	sum->live_blocks += totals->live_blocks;
	sum->live_bytes += totals->live_bytes;
	sum->peak_live_bytes += totals->peak_live_bytes;
	sum->temporary_allocations += totals->temporary_allocations;
	sum->failed_allocations += totals->failed_allocations;
}

static void add_growth(struct sums *sums, const struct report_process *process)
{
	sums->judged |= process->n_growth > 0 || process->duration_seconds >= REPORT_GROWTH_SECONDS;
	for (size_t i = 0; i < process->n_growth; i++) {
		sums->by_growth[process->growth[i].verdict]++;
		sums->growth_per_second += process->growth[i].bytes_per_second;
	}
}

static void add_now(struct sums *sums, const struct report_process *process)
{
	uint64_t limit = process->forecast.limit_bytes;

	sums->shim_bytes += process->overhead.shim_bytes;
	sums->self = process->overhead;
	add_totals(&sums->now, &process->totals);
	for (int v = 0; process->verdicts.scanned && v < N_VERDICTS; v++) {
		sums->by_verdict[v].blocks += process->verdicts.by_verdict[v].blocks;
		sums->by_verdict[v].bytes += process->verdicts.by_verdict[v].bytes;
	}
	add_growth(sums, process);
	if (process->forecast.seconds_to_limit >= 0 && process->forecast.seconds_to_limit < sums->seconds_to_limit)
		sums->seconds_to_limit = process->forecast.seconds_to_limit;
	if (limit && (double)process->totals.live_bytes / (double)limit >= sums->limit_ratio) {
		sums->limit_bytes = limit;
		sums->limit_source = process->forecast.limit_source;
		sums->limit_ratio = (double)process->totals.live_bytes / (double)limit;
	}
}

static void add_up(const struct report *report, bool ended, struct sums *sums)
{
	for (size_t i = 0; i < report->n_processes; i++) {
		const struct report_process *process = &report->processes[i];

		sums->seen++;
		add_totals(&sums->ever, &process->totals);
		sums->lost_records += process->completeness.lost_records;
		sums->unknown_frees += process->completeness.unknown_frees;
		sums->scans += process->verdicts.scans;
		sums->pause_ns += process->verdicts.pause_ns_total;
		sums->warnings += process->n_warnings;
		for (size_t j = 0; j < process->n_mismatches; j++)
			sums->mismatches += process->mismatches[j].count;
		sums->running += process->exit.kind == EXIT_RUNNING;
		if (ended || process->exit.kind == EXIT_RUNNING)
			add_now(sums, process);
	}
}

static void print_heap(const struct metric_lines *m, const struct sums *sums)
{
	metric_whole(m, "memwatch_heap_live_bytes", "gauge", "Bytes allocated and not freed.", sums->now.live_bytes);
	metric_whole(m, "memwatch_heap_live_objects", "gauge", "Blocks allocated and not freed.",
		     sums->now.live_blocks);
	metric_whole(m, "memwatch_heap_peak_bytes", "gauge", "Most live bytes so far.", sums->now.peak_live_bytes);
	metric_whole(m, "memwatch_allocated_bytes_total", "counter", "Bytes allocated.", sums->ever.allocated_bytes);
	metric_whole(m, "memwatch_freed_bytes_total", "counter", "Bytes freed.", sums->ever.freed_bytes);
	metric_whole(m, "memwatch_allocations_total", "counter", "Blocks allocated, by realloc as well.",
		     sums->ever.allocations);
	metric_whole(m, "memwatch_frees_total", "counter", "Blocks freed, by realloc as well.", sums->ever.frees);
	metric_whole(m, "memwatch_reallocations_total", "counter", "Successful calls of realloc on a block.",
		     sums->ever.reallocations);
	metric_whole(m, "memwatch_temporary_allocations_total", "counter",
		     "Blocks freed by the same thread before its next allocation.", sums->ever.temporary_allocations);
	metric_whole(m, "memwatch_failed_allocations_total", "counter", "Allocations that failed.",
		     sums->ever.failed_allocations);
}

/* Only what the last leak scan found: before one there is nothing to say. */
static void print_verdicts(const struct metric_lines *m, const struct sums *sums)
{
	static const enum verdict told[] = {VERDICT_DEFINITE, VERDICT_INDIRECT, VERDICT_POSSIBLE, VERDICT_REACHABLE};

	metric_whole(m, "memwatch_leak_scans_total", "counter", "Leak scans made.", sums->scans);
	metric_real(m, "memwatch_leak_scan_pause_seconds_total", "counter",
		    "Time that the program stood still for them.", (double)sums->pause_ns / 1e9);
	if (!sums->scans)
		return;
	metric_head(m, "memwatch_leaked_bytes", "gauge", "Live bytes by their verdict in the last leak scan.");
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++)
		metric_labelled(m, "memwatch_leaked_bytes", "class", verdict_name(told[i]),
				(double)sums->by_verdict[told[i]].bytes);
	metric_head(m, "memwatch_leaked_objects", "gauge", "Live blocks by their verdict in the last leak scan.");
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++)
		metric_labelled(m, "memwatch_leaked_objects", "class", verdict_name(told[i]),
				(double)sums->by_verdict[told[i]].blocks);
}

static void print_limit(const struct metric_lines *m, const struct sums *sums)
{
	metric_whole(m, "memwatch_threshold_crossings_total", "counter",
		     "Crossings of thresholds of the limit, upwards.", sums->warnings);
	if (!sums->limit_bytes)
		return;
	metric_head(m, "memwatch_limit_bytes", "gauge", "What live bytes are compared with.");
	metric_labelled(m, "memwatch_limit_bytes", "source", sums->limit_source ? sums->limit_source : "",
			(double)sums->limit_bytes);
	metric_real(m, "memwatch_limit_ratio", "gauge", "Live bytes as a part of the limit.", sums->limit_ratio);
	metric_real(m, "memwatch_limit_seconds", "gauge",
		    "Time until live bytes reach the limit, if they go on as they did; infinite: never.",
		    sums->seconds_to_limit);
}

/* As it was judged last: that is not before a process is a few seconds old. */
static void print_growth(const struct metric_lines *m, const struct sums *sums)
{
	static const char *const verdicts[] = {
		[GROWTH_GROWING] = "growing", [GROWTH_BOUNDED] = "bounded", [GROWTH_UNCLEAR] = "unclear"};

	if (!sums->judged)
		return;
	metric_head(m, "memwatch_growth_findings", "gauge", "Call stacks by what their live bytes do over time.");
	for (size_t i = 0; i < MW_ARRAY_LEN(verdicts); i++)
		metric_labelled(m, "memwatch_growth_findings", "verdict", verdicts[i], (double)sums->by_growth[i]);
	metric_real(m, "memwatch_heap_growth_bytes_per_second", "gauge", "At which those that grow do, together.",
		    sums->growth_per_second);
}

static void print_self(const struct metric_lines *m, const struct report *report, const struct sums *sums)
{
	metric_whole(m, "memwatch_processes", "gauge", "Watched processes that run.", sums->running);
	metric_whole(m, "memwatch_processes_seen_total", "counter", "Program images watched since the start.",
		     sums->seen);
	metric_whole(m, "memwatch_lost_records_total", "counter", "Calls that could not be recorded.",
		     sums->lost_records);
	metric_whole(m, "memwatch_unknown_frees_total", "counter", "Frees of blocks whose allocation was not seen.",
		     sums->unknown_frees);
	metric_whole(m, "memwatch_mismatched_frees_total", "counter", "Frees that did not fit.", sums->mismatches);
	metric_whole(m, "memwatch_shim_bytes", "gauge", "Memory that memwatch takes in the watched processes.",
		     sums->shim_bytes);
	metric_whole(m, "memwatch_self_bytes", "gauge", "Resident memory of memwatch itself.",
		     sums->self.reporter_bytes);
	metric_real(m, "memwatch_self_cpu_seconds_total", "counter", "CPU time of memwatch itself.",
		    sums->self.reporter_cpu_seconds);
	metric_head(m, "memwatch_build_info", "gauge", "Always 1.");
	metric_labelled(m, "memwatch_build_info", "version", report->memwatch_version, 1);
}

/* Names and meanings as of Prometheus's client libraries. What could not be read is left out. */
static void print_process(const struct metric_lines *m, const struct metrics_process *process)
{
	metric_real(m, "process_cpu_seconds_total", "counter", "CPU time of the program, user and system.",
		    process->cpu_seconds);
	if (process->open_fds >= 0)
		metric_real(m, "process_open_fds", "gauge", "File descriptors that the program has open.",
			    process->open_fds);
	if (process->max_fds >= 0)
		metric_real(m, "process_max_fds", "gauge", "File descriptors that it may have open.", process->max_fds);
	metric_whole(m, "process_virtual_memory_bytes", "gauge", "Address space of the program.",
		     process->virtual_bytes);
	if (process->max_virtual_bytes >= 0)
		metric_real(m, "process_virtual_memory_max_bytes", "gauge", "Address space that it may have.",
			    process->max_virtual_bytes);
	metric_whole(m, "process_resident_memory_bytes", "gauge", "Resident memory of the program.",
		     process->resident_bytes);
	metric_real(m, "process_start_time_seconds", "gauge", "When the program started, since 1970.",
		    process->start_seconds);
}

void metrics_print(const struct report *report, const struct metrics_options *how, struct out *out)
{
	const struct metric_lines m = {out, how->openmetrics};
	struct sums sums = {.seconds_to_limit = INFINITY};

	add_up(report, how->ended, &sums);
	print_heap(&m, &sums);
	print_verdicts(&m, &sums);
	print_growth(&m, &sums);
	metrics_functions(&m, report, how->ended);
	print_limit(&m, &sums);
	if (how->process)
		print_process(&m, how->process);
	print_self(&m, report, &sums);
	if (how->openmetrics)
		out_str(out, "# EOF\n");
}

bool metrics_wants_openmetrics(const char *accept)
{
	return strstr(accept, "application/openmetrics-text");
}
