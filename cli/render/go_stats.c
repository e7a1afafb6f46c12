#include "cli/render/go_stats.h"

#include <stddef.h>
#include <string.h>

const char *const go_stat_names[] = {
	"Alloc",      "TotalAlloc", "Sys",          "Lookups",      "Mallocs",       "Frees",        "HeapAlloc",
	"HeapSys",    "HeapIdle",   "HeapInuse",    "HeapReleased", "HeapObjects",   "StackInuse",   "StackSys",
	"MSpanInuse", "MSpanSys",   "MCacheInuse",  "MCacheSys",    "BuckHashSys",   "GCSys",        "OtherSys",
	"NextGC",     "LastGC",     "PauseTotalNs", "NumGC",        "NumForcedGC",   "GCCPUFraction", NULL,
};

/* What needs no more than counting. Live bytes are what is in use, as far as the program knows. */
static double counted(const struct report_process *process, const char *name)
{
	const struct report_totals *totals = &process->totals;
	const struct {
		const char *name;
		double value;
	} fields[] = {
		{"Alloc", (double)totals->live_bytes},
		{"HeapAlloc", (double)totals->live_bytes},
		{"TotalAlloc", (double)totals->allocated_bytes},
		{"Mallocs", (double)totals->allocations},
		{"Frees", (double)totals->frees},
		{"HeapObjects", (double)totals->live_blocks},
		{"BuckHashSys", (double)process->overhead.shim_bytes},
		{"NumGC", (double)process->verdicts.scans},
		{"PauseTotalNs", (double)process->verdicts.pause_ns_total},
		{"Lookups", 0}, /* as in Go: it counts none any more */
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (strcmp(fields[i].name, name) == 0)
			return fields[i].value;
	return -1;
}

double go_stat(const struct report_process *process, const char *name)
{
	for (size_t i = 0; i < process->memstats.n_fields; i++)
		if (strcmp(process->memstats.fields[i].name, name) == 0)
			return process->memstats.fields[i].value;
	return counted(process, name);
}
