/*
 * The part of the JSON report that tells what was seen while the process ran. Members beyond the schema: "peak";
 * of growth "oldest_seconds", "lifetime_mean_seconds", "since_seconds", "held_by"; of history "allocations",
 * "bytes_per_second", "high_bytes"; of warnings "severity", "used_bytes"; "scans"; of forecast "low_bytes_per_second",
 * "high_bytes_per_second", "limit_source"; of mismatches "allocator", "deallocator", "bytes", "first_free_frames"; of
 * memstats "BySize"; "allocator".
 */
#include "cli/render/json_values.h"

static void write_growth(struct json_stream *stream, struct json_memo *memo, const struct report_growth *growth)
{
	static const char *const verdicts[] = {
		[GROWTH_GROWING] = "growing", [GROWTH_BOUNDED] = "bounded", [GROWTH_UNCLEAR] = "unclear"};
	bool has_lifetime = growth->lifetime_mean_seconds >= 0;

	json_stream_begin(stream, NULL, '{');
	json_stream_value(stream, "id", json_string(growth->id));
	json_stream_value(stream, "verdict", json_string(verdicts[growth->verdict]));
	json_stream_value(stream, "bytes_per_second", json_signed(growth->bytes_per_second));
	json_stream_value(stream, "blocks_per_second", json_signed(growth->blocks_per_second));
	json_stream_value(stream, "survivor_ratio", json_measure(growth->survivor_ratio));
	json_stream_value(stream, "live_bytes", json_number(growth->live.bytes));
	json_stream_value(stream, "live_blocks", json_number(growth->live.blocks));
	json_stream_value(stream, "confidence", json_measure(growth->confidence));
	json_stream_value(stream, "oldest_seconds",
			  growth->oldest_seconds >= 0 ? json_measure(growth->oldest_seconds) : json_null());
	json_stream_value(stream, "lifetime_mean_seconds",
			  has_lifetime ? json_measure(growth->lifetime_mean_seconds) : json_null());
	json_stream_value(stream, "since_seconds", json_measure(growth->since_seconds));
	json_stream_value(stream, "why", json_text_or_null(growth->why));
	json_stream_value(stream, "held_by", json_texts(growth->held_by, growth->n_held_by));
	json_write_frames(stream, memo, "frames", &growth->stack);
	json_stream_end(stream);
}

static json_t *sample_object(const struct report_sample *sample)
{
	json_t *object = json_object();

	json_set(object, "seconds", json_measure(sample->seconds));
	json_set(object, "live_bytes", json_number(sample->live_bytes));
	json_set(object, "live_blocks", json_number(sample->live_blocks));
	json_set(object, "allocated_bytes", json_number(sample->allocated_bytes));
	json_set(object, "allocations", json_number(sample->allocations));
	json_set(object, "high_bytes", json_number(sample->high_bytes));
	json_set(object, "rss_bytes", sample->rss_bytes ? json_number(sample->rss_bytes) : json_null());
	json_set(object, "bytes_per_second", json_measure(sample->bytes_per_second));
	return object;
}

static void write_peak(struct json_stream *stream, struct json_memo *memo, const struct report_peak *peak)
{
	json_stream_begin(stream, NULL, '{');
	json_stream_value(stream, "live_bytes", json_number(peak->live.bytes));
	json_stream_value(stream, "live_blocks", json_number(peak->live.blocks));
	json_write_frames(stream, memo, "frames", &peak->stack);
	json_stream_end(stream);
}

static json_t *warning_object(const struct report_warning *warning)
{
	json_t *object = json_object();

	json_set(object, "seconds", json_measure(warning->seconds));
	json_set(object, "level_percent", json_integer(warning->level_percent));
	json_set(object, "severity", json_text_or_null(warning->severity));
	json_set(object, "live_bytes", json_number(warning->live_bytes));
	json_set(object, "used_bytes", json_number(warning->used_bytes));
	json_set(object, "limit_bytes", json_number(warning->limit_bytes));
	json_set(object, "limit_source", json_text_or_null(warning->limit_source));
	return object;
}

static json_t *scan_object(const struct report_scan *scan)
{
	json_t *object = json_object();

	json_set(object, "seconds", json_measure(scan->seconds));
	json_set(object, "pause_seconds", json_measure(scan->pause_seconds));
	json_set(object, "definite", json_amount(scan->definite));
	return object;
}

/* Of what the interface does not say to be a number. */
static json_t *fitted(const struct report_forecast *forecast, double value)
{
	return forecast->fitted ? json_signed(value) : json_null();
}

static json_t *forecast_object(const struct report_forecast *forecast)
{
	static const char *const trends[] = {
		[FORECAST_NONE] = "none", [FORECAST_GROWING] = "growing", [FORECAST_STEADY] = "steady"};
	bool reaches = forecast->fitted && forecast->seconds_to_limit >= 0;
	json_t *object = json_object();

	json_set(object, "trend", json_string(trends[forecast->trend]));
	json_set(object, "bytes_per_second", json_signed(forecast->fitted ? forecast->bytes_per_second : 0));
	json_set(object, "low_bytes_per_second", fitted(forecast, forecast->low_bytes_per_second));
	json_set(object, "high_bytes_per_second", fitted(forecast, forecast->high_bytes_per_second));
	json_set(object, "r2", json_signed(forecast->fitted ? forecast->r2 : 0));
	json_set(object, "limit_bytes", forecast->limit_source ? json_number(forecast->limit_bytes) : json_null());
	json_set(object, "limit_source", json_text_or_null(forecast->limit_source));
	json_set(object, "seconds_to_limit", reaches ? json_signed(forecast->seconds_to_limit) : json_null());
	return object;
}

static void write_mismatch(struct json_stream *stream, struct json_memo *memo, const struct report_mismatch *mismatch)
{
	static const char *const kinds[] = {[MISMATCH_FREE] = "mismatched-free",
					    [MISMATCH_DOUBLE_FREE] = "double-free",
					    [MISMATCH_INVALID_FREE] = "invalid-free"};

	json_stream_begin(stream, NULL, '{');
	json_stream_value(stream, "kind", json_string(kinds[mismatch->kind]));
	json_stream_value(stream, "count", json_number(mismatch->count));
	json_stream_value(stream, "allocator", json_text_or_null(mismatch->allocator));
	json_stream_value(stream, "deallocator", json_text_or_null(mismatch->deallocator));
	json_stream_value(stream, "bytes", json_number(mismatch->bytes));
	json_write_frames(stream, memo, "alloc_frames", &mismatch->alloc);
	json_write_frames(stream, memo, "free_frames", &mismatch->free);
	json_write_frames(stream, memo, "first_free_frames", &mismatch->first_free);
	json_stream_end(stream);
}

static json_t *memstat_object(const struct report_memstat *field)
{
	json_t *object = json_object();
	bool integral = field->integral && field->value >= 0 && field->value < 9e18;

	json_set(object, "value", integral ? json_number((uint64_t)field->value) : json_signed(field->value));
	json_set(object, "source", json_text_or_null(field->source));
	json_set(object, "estimated", json_boolean(field->estimated));
	return object;
}

static json_t *by_size_object(const struct report_memstats *memstats)
{
	json_t *object = json_object(), *classes = json_array();

	for (size_t i = 0; i < memstats->n_by_size; i++) {
		const struct report_size_class *from = &memstats->by_size[i];
		json_t *to = json_object();

		json_set(to, "Size", json_number(from->upper_bytes));
		json_set(to, "Mallocs", json_number(from->allocations));
		json_set(to, "Frees", json_number(from->frees));
		json_set(to, "LiveBytes", json_number(from->live_bytes));
		json_array_append_new(classes, to);
	}
	json_set(object, "value", classes);
	json_set(object, "source", json_string("memwatch"));
	json_set(object, "estimated", json_false());
	return object;
}

void json_write_memstats(struct json_stream *stream, const struct report_memstats *memstats)
{
	json_stream_begin(stream, "memstats", '{');
	for (size_t i = 0; i < memstats->n_fields; i++)
		json_stream_value(stream, memstats->fields[i].name, memstat_object(&memstats->fields[i]));
	if (memstats->n_by_size)
		json_stream_value(stream, "BySize", by_size_object(memstats));
	json_stream_end(stream);
	json_stream_value(stream, "allocator", json_text_or_null(memstats->allocator));
}

static json_t *mark_object(const struct report_mark *mark)
{
	json_t *object = json_object();

	json_set(object, "seconds", json_measure(mark->seconds));
	json_set(object, "name", json_text_or_null(mark->name));
	json_set(object, "kind", json_string(mark->snapshot ? "snapshot" : "mark"));
	json_set(object, "live_bytes", json_number(mark->live.bytes));
	json_set(object, "live_blocks", json_number(mark->live.blocks));
	return object;
}

static json_t *pool_object(const struct report_pool *pool)
{
	json_t *object = json_object();

	json_set(object, "name", json_text_or_null(pool->name));
	json_set(object, "allocations", json_number(pool->allocations));
	json_set(object, "frees", json_number(pool->frees));
	json_set(object, "live_blocks", json_number(pool->live.blocks));
	json_set(object, "live_bytes", json_number(pool->live.bytes));
	json_set(object, "peak_live_bytes", json_number(pool->peak_live_bytes));
	return object;
}

/* What the program said by memwatch.h. */
static void write_said(struct json_stream *stream, const struct report_process *process)
{
	json_stream_begin(stream, "marks", '[');
	for (size_t i = 0; i < process->n_marks; i++)
		json_stream_value(stream, NULL, mark_object(&process->marks[i]));
	json_stream_end(stream);
	json_stream_begin(stream, "pools", '[');
	for (size_t i = 0; i < process->n_pools; i++)
		json_stream_value(stream, NULL, pool_object(&process->pools[i]));
	json_stream_end(stream);
}

void json_write_running(struct json_stream *stream, struct json_memo *memo, const struct report_process *process)
{
	json_stream_begin(stream, "growth", '[');
	for (size_t i = 0; i < process->n_growth; i++)
		write_growth(stream, memo, &process->growth[i]);
	json_stream_end(stream);
	json_stream_begin(stream, "history", '[');
	for (size_t i = 0; i < process->n_history; i++)
		json_stream_value(stream, NULL, sample_object(&process->history[i]));
	json_stream_end(stream);
	json_stream_begin(stream, "scans", '[');
	for (size_t i = 0; i < process->n_scans; i++)
		json_stream_value(stream, NULL, scan_object(&process->scans[i]));
	json_stream_end(stream);
	json_stream_begin(stream, "peak", '[');
	for (size_t i = 0; i < process->n_peak; i++)
		write_peak(stream, memo, &process->peak[i]);
	json_stream_end(stream);
	json_stream_begin(stream, "warnings", '[');
	for (size_t i = 0; i < process->n_warnings; i++)
		json_stream_value(stream, NULL, warning_object(&process->warnings[i]));
	json_stream_end(stream);
	json_stream_value(stream, "forecast", forecast_object(&process->forecast));
	json_stream_begin(stream, "mismatches", '[');
	for (size_t i = 0; i < process->n_mismatches; i++)
		write_mismatch(stream, memo, &process->mismatches[i]);
	json_stream_end(stream);
	json_write_memstats(stream, &process->memstats);
	write_said(stream, process);
}
