/*
 * A profile in pprof's format in the making: stacks and their values come in, tables of strings, functions, locations
 * and mappings grow. For the files of the pprof formats only.
 *
 * Ids go from 1 on in the order of the file, each location has a mapping, and what has no object file is in one called
 * "[unknown]": some readers refuse or crash on anything else.
 */
#ifndef CLI_RENDER_PPROF_PROFILE_H
#define CLI_RENDER_PPROF_PROFILE_H

#include "cli/analysis/report.h"
#include "cli/base/out.h"

#include <stddef.h>
#include <stdint.h>

#define PPROF_VALUES_MAX 4

struct pprof_value_type {
	const char *type, *unit;
};

struct pprof_profile;

/* `default_type` is one of `types`: what is shown unless the reader asks for another. */
struct pprof_profile *pprof_profile_new(const struct pprof_value_type *types, size_t n_types, const char *default_type);

/* What is added from here on is of this process, which must stay until the end. The first one's file is "the program"
 * to readers. */
void pprof_profile_begin(struct pprof_profile *profile, const struct report_process *process);

/* A stack of the process with one value for each type. `key` and `label` may be NULL. */
void pprof_profile_add(struct pprof_profile *profile, const struct report_stack *stack, const int64_t *values,
		       const char *key, const char *label);

/* A label that all samples of the process get, beside their own. */
void pprof_profile_label(struct pprof_profile *profile, const char *key, const char *label);

/* For people: readers print it above their tables. */
void pprof_profile_comment(struct pprof_profile *profile, const char *text);

/* `duration_ns`: what the values were gathered in, 0 = since the start. */
void pprof_profile_time(struct pprof_profile *profile, int64_t realtime_ns, int64_t duration_ns);

/* Writes it, compressed, and frees. */
void pprof_profile_finish(struct pprof_profile *profile, struct out *out);

#endif
