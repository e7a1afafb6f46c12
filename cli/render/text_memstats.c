#include "cli/render/text_memstats.h"

#include "cli/render/format.h"
#include "cli/render/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define BAR 40 /* columns of the longest */

static const struct report_memstat *get(const struct report_process *process, const char *name)
{
	return report_memstat_find(&process->memstats, name);
}

static const char *mark(const struct report_memstat *field)
{
	return field->estimated ? "~" : "";
}

/* "  in use ~14.1 MiB"; nothing if it is not known. */
static void put_size(struct out *out, const char *label, const struct report_memstat *field)
{
	struct format_buf size;

	if (field)
		out_printf(out, "%s%s%s", label, mark(field), format_size(&size, (uint64_t)field->value));
}

static void put_count(struct out *out, const char *label, const struct report_memstat *field)
{
	struct format_buf count;

	if (field)
		out_printf(out, "%s%s%s", label, mark(field), format_count(&count, (uint64_t)field->value));
}

static void put_fraction(struct out *out, const char *label, const struct report_memstat *field)
{
	double percent = field ? field->value * 100 : 0;

	if (field)
		out_printf(out, percent > 0 && percent < 10 ? "%s%.1f %%" : "%s%.0f %%", label, percent);
}

/* "310 ns", "41.2 µs" and what format_seconds() says of more. */
static const char *duration(struct format_buf *buf, double ns)
{
	if (ns < 1000)
		snprintf(buf->text, sizeof(buf->text), "%.0f ns", ns);
	else if (ns < 1e6)
		snprintf(buf->text, sizeof(buf->text), "%.1f µs", ns / 1e3);
	else
		format_seconds(buf, ns / 1e9);
	return buf->text;
}

static void put_heap(const struct report_process *process, const char *indent, struct out *out)
{
	const struct report_totals *totals = &process->totals;
	struct format_buf a, b, c, d, e;

	out_printf(out, "%sHeap   live %s in %s, peak %s, total %s in %s mallocs", indent,
		   format_size(&a, totals->live_bytes), format_noun(&b, totals->live_blocks, "block"),
		   format_size(&c, totals->peak_live_bytes), format_size(&d, totals->allocated_bytes),
		   format_count(&e, totals->allocations));
	out_printf(out, ", %s frees\n", format_count(&a, totals->frees));
}

static void put_allocator(const struct report_process *process, const char *indent, struct out *out)
{
	const struct report_memstat *sys = get(process, "HeapSys"), *arenas = get(process, "Arenas");
	struct format_buf count;

	if (!sys)
		return;
	out_printf(out, "%s       ", indent);
	put_size(out, "from the system ", sys);
	put_size(out, ", in use ", get(process, "HeapInuse"));
	put_size(out, ", idle ", get(process, "HeapIdle"));
	put_size(out, ", released ", get(process, "HeapReleased"));
	put_fraction(out, ", fragmentation ", get(process, "HeapFragmentation"));
	if (process->memstats.allocator) {
		out_printf(out, "; ");
		utf8_print(out, process->memstats.allocator);
	}
	if (arenas)
		out_printf(out, ", %s", format_noun(&count, (uint64_t)arenas->value, "arena"));
	out_char(out, '\n');
}

static void put_rest(const struct report_process *process, const char *indent, struct out *out)
{
	const struct report_memstat *stack = get(process, "StackInuse"), *threads = get(process, "Threads");
	struct format_buf count;

	if (!stack)
		return;
	out_printf(out, "%s", indent);
	put_size(out, "Stack  resident ", stack);
	put_size(out, " of ", get(process, "StackSys"));
	if (threads)
		out_printf(out, " in %s", format_noun(&count, (uint64_t)threads->value, "thread"));
	put_size(out, "; other ", get(process, "OtherSys"));
	put_size(out, "; RSS ", get(process, "RSS"));
	put_size(out, ", peak ", get(process, "PeakRSS"));
	put_size(out, "; memwatch ", get(process, "BuckHashSys"));
	out_char(out, '\n');
}

static void put_times(const struct report_process *process, const char *indent, struct out *out)
{
	const struct report_memstat *total = get(process, "AllocatorTimeNs"), *p99 = get(process, "AllocatorTimeP99Ns"),
				    *most = get(process, "AllocatorTimeMaxNs");
	struct format_buf a, b, c;

	if (!total || !p99 || !most)
		return;
	out_printf(out, "%sAlloc  time ~%s", indent, duration(&a, total->value));
	put_fraction(out, ", ", get(process, "GCCPUFraction"));
	if (get(process, "GCCPUFraction"))
		out_printf(out, " of CPU");
	out_printf(out, "; a call ~%s at p99, ~%s at most", duration(&b, p99->value), duration(&c, most->value));
	put_fraction(out, "; memwatch ~", get(process, "OverheadCPUFraction"));
	put_count(out, "; purges ", get(process, "Purges"));
	out_char(out, '\n');
}

static void put_scans(const struct report_process *process, const char *indent, struct out *out)
{
	const struct report_verdicts *verdicts = &process->verdicts;
	struct format_buf a, b;

	if (verdicts->scans)
		out_printf(out, "%sScans  %s, %s of pause\n", indent, format_noun(&a, verdicts->scans, "leak scan"),
			   duration(&b, (double)verdicts->pause_ns_total));
}

static void put_limit(const struct report_process *process, const char *indent, struct out *out)
{
	const struct report_forecast *forecast = &process->forecast;
	const struct report_memstat *rss = get(process, "RSS");
	uint64_t used = rss ? (uint64_t)rss->value : process->totals.live_bytes;
	struct format_buf a, b;

	if (!forecast->limit_source || !forecast->limit_bytes)
		return;
	if (!strcmp(forecast->limit_source, "--limit") || used < process->totals.live_bytes)
		used = process->totals.live_bytes;
	out_printf(out, "%sLimit  %s (", indent, format_size(&a, forecast->limit_bytes));
	utf8_print(out, forecast->limit_source);
	out_printf(out, "), %s used", format_percent(&b, used, forecast->limit_bytes));
	if (forecast->trend == FORECAST_GROWING) {
		out_printf(out, "; grows by ~%s/min (R² %.2f)",
			   format_size(&a, (uint64_t)(forecast->bytes_per_second * 60 + 0.5)), forecast->r2);
		if (forecast->seconds_to_limit >= 0)
			out_printf(out, ", there in ~%s", format_seconds(&b, forecast->seconds_to_limit));
	}
	out_char(out, '\n');
}

void memstats_print(const struct report_process *process, const char *indent, struct out *out)
{
	put_heap(process, indent, out);
	put_allocator(process, indent, out);
	put_rest(process, indent, out);
	put_times(process, indent, out);
	put_scans(process, indent, out);
	put_limit(process, indent, out);
}

void memstats_print_sizes(const struct report_memstats *memstats, const char *indent, struct out *out)
{
	uint64_t most = 1;
	struct format_buf a, b, c, d;

	for (size_t i = 0; i < memstats->n_by_size; i++)
		if (memstats->by_size[i].allocations > most)
			most = memstats->by_size[i].allocations;
	for (size_t i = 0; i < memstats->n_by_size; i++) {
		const struct report_size_class *class = &memstats->by_size[i];
		int bar = (int)ceil((double)class->allocations * BAR / (double)most);

		if (!class->allocations)
			continue;
		out_printf(out, "%s%s %10s  %14s mallocs %14s frees %10s live  %.*s\n", indent,
			   i == 0 ? "Sizes  <=" : "       <=", format_size(&a, class->upper_bytes),
			   format_count(&b, class->allocations), format_count(&c, class->frees),
			   format_size(&d, class->live_bytes), bar, "########################################");
	}
}
