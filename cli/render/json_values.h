/*
 * What the parts of a JSON document are made of: values, each a new reference, and the same as members of a stream,
 * written without making a json_t of each.
 */
#ifndef CLI_RENDER_JSON_VALUES_H
#define CLI_RENDER_JSON_VALUES_H

#include "cli/analysis/report.h"
#include "cli/render/json_memo.h"
#include "cli/render/json_stream.h"

/* Invalid UTF-8 is repaired; NULL is null. */
json_t *json_text_or_null(const char *s);
json_t *json_texts(const char *const *strings, size_t n);

/* JSON has no limit but readers do: what jansson cannot say is said as its largest number. */
json_t *json_number(uint64_t n);

/* A finite number from 0 to 1e18, else 0. */
json_t *json_measure(double value);

/* Any finite number, else null. */
json_t *json_signed(double value);

void json_set(json_t *object, const char *key, json_t *value);

void json_write_integer(struct json_stream *stream, const char *key, int64_t n);
void json_write_number(struct json_stream *stream, const char *key, uint64_t n);
void json_write_boolean(struct json_stream *stream, const char *key, bool value);
void json_write_text(struct json_stream *stream, const char *key, const char *s);
void json_write_texts(struct json_stream *stream, const char *key, const char *const *strings, size_t n);
void json_write_measure(struct json_stream *stream, const char *key, double value);
void json_write_signed(struct json_stream *stream, const char *key, double value);
void json_write_amount(struct json_stream *stream, const char *key, struct report_amount amount);

/* The frames of a stack as an array; a frame is in many stacks, and its text is made once. */
void json_write_frames(struct json_stream *stream, struct json_memo *memo, const char *key,
		       const struct report_stack *stack);

/* Members of a process that are in other documents too. In json.c and json_running.c. */
void json_write_totals(struct json_stream *stream, const struct report_totals *totals);
void json_write_memstats(struct json_stream *stream, const struct report_memstats *memstats);

/* Members "new", "grew", "shrank", "gone" with their numbers, and "changes". In changes.c. */
void json_write_changes(struct json_stream *stream, const struct report_changes *changes);

/* What was seen while it ran: growth, history, peak, warnings, forecast, mismatches, memstats. In json_running.c. */
void json_write_running(struct json_stream *stream, struct json_memo *memo, const struct report_process *process);

#endif
