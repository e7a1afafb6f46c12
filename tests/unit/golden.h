/*
 * Compares text with a file of tests/golden/, whole. UPDATE_GOLDEN=1 in the environment writes the files instead:
 * read `git diff tests/golden` afterwards.
 */
#ifndef TESTS_UNIT_GOLDEN_H
#define TESTS_UNIT_GOLDEN_H

#include "cli/render/render.h"
#include "common/compiler.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static MW_UNUSED FILE *golden_open(const char *name, const char *mode)
{
	const char *top = getenv("TOP");
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/golden/%s", top ? top : ".", name);
	file = fopen(path, mode);
	cr_assert(file, "cannot open %s", path);
	return file;
}

static MW_UNUSED void golden_check(const char *name, const char *text)
{
	static char wanted[1 << 20];
	FILE *file;
	size_t n;

	if (getenv("UPDATE_GOLDEN")) {
		file = golden_open(name, "w");
		cr_assert(fputs(text, file) >= 0);
		cr_assert_eq(fclose(file), 0);
		return;
	}
	file = golden_open(name, "r");
	n = fread(wanted, 1, sizeof(wanted) - 1, file);
	fclose(file);
	wanted[n] = '\0';
	cr_assert(strcmp(text, wanted) == 0, "%s differs.\n--- wanted\n%s\n--- got\n%s", name, wanted, text);
}

/* The report in one format; for free(). */
static MW_UNUSED char *render_string(const char *format, const struct report *report,
				     const struct render_options *options)
{
	const struct render_format *found = render_format_find(format);
	struct out *out = out_memory();
	char *text;

	cr_assert(found);
	found->render(report, options, out);
	text = strdup(out_text(out, NULL));
	cr_assert_eq(out_close(out, NULL), 0);
	return text;
}

static MW_UNUSED void golden_render(const char *name, const char *format, const struct report *report,
				    const struct render_options *options)
{
	char *text = render_string(format, report, options);

	golden_check(name, text);
	free(text);
}

#endif
