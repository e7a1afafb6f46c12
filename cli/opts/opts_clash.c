/* Two reports in one file: the later would replace the earlier without a word. */
#include "cli/opts/opts.h"

#include <string.h>

struct target {
	const char *option, *path;
};

/* What may be written to by many: standard output, and devices such as /dev/null and /dev/stderr. */
static bool is_shared(const char *path)
{
	return !strcmp(path, "-") || !strncmp(path, "/dev/", 5);
}

static int compare(const struct target *a, const struct target *b, struct err *err)
{
	if (!a->path || !b->path || is_shared(a->path) || strcmp(a->path, b->path))
		return 0;
	return err_set(err, "--%s and --%s would both write to %s: give each a file of its own", a->option, b->option,
		       a->path);
}

static struct target target_at(const struct options *options, size_t i)
{
	if (i < options->n_outputs)
		return (struct target){options->outputs[i].format, options->outputs[i].path};
	switch (i - options->n_outputs) {
	case 0:
		return (struct target){"record", options->record};
	case 1:
		return (struct target){"metrics-file", options->metrics_file};
	default:
		return (struct target){"write-baseline", options->write_baseline};
	}
}

int opts_check_files(const struct options *options, struct err *err)
{
	size_t n = options->n_outputs + 3;

	for (size_t i = 1; i < n; i++) {
		struct target target = target_at(options, i);

		for (size_t k = 0; k < i; k++) {
			struct target earlier = target_at(options, k);

			if (compare(&earlier, &target, err))
				return -1;
		}
	}
	return 0;
}
