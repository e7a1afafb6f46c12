#include "cli/load/load_values.h"

#include "common/compiler.h"

#include <stddef.h>

static struct report_amount live_amount(struct load *load, const json_t *object)
{
	return (struct report_amount){load_number(load, object, "live_blocks"),
				      load_number(load, object, "live_bytes")};
}

/* Negative where the report has no answer. */
static double real_or_unknown(struct load *load, const json_t *object, const char *key)
{
	return json_is_null(json_object_get(object, key)) ? -1 : load_real(load, object, key);
}

static void read_growth(struct load *load, const json_t *object, struct report_growth *growth)
{
	static const char *const verdicts[] = {
		[GROWTH_GROWING] = "growing", [GROWTH_BOUNDED] = "bounded", [GROWTH_UNCLEAR] = "unclear"};

	*growth = (struct report_growth){
		.verdict = load_choice(load, object, "verdict", verdicts, MW_ARRAY_LEN(verdicts)),
		.bytes_per_second = load_real(load, object, "bytes_per_second"),
		.blocks_per_second = load_real(load, object, "blocks_per_second"),
		.survivor_ratio = load_real(load, object, "survivor_ratio"),
		.confidence = load_real(load, object, "confidence"),
		.live = live_amount(load, object),
		.oldest_seconds = real_or_unknown(load, object, "oldest_seconds"),
		.lifetime_mean_seconds = real_or_unknown(load, object, "lifetime_mean_seconds"),
		.since_seconds = load_real(load, object, "since_seconds"),
		.why = load_text(load, object, "why"),
		.stack = load_stack(load, object, "frames"),
	};
	growth->held_by = load_texts(load, object, "held_by", &growth->n_held_by);
	load_id(load, object, growth->id);
}

static void read_sample(struct load *load, const json_t *object, struct report_sample *sample)
{
	static const struct load_field numbers[] = {
		{"live_bytes", offsetof(struct report_sample, live_bytes)},
		{"live_blocks", offsetof(struct report_sample, live_blocks)},
		{"allocated_bytes", offsetof(struct report_sample, allocated_bytes)},
		{"allocations", offsetof(struct report_sample, allocations)},
		{"high_bytes", offsetof(struct report_sample, high_bytes)},
		{"rss_bytes", offsetof(struct report_sample, rss_bytes)},
	};

	load_numbers(load, object, numbers, MW_ARRAY_LEN(numbers), sample);
	sample->seconds = load_real(load, object, "seconds");
	sample->bytes_per_second = load_real(load, object, "bytes_per_second");
}

static void read_warning(struct load *load, const json_t *object, struct report_warning *warning)
{
	uint64_t level = load_number(load, object, "level_percent");

	*warning = (struct report_warning){
		.seconds = load_real(load, object, "seconds"),
		.level_percent = level <= 100 ? (unsigned)level : 100,
		.severity = load_text(load, object, "severity"),
		.live_bytes = load_number(load, object, "live_bytes"),
		.limit_bytes = load_number(load, object, "limit_bytes"),
		.used_bytes = load_number(load, object, "used_bytes"),
		.limit_source = load_text(load, object, "limit_source"),
	};
	/* renderers compare and print them */
	warning->severity = warning->severity ? warning->severity : "notice";
	warning->limit_source = warning->limit_source ? warning->limit_source : "a limit";
}

static void read_forecast(struct load *load, const json_t *object, struct report_forecast *forecast)
{
	static const char *const trends[] = {
		[FORECAST_NONE] = "none", [FORECAST_GROWING] = "growing", [FORECAST_STEADY] = "steady"};
	bool reaches = json_is_number(json_object_get(object, "seconds_to_limit"));

	*forecast = (struct report_forecast){
		.trend = load_choice(load, object, "trend", trends, MW_ARRAY_LEN(trends)),
		.fitted = json_is_number(json_object_get(object, "low_bytes_per_second")),
		.bytes_per_second = load_real(load, object, "bytes_per_second"),
		.low_bytes_per_second = load_real(load, object, "low_bytes_per_second"),
		.high_bytes_per_second = load_real(load, object, "high_bytes_per_second"),
		.r2 = load_real(load, object, "r2"),
		.limit_bytes = load_number(load, object, "limit_bytes"),
		.limit_source = load_text(load, object, "limit_source"),
		.seconds_to_limit = reaches ? load_real(load, object, "seconds_to_limit") : -1,
	};
}

static void read_mismatch(struct load *load, const json_t *object, struct report_mismatch *mismatch)
{
	static const char *const kinds[] = {[MISMATCH_FREE] = "mismatched-free",
					    [MISMATCH_DOUBLE_FREE] = "double-free",
					    [MISMATCH_INVALID_FREE] = "invalid-free"};

	*mismatch = (struct report_mismatch){
		.kind = load_choice(load, object, "kind", kinds, MW_ARRAY_LEN(kinds)),
		.count = load_number(load, object, "count"),
		.allocator = load_text(load, object, "allocator"),
		.deallocator = load_text(load, object, "deallocator"),
		.bytes = load_number(load, object, "bytes"),
		.alloc = load_stack(load, object, "alloc_frames"),
		.free = load_stack(load, object, "free_frames"),
		.first_free = load_stack(load, object, "first_free_frames"),
	};
	if (mismatch->count == 0)
		load_fail(load, "count", "at least 1");
}

static void read_size_class(struct load *load, const json_t *object, struct report_size_class *class)
{
	static const struct load_field numbers[] = {
		{"Size", offsetof(struct report_size_class, upper_bytes)},
		{"Mallocs", offsetof(struct report_size_class, allocations)},
		{"Frees", offsetof(struct report_size_class, frees)},
		{"LiveBytes", offsetof(struct report_size_class, live_bytes)},
	};

	load_numbers(load, object, numbers, MW_ARRAY_LEN(numbers), class);
}

static void read_memstats(struct load *load, const json_t *object, struct report_memstats *memstats)
{
	struct report_memstat *fields = store_alloc(load->store, json_object_size(object), sizeof(*fields));
	const json_t *classes;
	const char *name;
	json_t *value;
	size_t n;

	/* jansson takes no const here, and changes nothing */
	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		const json_t *number = json_object_get(value, "value");

		if (!json_is_object(value) || json_is_array(number))
			continue;
		fields[memstats->n_fields++] = (struct report_memstat){
			.name = store_string(load->store, name),
			.value = load_real(load, value, "value"),
			.integral = json_is_integer(number),
			.estimated = load_flag(load, value, "estimated"),
			.source = load_text(load, value, "source"),
		};
	}
	memstats->fields = fields;
	classes = load_array(load, load_object(load, object, "BySize"), "value", &n);
	if (n) {
		struct report_size_class *by_size = store_alloc(load->store, n, sizeof(*by_size));

		for (size_t i = 0; i < n; i++)
			read_size_class(load, json_array_get(classes, i), &by_size[i]);
		memstats->by_size = by_size;
		memstats->n_by_size = n;
	}
}

static void read_mark(struct load *load, const json_t *object, struct report_mark *mark)
{
	static const char *const kinds[] = {"mark", "snapshot"};

	*mark = (struct report_mark){
		.seconds = load_real(load, object, "seconds"),
		.name = load_text(load, object, "name"),
		.snapshot = load_choice(load, object, "kind", kinds, MW_ARRAY_LEN(kinds)) == 1,
		.live = live_amount(load, object),
	};
}

static void read_pool(struct load *load, const json_t *object, struct report_pool *pool)
{
	*pool = (struct report_pool){
		.name = load_text(load, object, "name"),
		.allocations = load_number(load, object, "allocations"),
		.frees = load_number(load, object, "frees"),
		.live = live_amount(load, object),
		.peak_live_bytes = load_number(load, object, "peak_live_bytes"),
	};
}

static void read_scan(struct load *load, const json_t *object, struct report_scan *scan)
{
	const json_t *definite = load_object(load, object, "definite");

	*scan = (struct report_scan){
		.seconds = load_real(load, object, "seconds"),
		.pause_seconds = load_real(load, object, "pause_seconds"),
		.definite = {load_number(load, definite, "blocks"), load_number(load, definite, "bytes")},
	};
}

static void read_peak(struct load *load, const json_t *object, struct report_peak *peak)
{
	peak->live = live_amount(load, object);
	peak->stack = load_stack(load, object, "frames");
}

/* An array of objects into an array of the store: `to` and `count` are members of the process. */
#define READ_ALL(load, object, key, process, to, count, read)                                                          \
	do {                                                                                                           \
		size_t n_items;                                                                                        \
		const json_t *items_array = load_array((load), (object), (key), &n_items);                             \
		__typeof__(&*(process)->to) from_store = (process)->to;                                                \
		char *room = store_alloc((load)->store, n_items, sizeof(*from_store));                                 \
		for (size_t at = 0; at < n_items; at++)                                                                \
			(read)((load), json_array_get(items_array, at), (void *)(room + at * sizeof(*from_store)));    \
		(process)->to = (void *)room;                                                                          \
		(process)->count = n_items;                                                                            \
	} while (0)

void load_running(struct load *load, const json_t *object, struct report_process *process)
{
	READ_ALL(load, object, "growth", process, growth, n_growth, read_growth);
	READ_ALL(load, object, "history", process, history, n_history, read_sample);
	READ_ALL(load, object, "scans", process, scans, n_scans, read_scan);
	READ_ALL(load, object, "peak", process, peak, n_peak, read_peak);
	READ_ALL(load, object, "warnings", process, warnings, n_warnings, read_warning);
	READ_ALL(load, object, "mismatches", process, mismatches, n_mismatches, read_mismatch);
	READ_ALL(load, object, "marks", process, marks, n_marks, read_mark);
	READ_ALL(load, object, "pools", process, pools, n_pools, read_pool);
	read_forecast(load, load_object(load, object, "forecast"), &process->forecast);
	read_memstats(load, load_object(load, object, "memstats"), &process->memstats);
}
