/* Reading members of JSON objects: a member that is not there or null gives nothing, one of a wrong type is an error
 * that sticks in `load`. */
#ifndef CLI_LOAD_LOAD_VALUES_H
#define CLI_LOAD_LOAD_VALUES_H

#include "cli/analysis/report.h"
#include "cli/analysis/store.h"
#include "cli/base/err.h"

#include <jansson.h>

struct load {
	struct store *store; /* of the process that is being read */
	const char *exe;
	struct err *err;
	bool failed;
};

/* Says that `key` has a wrong type or value. */
void load_fail(struct load *load, const char *key, const char *wanted);

uint64_t load_number(struct load *load, const json_t *object, const char *key);
double load_real(struct load *load, const json_t *object, const char *key);
bool load_flag(struct load *load, const json_t *object, const char *key);
const char *load_text(struct load *load, const json_t *object, const char *key);

/* The index of the string among `names`; 0 if there is none. */
unsigned load_choice(struct load *load, const json_t *object, const char *key, const char *const *names, size_t n);

/* An object or array; NULL if there is none. */
const json_t *load_object(struct load *load, const json_t *object, const char *key);
const json_t *load_array(struct load *load, const json_t *object, const char *key, size_t *n);

/* Strings of an array. */
const char *const *load_texts(struct load *load, const json_t *object, const char *key, size_t *n);

struct report_stack load_stack(struct load *load, const json_t *object, const char *key);

/* 16 hex digits. */
void load_id(struct load *load, const json_t *object, char id[17]);

/* Numbers by their place in a struct. */
struct load_field {
	const char *key;
	size_t offset; /* of a uint64_t */
};
void load_numbers(struct load *load, const json_t *object, const struct load_field *fields, size_t n, void *to);

/* What was seen while the process ran. In load_running.c. */
void load_running(struct load *load, const json_t *object, struct report_process *process);

#endif
