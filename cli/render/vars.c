#include "cli/render/vars.h"

#include "cli/render/go_stats.h"
#include "cli/render/json_values.h"

#include <stdlib.h>
#include <string.h>

/* Classes of sizes, as Go has them: what was allocated and freed of each. */
static json_t *by_size(const struct report_memstats *memstats)
{
	json_t *classes = json_array();

	for (size_t i = 0; i < memstats->n_by_size; i++) {
		const struct report_size_class *class = &memstats->by_size[i];
		json_t *object = json_object();

		json_set(object, "Size", json_number(class->upper_bytes));
		json_set(object, "Mallocs", json_number(class->allocations));
		json_set(object, "Frees", json_number(class->frees));
		json_array_append_new(classes, object);
	}
	return classes;
}

/* Readers decode into Go's types: all but the fraction are whole numbers. */
static json_t *stat_value(const char *name, double value)
{
	return strcmp(name, "GCCPUFraction") == 0 ? json_measure(value)
						  : json_number(value < 9e18 ? (uint64_t)value : INT64_MAX);
}

void vars_print(const struct report_process *process, struct out *out)
{
	json_t *vars = json_object(), *stats = json_object();
	char *text;

	json_set(vars, "cmdline", json_texts(process->argv, process->argc));
	for (const char *const *name = go_stat_names; *name; name++) {
		double value = go_stat(process, *name);

		if (value >= 0) /* what is not known is left out */
			json_set(stats, *name, stat_value(*name, value));
	}
	json_set(stats, "BySize", by_size(&process->memstats));
	json_set(vars, "memstats", stats);
	text = json_dumps(vars, JSON_INDENT(2));
	out_str(out, text);
	out_char(out, '\n');
	free(text);
	json_decref(vars);
}
