#include "cli/top/top_data.h"

#include "cli/base/xalloc.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX 10000u /* of an array, that are read */

static uint64_t number(const json_t *object, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(object, key));

	return n > 0 ? (uint64_t)n : 0;
}

/* `missing` if it is not there. */
static double measure(const json_t *object, const char *key, double missing)
{
	const json_t *value = json_object_get(object, key);

	return json_is_number(value) ? json_number_value(value) : missing;
}

static const char *text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static const char *text_or(const json_t *object, const char *key, const char *missing)
{
	const char *s = text(object, key);

	return s ? s : missing;
}

static void read_series(const json_t *history, const char *key, struct top_series *series)
{
	const json_t *array = json_object_get(history, key);
	size_t n = json_array_size(array), from = n > TOP_POINTS ? n - TOP_POINTS : 0;

	for (size_t i = from; i < n; i++) {
		json_int_t value = json_integer_value(json_array_get(array, i));

		series->values[series->n++] = value > 0 ? (uint64_t)value : 0;
	}
}

static void read_row(const json_t *from, struct top_row *row)
{
	*row = (struct top_row){
		.stack = (uint32_t)number(from, "stack"),
		.live_bytes = number(from, "live_bytes"),
		.live_blocks = number(from, "live_blocks"),
		.growth = measure(from, "growth", 0),
		.rate = measure(from, "rate", 0),
		.verdict = text(from, "verdict"),
		.where = text_or(from, "where", "?"),
	};
}

static const char **read_texts(const json_t *from, const char *key, size_t *n)
{
	const json_t *array = json_object_get(from, key);
	size_t all = json_array_size(array) < ITEMS_MAX ? json_array_size(array) : ITEMS_MAX;
	const char **texts = xcalloc(all + 1, sizeof(*texts));

	for (*n = 0; *n < all; ++*n) {
		const char *s = json_string_value(json_array_get(array, *n));

		texts[*n] = s ? s : "?";
	}
	return texts;
}

static void read_stack(const json_t *from, struct top_stack *stack)
{
	const json_t *verdicts = json_object_get(from, "verdicts");

	read_row(from, &stack->row);
	stack->allocated_bytes = number(from, "allocated_bytes");
	stack->allocations = number(from, "allocations");
	stack->lifetime_seconds = measure(from, "lifetime_seconds", -1);
	stack->walked = json_is_array(verdicts);
	stack->oldest_seconds = measure(from, "oldest_seconds", -1);
	for (size_t i = 0; i < json_array_size(verdicts) && i < TOP_VERDICTS; i++) {
		const json_t *one = json_array_get(verdicts, i);

		stack->verdicts[stack->n_verdicts++] =
			(struct top_amount){text_or(one, "verdict", "?"), number(one, "blocks"), number(one, "bytes")};
	}
	stack->unscanned_blocks = number(from, "unscanned_blocks");
	stack->why = text(from, "why");
	stack->held_by = read_texts(from, "held_by", &stack->n_held_by);
	stack->frames = read_texts(from, "frames", &stack->n_frames);
}

static void read_totals(const json_t *from, struct top_data *data)
{
	data->pid = (int)number(from, "pid");
	data->program = text_or(from, "program", "?");
	data->seconds = measure(from, "seconds", 0);
	data->look = number(from, "look");
	data->period_seconds = measure(from, "period_seconds", 0);
	data->since_start = json_is_true(json_object_get(from, "since_start"));
	data->live_bytes = number(from, "live_bytes");
	data->live_blocks = number(from, "live_blocks");
	data->peak_live_bytes = number(from, "peak_live_bytes");
	data->allocated_bytes = number(from, "allocated_bytes");
	data->allocations = number(from, "allocations");
	data->frees = number(from, "frees");
	data->rss_bytes = number(from, "rss_bytes");
	data->limit_bytes = number(from, "limit_bytes");
	data->limit_source = text_or(from, "limit_source", "limit");
	data->scanned = json_is_true(json_object_get(from, "scanned"));
	data->definite_bytes = number(from, "definite_bytes");
	data->definite_blocks = number(from, "definite_blocks");
	data->growing = number(from, "growing");
	data->scan_age_seconds = measure(from, "scan_age_seconds", 0);
	data->judged_age_seconds = measure(from, "judged_age_seconds", -1);
	data->n_stacks = number(from, "n_stacks");
	data->n_matching = number(from, "n_matching");
	data->n_unsearched = number(from, "n_unsearched");
}

int top_data_read(const char *bytes, size_t n, struct top_data *data, struct err *err)
{
	json_t *document = json_loadb(bytes, n, 0, NULL);
	const json_t *rows = json_object_get(document, "stacks"), *history = json_object_get(document, "history");
	size_t all = json_array_size(rows) < ITEMS_MAX ? json_array_size(rows) : ITEMS_MAX;

	*data = (struct top_data){0};
	if (strcmp(text_or(document, "schema", ""), "memwatch-top/1") != 0) {
		json_decref(document);
		return err_set(err, "the answer of the session is not one of top: the two memwatch are of different "
				    "versions");
	}
	data->document = document;
	read_totals(document, data);
	read_series(history, "live", &data->live);
	read_series(history, "rate", &data->rate);
	read_series(history, "rss", &data->rss);
	data->rows = xcalloc(all + 1, sizeof(*data->rows));
	for (; data->n_rows < all; data->n_rows++)
		read_row(json_array_get(rows, data->n_rows), &data->rows[data->n_rows]);
	data->has_stack = json_is_object(json_object_get(document, "stack"));
	if (data->has_stack)
		read_stack(json_object_get(document, "stack"), &data->stack);
	return 0;
}

void top_data_release(struct top_data *data)
{
	free(data->rows);
	free(data->stack.held_by);
	free(data->stack.frames);
	json_decref(data->document);
	*data = (struct top_data){0};
}
