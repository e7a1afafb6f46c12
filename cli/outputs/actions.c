#include "cli/outputs/actions.h"

#include "cli/base/out.h"
#include "cli/outputs/outputs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUMMARY_MAX_BYTES ((size_t)1 << 20) /* of a step */

bool actions_are_here(void)
{
	const char *value = getenv("GITHUB_ACTIONS");

	return value && !strcmp(value, "true");
}

static int append_summary(const char *path, const char *text, size_t n, struct err *err)
{
	struct out *out;
	struct stat st;

	if (!stat(path, &st) && (uint64_t)st.st_size + n > SUMMARY_MAX_BYTES)
		return err_set(err, "no summary: %s would become larger than the 1 MiB that GitHub takes", path);
	out = out_append(path, err);
	if (!out)
		return -1;
	out_write(out, text, n);
	return out_close(out, err);
}

int actions_write(const struct options *options, const struct report *report, struct err *err)
{
	const char *path = getenv("GITHUB_STEP_SUMMARY");
	struct out *annotations = out_memory(), *summary = out_memory(), *out;
	const char *text;
	size_t n;
	int ret = 0;

	outputs_render("github", options, report, annotations);
	text = out_text(annotations, &n);
	if (n) {
		out = out_fd(STDOUT_FILENO, "standard output");
		out_write(out, text, n);
		ret = out_close(out, err);
		if (path && *path) {
			outputs_render("markdown", options, report, summary);
			text = out_text(summary, &n);
			if (append_summary(path, text, n, err))
				ret = -1;
		}
	}
	out_close(annotations, NULL);
	out_close(summary, NULL);
	return ret;
}
