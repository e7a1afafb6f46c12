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
	json_write_text(stream, "id", growth->id);
	json_write_text(stream, "verdict", verdicts[growth->verdict]);
	json_write_signed(stream, "bytes_per_second", growth->bytes_per_second);
	json_write_signed(stream, "blocks_per_second", growth->blocks_per_second);
	json_write_measure(stream, "survivor_ratio", growth->survivor_ratio);
	json_write_number(stream, "live_bytes", growth->live.bytes);
	json_write_number(stream, "live_blocks", growth->live.blocks);
	json_write_measure(stream, "confidence", growth->confidence);
	json_stream_value(stream, "oldest_seconds",
			  growth->oldest_seconds >= 0 ? json_measure(growth->oldest_seconds) : json_null());
	json_stream_value(stream, "lifetime_mean_seconds",
			  has_lifetime ? json_measure(growth->lifetime_mean_seconds) : json_null());
	json_write_measure(stream, "since_seconds", growth->since_seconds);
	json_write_text(stream, "why", growth->why);
	json_write_texts(stream, "held_by", growth->held_by, growth->n_held_by);
	json_write_frames(stream, memo, "frames", &growth->stack);
	json_stream_end(stream);
}

static void write_sample(struct json_stream *stream, const char *key, const struct report_sample *sample)
{
	json_stream_begin_line(stream, key, '{');
	json_write_measure(stream, "seconds", sample->seconds);
	json_write_number(stream, "live_bytes", sample->live_bytes);
	json_write_number(stream, "live_blocks", sample->live_blocks);
	json_write_number(stream, "allocated_bytes", sample->allocated_bytes);
	json_write_number(stream, "allocations", sample->allocations);
	json_write_number(stream, "high_bytes", sample->high_bytes);
	json_stream_value(stream, "rss_bytes", sample->rss_bytes ? json_number(sample->rss_bytes) : json_null());
	json_write_measure(stream, "bytes_per_second", sample->bytes_per_second);
	json_stream_end(stream);
}

static void write_peak(struct json_stream *stream, struct json_memo *memo, const struct report_peak *peak)
{
	json_stream_begin(stream, NULL, '{');
	json_write_number(stream, "live_bytes", peak->live.bytes);
	json_write_number(stream, "live_blocks", peak->live.blocks);
	json_write_frames(stream, memo, "frames", &peak->stack);
	json_stream_end(stream);
}

static void write_warning(struct json_stream *stream, const char *key, const struct report_warning *warning)
{
	json_stream_begin_line(stream, key, '{');
	json_write_measure(stream, "seconds", warning->seconds);
	json_write_integer(stream, "level_percent", warning->level_percent);
	json_write_text(stream, "severity", warning->severity);
	json_write_number(stream, "live_bytes", warning->live_bytes);
	json_write_number(stream, "used_bytes", warning->used_bytes);
	json_write_number(stream, "limit_bytes", warning->limit_bytes);
	json_write_text(stream, "limit_source", warning->limit_source);
	json_stream_end(stream);
}

static void write_scan(struct json_stream *stream, const char *key, const struct report_scan *scan)
{
	json_stream_begin_line(stream, key, '{');
	json_write_measure(stream, "seconds", scan->seconds);
	json_write_measure(stream, "pause_seconds", scan->pause_seconds);
	json_write_amount(stream, "definite", scan->definite);
	json_stream_end(stream);
}

/* Of what the interface does not say to be a number. */
static json_t *fitted(const struct report_forecast *forecast, double value)
{
	return forecast->fitted ? json_signed(value) : json_null();
}

static void write_forecast(struct json_stream *stream, const char *key, const struct report_forecast *forecast)
{
	static const char *const trends[] = {
		[FORECAST_NONE] = "none", [FORECAST_GROWING] = "growing", [FORECAST_STEADY] = "steady"};
	bool reaches = forecast->fitted && forecast->seconds_to_limit >= 0;

	json_stream_begin_line(stream, key, '{');
	json_write_text(stream, "trend", trends[forecast->trend]);
	json_write_signed(stream, "bytes_per_second", forecast->fitted ? forecast->bytes_per_second : 0);
	json_stream_value(stream, "low_bytes_per_second", fitted(forecast, forecast->low_bytes_per_second));
	json_stream_value(stream, "high_bytes_per_second", fitted(forecast, forecast->high_bytes_per_second));
	json_write_signed(stream, "r2", forecast->fitted ? forecast->r2 : 0);
	json_stream_value(stream, "limit_bytes",
			  forecast->limit_source ? json_number(forecast->limit_bytes) : json_null());
	json_write_text(stream, "limit_source", forecast->limit_source);
	json_stream_value(stream, "seconds_to_limit", reaches ? json_signed(forecast->seconds_to_limit) : json_null());
	json_stream_end(stream);
}

static void write_mismatch(struct json_stream *stream, struct json_memo *memo, const struct report_mismatch *mismatch)
{
	static const char *const kinds[] = {[MISMATCH_FREE] = "mismatched-free",
					    [MISMATCH_DOUBLE_FREE] = "double-free",
					    [MISMATCH_INVALID_FREE] = "invalid-free"};

	json_stream_begin(stream, NULL, '{');
	json_write_text(stream, "kind", kinds[mismatch->kind]);
	json_write_number(stream, "count", mismatch->count);
	json_write_text(stream, "allocator", mismatch->allocator);
	json_write_text(stream, "deallocator", mismatch->deallocator);
	json_write_number(stream, "bytes", mismatch->bytes);
	json_write_frames(stream, memo, "alloc_frames", &mismatch->alloc);
	json_write_frames(stream, memo, "free_frames", &mismatch->free);
	json_write_frames(stream, memo, "first_free_frames", &mismatch->first_free);
	json_stream_end(stream);
}

static void write_memstat(struct json_stream *stream, const char *key, const struct report_memstat *field)
{
	bool integral = field->integral && field->value >= 0 && field->value < 9e18;

	json_stream_begin_line(stream, key, '{');
	json_stream_value(stream, "value", integral ? json_number((uint64_t)field->value) : json_signed(field->value));
	json_write_text(stream, "source", field->source);
	json_write_boolean(stream, "estimated", field->estimated);
	json_stream_end(stream);
}

static void write_by_size(struct json_stream *stream, const char *key, const struct report_memstats *memstats)
{
	json_stream_begin_line(stream, key, '{');
	json_stream_begin(stream, "value", '[');
	for (size_t i = 0; i < memstats->n_by_size; i++) {
		const struct report_size_class *class = &memstats->by_size[i];

		json_stream_begin(stream, NULL, '{');
		json_write_number(stream, "Size", class->upper_bytes);
		json_write_number(stream, "Mallocs", class->allocations);
		json_write_number(stream, "Frees", class->frees);
		json_write_number(stream, "LiveBytes", class->live_bytes);
		json_stream_end(stream);
	}
	json_stream_end(stream);
	json_write_text(stream, "source", "memwatch");
	json_write_boolean(stream, "estimated", false);
	json_stream_end(stream);
}

void json_write_memstats(struct json_stream *stream, const struct report_memstats *memstats)
{
	json_stream_begin(stream, "memstats", '{');
	for (size_t i = 0; i < memstats->n_fields; i++)
		write_memstat(stream, memstats->fields[i].name, &memstats->fields[i]);
	if (memstats->n_by_size)
		write_by_size(stream, "BySize", memstats);
	json_stream_end(stream);
	json_write_text(stream, "allocator", memstats->allocator);
}

static void write_mark(struct json_stream *stream, const char *key, const struct report_mark *mark)
{
	json_stream_begin_line(stream, key, '{');
	json_write_measure(stream, "seconds", mark->seconds);
	json_write_text(stream, "name", mark->name);
	json_write_text(stream, "kind", mark->snapshot ? "snapshot" : "mark");
	json_write_number(stream, "live_bytes", mark->live.bytes);
	json_write_number(stream, "live_blocks", mark->live.blocks);
	json_stream_end(stream);
}

static void write_pool(struct json_stream *stream, const char *key, const struct report_pool *pool)
{
	json_stream_begin_line(stream, key, '{');
	json_write_text(stream, "name", pool->name);
	json_write_number(stream, "allocations", pool->allocations);
	json_write_number(stream, "frees", pool->frees);
	json_write_number(stream, "live_blocks", pool->live.blocks);
	json_write_number(stream, "live_bytes", pool->live.bytes);
	json_write_number(stream, "peak_live_bytes", pool->peak_live_bytes);
	json_stream_end(stream);
}

/* What the program said by memwatch.h. */
static void write_said(struct json_stream *stream, const struct report_process *process)
{
	json_stream_begin(stream, "marks", '[');
	for (size_t i = 0; i < process->n_marks; i++)
		write_mark(stream, NULL, &process->marks[i]);
	json_stream_end(stream);
	json_stream_begin(stream, "pools", '[');
	for (size_t i = 0; i < process->n_pools; i++)
		write_pool(stream, NULL, &process->pools[i]);
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
		write_sample(stream, NULL, &process->history[i]);
	json_stream_end(stream);
	json_stream_begin(stream, "scans", '[');
	for (size_t i = 0; i < process->n_scans; i++)
		write_scan(stream, NULL, &process->scans[i]);
	json_stream_end(stream);
	json_stream_begin(stream, "peak", '[');
	for (size_t i = 0; i < process->n_peak; i++)
		write_peak(stream, memo, &process->peak[i]);
	json_stream_end(stream);
	json_stream_begin(stream, "warnings", '[');
	for (size_t i = 0; i < process->n_warnings; i++)
		write_warning(stream, NULL, &process->warnings[i]);
	json_stream_end(stream);
	write_forecast(stream, "forecast", &process->forecast);
	json_stream_begin(stream, "mismatches", '[');
	for (size_t i = 0; i < process->n_mismatches; i++)
		write_mismatch(stream, memo, &process->mismatches[i]);
	json_stream_end(stream);
	json_write_memstats(stream, &process->memstats);
	write_said(stream, process);
}
