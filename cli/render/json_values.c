#include "cli/render/json_values.h"

#include "cli/render/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

json_t *json_text_or_null(const char *s)
{
	json_t *value;
	char *repaired;

	if (!s)
		return json_null();
	if (utf8_valid(s))
		return json_string_nocheck(s);
	repaired = utf8_repair(s);
	value = json_string_nocheck(repaired);
	free(repaired);
	return value;
}

/* JSON has no limit but readers do: what jansson cannot say is said as its largest number. */
json_t *json_number(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

json_t *json_measure(double value)
{
	return json_real(isfinite(value) && value >= 0 && value < 1e18 ? value : 0);
}

json_t *json_signed(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

void json_set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new_nocheck(object, key, value);
}

json_t *json_texts(const char *const *strings, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_text_or_null(strings[i]));
	return array;
}

json_t *json_amount(struct report_amount amount)
{
	json_t *object = json_object();

	json_set(object, "blocks", json_number(amount.blocks));
	json_set(object, "bytes", json_number(amount.bytes));
	return object;
}

static json_t *frame_object(const struct report_frame *frame)
{
	json_t *object = json_object();

	json_set(object, "function", json_text_or_null(frame->function));
	if (frame->symbol && frame->function && strcmp(frame->symbol, frame->function) != 0)
		json_set(object, "symbol", json_text_or_null(frame->symbol));
	json_set(object, "file", json_text_or_null(frame->file));
	json_set(object, "line", frame->line ? json_integer(frame->line) : json_null());
	json_set(object, "module", json_text_or_null(frame->module));
	json_set(object, "build_id", json_text_or_null(frame->build_id));
	json_set(object, "offset", json_number(frame->offset));
	json_set(object, "inlined", json_boolean(frame->inlined));
	return object;
}

/* A frame is in many stacks: its text is made once. */
void json_write_frames(struct json_stream *stream, struct json_memo *memo, const char *key,
		       const struct report_stack *stack)
{
	json_stream_begin(stream, key, '[');
	for (size_t i = 0; i < stack->n_frames; i++) {
		struct json_text *text = json_memo_find(memo, stack->frames[i]);

		if (!text->bytes)
			json_text_set(text, frame_object(stack->frames[i]));
		json_stream_raw(stream, NULL, text->bytes, text->n);
	}
	json_stream_end(stream);
}
