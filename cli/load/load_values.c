#include "cli/load/load_values.h"

#include "cli/analysis/origin.h"

#include <string.h>

void load_fail(struct load *load, const char *key, const char *wanted)
{
	err_set(load->err, "\"%.60s\" is not %s", key, wanted);
	load->failed = true;
}

/* The member; NULL if it is not there or null. */
static const json_t *member(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_null(value) ? NULL : value;
}

uint64_t load_number(struct load *load, const json_t *object, const char *key)
{
	const json_t *value = member(object, key);

	if (!value)
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0) {
		load_fail(load, key, "a number from 0 on");
		return 0;
	}
	return (uint64_t)json_integer_value(value);
}

double load_real(struct load *load, const json_t *object, const char *key)
{
	const json_t *value = member(object, key);

	if (value && !json_is_number(value))
		load_fail(load, key, "a number");
	return json_number_value(value);
}

bool load_flag(struct load *load, const json_t *object, const char *key)
{
	const json_t *value = member(object, key);

	if (value && !json_is_boolean(value))
		load_fail(load, key, "true or false");
	return json_is_true(value);
}

const char *load_text(struct load *load, const json_t *object, const char *key)
{
	const json_t *value = member(object, key);

	if (value && !json_is_string(value))
		load_fail(load, key, "a string");
	return store_string(load->store, json_string_value(value));
}

unsigned load_choice(struct load *load, const json_t *object, const char *key, const char *const *names, size_t n)
{
	const json_t *value = member(object, key);
	const char *text = json_string_value(value);

	for (unsigned i = 0; i < n && text; i++)
		if (names[i] && strcmp(names[i], text) == 0)
			return i;
	if (value)
		load_fail(load, key, "one of the words that are known");
	return 0;
}

const json_t *load_object(struct load *load, const json_t *object, const char *key)
{
	const json_t *value = member(object, key);

	if (value && !json_is_object(value)) {
		load_fail(load, key, "an object");
		return NULL;
	}
	return value;
}

const json_t *load_array(struct load *load, const json_t *object, const char *key, size_t *n)
{
	const json_t *value = member(object, key);

	if (value && !json_is_array(value)) {
		load_fail(load, key, "an array");
		value = NULL;
	}
	*n = json_array_size(value);
	return value;
}

const char *const *load_texts(struct load *load, const json_t *object, const char *key, size_t *n)
{
	const json_t *array = load_array(load, object, key, n);
	const char **texts = store_alloc(load->store, *n, sizeof(*texts));

	for (size_t i = 0; i < *n; i++) {
		const json_t *value = json_array_get(array, i);

		if (!json_is_string(value))
			load_fail(load, key, "an array of strings");
		texts[i] = json_is_string(value) ? store_string(load->store, json_string_value(value)) : "";
	}
	return texts;
}

static bool is_system(const struct report_frame *frame, const char *exe)
{
	return (frame->module && origin_module_is_system(frame->module, exe)) ||
	       (frame->function && origin_function_is_runtime(frame->function)) ||
	       (frame->file && origin_file_is_system(frame->file));
}

static void load_frame(struct load *load, const json_t *object, struct report_frame *frame)
{
	uint64_t line = load_number(load, object, "line");

	if (!json_is_object(object))
		load_fail(load, "frames", "an array of objects");
	*frame = (struct report_frame){
		.function = load_text(load, object, "function"),
		.file = load_text(load, object, "file"),
		.line = line <= INT32_MAX ? (uint32_t)line : 0,
		.module = load_text(load, object, "module"),
		.build_id = load_text(load, object, "build_id"),
		.offset = load_number(load, object, "offset"),
		.inlined = load_flag(load, object, "inlined"),
	};
	frame->symbol = frame->function;
	frame->system = is_system(frame, load->exe);
}

struct report_stack load_stack(struct load *load, const json_t *object, const char *key)
{
	size_t n;
	const json_t *array = load_array(load, object, key, &n);
	struct report_frame *frames = store_alloc(load->store, n, sizeof(*frames));
	const struct report_frame **pointers = store_alloc(load->store, n, sizeof(*pointers));

	for (size_t i = 0; i < n; i++) {
		load_frame(load, json_array_get(array, i), &frames[i]);
		pointers[i] = &frames[i];
	}
	return (struct report_stack){.frames = pointers, .n_frames = n};
}

void load_id(struct load *load, const json_t *object, char id[17])
{
	const char *text = json_string_value(json_object_get(object, "id"));

	if (!text || strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16) {
		load_fail(load, "id", "16 hex digits");
		text = "0000000000000000";
	}
	memcpy(id, text, 17);
}

void load_numbers(struct load *load, const json_t *object, const struct load_field *fields, size_t n, void *to)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t value = load_number(load, object, fields[i].key);

		memcpy((char *)to + fields[i].offset, &value, sizeof(value));
	}
}
