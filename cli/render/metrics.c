#include "cli/render/metrics.h"

#include "cli/render/render.h"

#include <inttypes.h>
#include <string.h>

struct metrics {
	struct out *out;
	bool openmetrics;
};

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
	uint64_t limit_bytes; /* of the one that is nearest to it; 0 = none is known */
	const char *limit_source;
	double limit_ratio;
};

static void head(const struct metrics *m, const char *name, const char *type, const char *help)
{
	size_t n = strlen(name);

	/* OpenMetrics names a counter without the ending that its sample has */
	if (m->openmetrics && n > 6 && strcmp(name + n - 6, "_total") == 0)
		n -= 6;
	out_printf(m->out, "# HELP %.*s %s\n# TYPE %.*s %s\n", (int)n, name, help, (int)n, name, type);
}

static void whole(const struct metrics *m, const char *name, const char *type, const char *help, uint64_t value)
{
	head(m, name, type, help);
	out_printf(m->out, "%s %" PRIu64 "\n", name, value);
}

static void real(const struct metrics *m, const char *name, const char *type, const char *help, double value)
{
	head(m, name, type, help);
	out_printf(m->out, "%s %.17g\n", name, value);
}

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

static void print_heap(const struct metrics *m, const struct sums *sums)
{
	whole(m, "memwatch_heap_live_bytes", "gauge", "Bytes allocated and not freed.", sums->now.live_bytes);
	whole(m, "memwatch_heap_live_objects", "gauge", "Blocks allocated and not freed.", sums->now.live_blocks);
	whole(m, "memwatch_heap_peak_bytes", "gauge", "Most live bytes so far.", sums->now.peak_live_bytes);
	whole(m, "memwatch_allocated_bytes_total", "counter", "Bytes allocated.", sums->ever.allocated_bytes);
	whole(m, "memwatch_freed_bytes_total", "counter", "Bytes freed.", sums->ever.freed_bytes);
	whole(m, "memwatch_allocations_total", "counter", "Blocks allocated, by realloc as well.",
	      sums->ever.allocations);
	whole(m, "memwatch_frees_total", "counter", "Blocks freed, by realloc as well.", sums->ever.frees);
	whole(m, "memwatch_reallocations_total", "counter", "Successful calls of realloc on a block.",
	      sums->ever.reallocations);
	whole(m, "memwatch_temporary_allocations_total", "counter",
	      "Blocks freed by the same thread before its next allocation.", sums->ever.temporary_allocations);
	whole(m, "memwatch_failed_allocations_total", "counter", "Allocations that failed.",
	      sums->ever.failed_allocations);
}

/* Only what the last leak scan found: before one there is nothing to say. */
static void print_verdicts(const struct metrics *m, const struct sums *sums)
{
	static const enum verdict told[] = {VERDICT_DEFINITE, VERDICT_INDIRECT, VERDICT_POSSIBLE, VERDICT_REACHABLE};

	whole(m, "memwatch_leak_scans_total", "counter", "Leak scans made.", sums->scans);
	real(m, "memwatch_leak_scan_pause_seconds_total", "counter", "Time that the program stood still for them.",
	     (double)sums->pause_ns / 1e9);
	if (!sums->scans)
		return;
	head(m, "memwatch_leaked_bytes", "gauge", "Live bytes by their verdict in the last leak scan.");
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++)
		out_printf(m->out, "memwatch_leaked_bytes{class=\"%s\"} %" PRIu64 "\n", verdict_name(told[i]),
			   sums->by_verdict[told[i]].bytes);
	head(m, "memwatch_leaked_objects", "gauge", "Live blocks by their verdict in the last leak scan.");
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++)
		out_printf(m->out, "memwatch_leaked_objects{class=\"%s\"} %" PRIu64 "\n", verdict_name(told[i]),
			   sums->by_verdict[told[i]].blocks);
}

static void print_limit(const struct metrics *m, const struct sums *sums)
{
	whole(m, "memwatch_threshold_crossings_total", "counter", "Crossings of thresholds of the limit, upwards.",
	      sums->warnings);
	if (!sums->limit_bytes)
		return;
	head(m, "memwatch_limit_bytes", "gauge", "What live bytes are compared with.");
	out_printf(m->out, "memwatch_limit_bytes{source=\"%s\"} %" PRIu64 "\n",
		   sums->limit_source ? sums->limit_source : "", sums->limit_bytes);
	real(m, "memwatch_limit_ratio", "gauge", "Live bytes as a part of the limit.", sums->limit_ratio);
}

static void print_self(const struct metrics *m, const struct report *report, const struct sums *sums)
{
	whole(m, "memwatch_processes", "gauge", "Watched processes that run.", sums->running);
	whole(m, "memwatch_processes_seen_total", "counter", "Program images watched since the start.", sums->seen);
	whole(m, "memwatch_lost_records_total", "counter", "Calls that could not be recorded.", sums->lost_records);
	whole(m, "memwatch_unknown_frees_total", "counter", "Frees of blocks whose allocation was not seen.",
	      sums->unknown_frees);
	whole(m, "memwatch_mismatched_frees_total", "counter", "Frees that did not fit.", sums->mismatches);
	whole(m, "memwatch_shim_bytes", "gauge", "Memory that memwatch takes in the watched processes.",
	      sums->shim_bytes);
	whole(m, "memwatch_self_bytes", "gauge", "Resident memory of memwatch itself.",
	      sums->self.reporter_bytes);
	real(m, "memwatch_self_cpu_seconds_total", "counter", "CPU time of memwatch itself.",
	     sums->self.reporter_cpu_seconds);
	head(m, "memwatch_build_info", "gauge", "Always 1.");
	out_printf(m->out, "memwatch_build_info{version=\"%s\"} 1\n", report->memwatch_version);
}

void metrics_print(const struct report *report, bool openmetrics, bool ended, struct out *out)
{
	const struct metrics m = {out, openmetrics};
	struct sums sums = {0};

	add_up(report, ended, &sums);
	print_heap(&m, &sums);
	print_verdicts(&m, &sums);
	print_limit(&m, &sums);
	print_self(&m, report, &sums);
	if (openmetrics)
		out_str(out, "# EOF\n");
}

bool metrics_wants_openmetrics(const char *accept)
{
	return strstr(accept, "application/openmetrics-text");
}
